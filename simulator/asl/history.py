"""What an execution tells of itself while it runs, and the spans that can be made of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from rehearsal.history import StateSpan


class Kind(Enum):
    """What happened to a state."""

    ENTERED = "entered"
    """Its document is the input."""
    TRIED = "tried"
    """One attempt failed, and a retry or a catcher follows. Its document is the Error and the Cause."""
    LEFT = "left"
    """Its document is the output; also where a catcher led on."""
    FAILED = "failed"
    """Nothing caught it: its branch or its machine ends. Its document is the Error and the Cause."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a state in one visit of it.

    ``place`` is the branch in which it stands: empty for the machine's own states, ``MoveData[0]/PromoteDatabases[1]``
    for those of the second item in the first branch. ``visit`` is a number of its own for each time that an
    execution enters a state. A visit without an end was stopped: by a branch beside it that failed, or with
    its execution. ``at`` is in seconds, on the clock that the interpreter was given.
    """

    kind: Kind
    at: float
    execution: str
    place: str
    state: str
    visit: int
    document: Any


Observer = Callable[[Event], None]


def spans(events: Iterable[Event], region: str, ended: float | None) -> list[StateSpan]:
    """Return how long each state took, in the order in which they were entered.

    ``ended`` is when the execution ended, in seconds, or ``None`` while it runs: what was stopped ends then, at the
    latest.
    """
    entered: dict[tuple[str, int], Event] = {}
    last: dict[tuple[str, int], Event] = {}
    for event in events:
        key = (event.execution, event.visit)
        if event.kind is Kind.ENTERED:
            entered[key] = event
        elif event.kind is not Kind.TRIED:
            last[key] = event
    made = []
    for key, begun in entered.items():
        end = last.get(key)
        left, failed = (ended, ended is not None) if end is None else (end.at, end.kind is Kind.FAILED)
        made.append(StateSpan(begun.execution, region, begun.state, begun.at, left, failed=failed))
    return made
