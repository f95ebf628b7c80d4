"""What is told while a play runs: lines of the timeline, and how each step ended."""

from dataclasses import dataclass
from enum import StrEnum

from rehearsal.facts import Gate, Journalled
from rehearsal.sightings import Change, Trace
from rehearsal.watching import Watched

CONTROL_PLANE = "control plane"
TRAFFIC = "traffic"
SCENARIO = "scenario"


class LineKind(StrEnum):
    """What a line of the timeline speaks of."""

    FAULT = "fault"
    HEAL = "heal"
    OPERATOR = "operator"
    HELD = "held"
    BROKEN = "broken"
    REGION = "region"
    GATE = "gate"
    WRITER = "writer"
    TRAFFIC = "traffic"
    JOURNAL = "journal"
    VOTE = "vote"
    HEALTH = "health"
    PROMOTION = "promotion"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline; ``lane`` is a region, the control plane, the traffic or the scenario itself."""

    at: float
    lane: str
    kind: LineKind
    text: str


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A step is done: the ``number``-th of ``total``; ``held`` is ``None`` where nothing was expected of it."""

    number: int
    total: int
    at: float
    text: str
    held: bool | None
    observed: str


Told = Line | StepEnded


def of_change(trace: Trace, change: Change) -> Line | None:
    """Return the line of something that was seen to change; ``None`` where another line says it already."""
    value, of = change.value, change.of
    if isinstance(value, bool):
        return Line(change.at, of, LineKind.REGION, "is up" if value else "is down")
    if isinstance(value, Gate):
        database, region = of.split("/")
        return Line(change.at, region, LineKind.GATE, f"gate of {database} {value.value}")
    if isinstance(value, tuple) and change in trace.writing:
        return Line(change.at, CONTROL_PLANE, LineKind.WRITER, f"{' and '.join(value) or 'nobody'} writes {of}")
    if isinstance(value, tuple):
        return Line(change.at, TRAFFIC, LineKind.TRAFFIC, f"clients of {of} → {', '.join(value) or 'no answer'}")
    return None


def of_entry(journalled: Journalled) -> Line:
    """Return the line of an entry of the journal."""
    entry = journalled.entry
    rule = f" [{entry.rule}]" if entry.rule else ""
    text = f"{entry.kind.lower().replace('_', ' ')}{rule}: {entry.text}"
    return Line(journalled.at, CONTROL_PLANE, LineKind.JOURNAL, f"{text} ({entry.region})")


def of_step(watched: Watched, total: int, at: float) -> StepEnded:
    """Return the news that a step ended."""
    return StepEnded(watched.index + 1, total, at, watched.step.told(), watched.held, watched.observed)
