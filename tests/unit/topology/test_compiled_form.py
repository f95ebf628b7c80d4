"""The compiled topology says all that the document says, and nothing of how it was written."""

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from failover.topology import Topology, compiled, digest, parse
from tests.unit.topology.strategies import Document, as_yaml, documents, shuffled
from topology_document import TopologyError, load_text

quickly = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def topology_of(document: Document) -> Topology:
    return load_text(as_yaml(document), "document.yaml")[0]


@quickly
@given(documents())
def test_a_topology_survives_its_journey_as_json(document: Document) -> None:
    topology = topology_of(document)
    arrived = parse(json.loads(json.dumps(compiled(topology))))
    assert arrived == topology
    assert digest(arrived) == digest(topology)


@quickly
@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_keys_says_nothing(document: Document, chance: random.Random) -> None:
    rearranged = topology_of(shuffled(document, chance))
    assert rearranged == topology_of(document)
    assert digest(rearranged) == digest(topology_of(document))


@quickly
@given(documents())
def test_a_default_and_its_value_are_the_same(document: Document) -> None:
    topology = topology_of(document)
    written: Any = json.loads(json.dumps(document))
    for database in topology.databases:
        written["databases"][database.name] |= {
            "born_in": database.born_primary,
            "residency": database.zone,
            "rpo_seconds": database.rpo_seconds,
        }
    for route in topology.routes:
        written["routes"][route.name] |= {"regions": list(route.regions), "writes": route.writes}
    written["control_regions"] = list(topology.control_regions)
    written["observation"] |= {
        "neutral": list(topology.observation.neutral),
        "fresh_seconds": topology.observation.fresh_seconds,
    }
    assert topology_of(written) == topology


@quickly
@given(documents())
def test_every_region_that_is_named_is_declared(document: Document) -> None:
    topology = topology_of(document)
    declared = set(topology.region_names)
    assert topology.regions[0] == topology.primary
    for database in topology.databases:
        assert set(database.regions) <= declared
        assert {topology.region(region).zone for region in database.regions} == {database.zone}
    for route in topology.routes:
        assert set(route.regions) <= declared


@quickly
@given(documents(), st.data())
def test_another_document_has_another_digest(document: Document, data: st.DataObject) -> None:
    section, key = data.draw(
        st.sampled_from(
            [("targets", "rto_seconds"), ("failover", "cool_down_seconds"), ("failover", "approval_seconds")]
        )
    )
    changed: Any = json.loads(json.dumps(document))
    changed[section][key] = 7177
    if document[section].get(key) != 7177:
        assert digest(topology_of(changed)) != digest(topology_of(document))


WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["us-east-1", "primary", "10.0.0.0/8", "5s", "@", ".", "https://x", "a" * 300]),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@settings(parent=quickly, max_examples=80)
@given(documents(), st.data())
def test_whatever_is_put_in_the_answer_is_a_topology_or_a_list_of_mistakes(
    document: Document, data: st.DataObject
) -> None:
    spoilt: Any = json.loads(json.dumps(document))
    for _ in range(data.draw(st.integers(1, 3))):
        _spoil(spoilt, data)
    try:
        load_text(as_yaml(spoilt), "document.yaml")
    except TopologyError as error:
        assert error.mistakes
        for line in str(error).split("\n"):
            assert line.startswith("document.yaml: ")
            line.encode()


def _spoil(document: Any, data: st.DataObject) -> None:
    around = document
    while True:
        if not around:
            return
        keys = list(around) if isinstance(around, dict) else range(len(around))
        key = data.draw(st.sampled_from(keys))
        inner = around[key]
        if not isinstance(inner, dict | list) or data.draw(st.booleans()):
            break
        around = inner
    if isinstance(around, dict) and data.draw(st.booleans()):
        around[data.draw(st.text(max_size=8))] = around.pop(key)
    else:
        around[key] = data.draw(WRONG)


@settings(parent=quickly, max_examples=100)
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(TopologyError) as caught:
        load_text(text, "document.yaml")
    assert all(line.startswith("document.yaml: ") for line in str(caught.value).split("\n"))
