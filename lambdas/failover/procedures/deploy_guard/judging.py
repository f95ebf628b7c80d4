"""May this be deployed now? Pure rules over a change, the open incident and what operators have overridden."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from failover.ports import Ports
from failover.procedures.deploy_guard.changes import Action, Change
from failover.procedures.deploy_guard.kept import POLICIES, SOURCES
from failover.records import Incident, Word, WordKind


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` says why not and what to do, or which override let it pass; it is empty for what is ordinary."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules look at, read from the quorum store at ``now``."""

    incident: Incident | None
    overrides: tuple[Word, ...]
    now: datetime


def look(ports: Ports) -> Reading:
    """Read what the rules need; raises ``StoreUnreachableError`` when nobody can say whether an incident is open."""
    said = tuple(word for word in ports.store.words() if word.kind is WordKind.OVERRIDE)
    return Reading(ports.store.control().incident, said, ports.clock.now())


def judge_stack(stack: str, *, deleted: bool, reading: Reading) -> Verdict:
    """Judge that a stack is touched at all, before anybody looks at what changes in it."""
    word = _override(stack, reading.overrides, reading.now)
    if word is not None:
        return Verdict(allowed=True, reason=_allowed(stack, word))
    incident = reading.incident
    if incident is not None:
        return Verdict(
            allowed=False,
            reason=f"{stack}: incident {incident.id} ({incident.subject}, {incident.state}) is open since "
            f"{incident.opened_at:%Y-%m-%d %H:%M} UTC, and nothing may change under it; wait until it is closed, or, "
            f"if it cannot be closed without this change: {_how(stack)}",
        )
    if deleted:
        return Verdict(
            allowed=False,
            reason=f"{stack}: would be deleted with all that is in it; a region leaves a product by its topology. "
            f"If it is to go: {_how(stack)}",
        )
    return Verdict(allowed=True)


def judge_change(change: Change, incident: Incident | None, overrides: Iterable[Word], now: datetime) -> Verdict:
    """Judge one change of a resource."""
    reading = Reading(incident, tuple(overrides), now)
    touched = judge_stack(change.stack, deleted=False, reading=reading)
    if not touched.allowed or not _turned(change):
        return touched
    word = _override(change.about, reading.overrides, now)
    if word is not None:
        return Verdict(allowed=True, reason=_allowed(change.about, word))
    return Verdict(allowed=False, reason=f"{_told(change)}; {_instead(change)}, or {_how(change.about)}")


def judge_changes(
    stack: str, changes: Sequence[Change], reading: Reading, *, deleted: bool = False
) -> tuple[Verdict, ...]:
    """Judge all that is to happen to a stack; what is ordinary is left out of the verdicts."""
    touched = judge_stack(stack, deleted=deleted, reading=reading)
    if not touched.allowed:
        return (touched,)
    judged = (judge_change(each, reading.incident, reading.overrides, reading.now) for each in changes)
    return tuple(dict.fromkeys(verdict for verdict in (touched, *judged) if verdict.reason))


def _turned(change: Change) -> bool:
    if change.data is None or change.action is Action.ADD:
        return False
    return change.action in (Action.REMOVE, Action.REPLACE) or bool(change.turning)


def _told(change: Change) -> str:
    what = change.data.what if change.data else "resource"
    name = f" {change.name}" if change.name else ""
    who = f"{change.about}: the {what}{name}"
    names = ", ".join(change.turning or change.changed)
    if change.action is Action.REMOVE:
        return f"{who} would be removed"
    if SOURCES.intersection(change.turning):
        return f"{who} would follow something else ({names}): CloudFormation promotes or replaces it for that"
    if change.action is Action.MODIFY and set(change.turning) <= {*POLICIES, "DeletionProtection"}:
        return f"{who} would lose its protection ({names})"
    return f"{who} would be replaced by an empty one ({names})"


def _instead(change: Change) -> str:
    if SOURCES.intersection(change.turning):
        return "a writer is moved by a failover or a switchover, and its template stays as it was born"
    return "put back into the topology what it had"


def _how(about: str) -> str:
    return f"`lifeboat override {about} --reason TEXT --for 30m` allows it for a while"


def _override(about: str, overrides: Iterable[Word], now: datetime) -> Word | None:
    counting = (word for word in overrides if word.about == about and word.counts(now) and not word.refuses)
    return next(counting, None)


def _allowed(about: str, word: Word) -> str:
    return f"{about}: {word.by} overrode until {word.until:%Y-%m-%d %H:%M:%S} UTC: {word.reason}"
