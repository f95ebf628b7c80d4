"""The names of steps and states that a scenario may name: those of the machines and functions that are deployed."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]


@cache
def state_names() -> tuple[str, ...]:
    """Return the names of all states of all machines, also those inside others."""
    machines = [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "state_machines").glob("*.asl.json")]
    return tuple(sorted({name for machine in machines for name in _states(machine)}))


@cache
def step_names() -> tuple[str, ...]:
    """Return the names of all functions, as states call them: ``PromoteDatabase`` is lambdas/promote_database."""
    folders = sorted(path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py"))
    return tuple("".join(word.capitalize() for word in folder.split("_")) for folder in folders)


def _states(machine: Mapping[str, Any]) -> Iterator[str]:
    for name, state in machine["States"].items():
        yield name
        inside = [*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor"), state.get("Iterator")])]
        for each in inside:
            yield from _states(each)
