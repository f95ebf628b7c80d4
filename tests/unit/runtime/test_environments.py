"""Each environment class says in variables what it says in fields, and reads the same back."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover import environments
from failover.environment import Environment
from failover.environments import DatabaseAgentEnvironment

KINDS = sorted(
    (
        kind
        for kind in vars(environments).values()
        if inspect.isclass(kind) and issubclass(kind, Environment) and kind is not Environment
    ),
    key=lambda kind: kind.__name__,
)
plain = st.from_regex(r"[a-zA-Z0-9:./_-]{1,40}", fullmatch=True)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    "str": plain,
    str: plain,
    tuple[str, ...]: st.lists(plain, max_size=4).map(tuple),
    dict[str, str]: st.dictionaries(plain, plain, max_size=4),
    Mapping[str, Sequence[str]]: st.dictionaries(plain, st.lists(plain, max_size=3), max_size=3),
    Mapping[str, Mapping[str, Any]]: st.dictionaries(plain, st.dictionaries(plain, plain, max_size=3), max_size=3),
    dict[str, object]: st.dictionaries(plain, st.dictionaries(plain, st.integers()), max_size=4),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_what_a_stack_writes_a_function_reads(kind: type[Environment], data: st.DataObject) -> None:
    told = kind(**{each.name: data.draw(VALUES[each.type], label=each.name) for each in fields(kind)})
    variables = told.as_variables()
    assert kind.from_variables(variables) == told
    assert kind.from_variables({**variables, "PATH": "/bin", "LIFEBOAT_OTHER": "x"}) == told
    assert all(isinstance(value, str) for value in variables.values())
    assert set(variables) == {f"LIFEBOAT_{each.name.upper()}" for each in fields(kind)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_variable_that_its_stack_forgot_is_named(kind: type[Environment]) -> None:
    values: dict[Any, Any] = {
        str: "x",
        tuple[str, ...]: ("x",),
        dict[str, str]: {"x": "y"},
        dict[str, object]: {"x": 1},
        Mapping[str, Sequence[str]]: {"x": ["y"]},
        Mapping[str, Mapping[str, Any]]: {"x": {"y": 1}},
    }
    whole = kind(**{each.name: values[each.type] for each in fields(kind)}).as_variables()
    for missing in whole:
        with pytest.raises(KeyError, match=missing):
            kind.from_variables({name: value for name, value in whole.items() if name != missing})


def test_endpoints_travel_with_their_ports() -> None:
    told = DatabaseAgentEnvironment(
        bucket="a-bucket", endpoints={"orders": "orders.abc.eu-west-1.rds.amazonaws.com:5432"}
    )
    assert DatabaseAgentEnvironment.from_variables(told.as_variables()).endpoints == told.endpoints
