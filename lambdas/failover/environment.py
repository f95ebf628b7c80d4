"""How a function is told what it must know: a class whose fields are variables of its process environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Variables named ``LIFEBOAT_<FIELD>``; lists and mappings travel as JSON."""

    def as_variables(self) -> dict[str, str]:
        """Return the process environment that says this."""
        return {_variable(each.name): _written(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> Self:
        """Read the environment back.

        Raises:
            KeyError: a variable of this class is not set.
        """
        return cls(**{each.name: _read(variables[_variable(each.name)]) for each in fields(cls)})


def _variable(name: str) -> str:
    return f"LIFEBOAT_{name.upper()}"


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _read(text: str) -> object:
    if not text.startswith(("[", "{")):
        return text
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else value
