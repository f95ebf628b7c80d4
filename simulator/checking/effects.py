"""What a change of the store's items means, in the journal's words.

The journal tells what somebody did after it was done, and not always: an executor can die in between, and a line of
one can overtake another's. The items are the truth, one after another. So here it is they that the invariants judge,
and the journal is held against them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from failover.records import (
    Control,
    DatabaseRecord,
    Divergence,
    Incident,
    JournalEntry,
    LeaseState,
    Phase,
    Word,
    WordKind,
)

NO_CLOCK: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""An effect is no line of anybody's: its time is the schedule's own, and is handed on beside it."""

TOLD_BY_ITEMS: Final = frozenset(
    (
        "INCIDENT_OPENED",
        "PREEMPTED",
        "TAKEN_OVER",
        "JOINED",
        "INCIDENT_CLOSED",
        "COMPENSATED",
        "EVACUATED",
        "TRAFFIC_RETURNED",
        "PAUSED",
        "RESUMED",
        "CONSENT",
        "LEASE_REVOKED",
        "FENCED",
        "LEASE_WAITED_OUT",
        "PROMOTING",
        "ADMITTED",
        "LEASE_REGRANTED",
        "TAIL_ARCHIVED",
        "REJOINING",
        "REJOINED",
    )
)
"""The kinds of lines that only repeat what an item says; every other line is all that is known of its effect."""

PREEMPTED_MACHINE: Final = "failback"
PHASES: Final = {Phase.FENCED: "FENCED", Phase.WAITED_OUT: "LEASE_WAITED_OUT"}
COMPENSATED: Final = "COMPENSATED"


def of_database(before: DatabaseRecord, after: DatabaseRecord) -> Iterator[JournalEntry]:
    """What has happened to a database between two versions of its item."""
    state = (before.phase, before.lease.state, before.writer, before.epoch, before.target)
    if state != (after.phase, after.lease.state, after.writer, after.epoch, after.target):
        yield from _of_lease(before, after)
    if before.diverged != after.diverged:
        yield from _of_copies(before, after)


def _of_lease(before: DatabaseRecord, after: DatabaseRecord) -> Iterator[JournalEntry]:
    revoked = before.lease.state is LeaseState.GRANTED and after.lease.state is LeaseState.REVOKED
    granted = before.lease.state is LeaseState.REVOKED and after.lease.state is LeaseState.GRANTED
    if revoked:
        yield _of(after, "LEASE_REVOKED", after.incident)
    if after.phase is not before.phase and after.phase in PHASES:
        yield _of(after, PHASES[after.phase], after.incident)
    if after.phase is Phase.PROMOTING and (before.phase, before.target) != (after.phase, after.target):
        facts = {"target": str(after.target), "loss_allowed": str(after.allowed)}
        yield _of(after, "PROMOTING", after.incident, epoch=after.epoch + 1, facts=facts)
    if after.writer != before.writer or (after.phase is Phase.ADMITTED and before.phase is not Phase.ADMITTED):
        yield _of(after, "ADMITTED", after.incident)
    elif granted or after.epoch != before.epoch:
        yield _of(after, "LEASE_REGRANTED", before.incident)


def _of_copies(before: DatabaseRecord, after: DatabaseRecord) -> Iterator[JournalEntry]:
    same_writer = before.epoch == after.epoch
    for region in sorted({*before.diverged, *after.diverged}):
        then, now = before.diverged.get(region), after.diverged.get(region)
        if then is not None and now is None and same_writer:
            yield _of(after, "REJOINED", None, facts={"region": region})
        if now is not None:
            yield from _of_copy(after, region, then or Divergence(now.epoch, now.position), now)


def _of_copy(record: DatabaseRecord, region: str, then: Divergence, now: Divergence) -> Iterator[JournalEntry]:
    if now.archive is not None and now.archive != then.archive:
        yield _of(record, "TAIL_ARCHIVED", None, epoch=now.epoch, facts={"region": region})
    if now.rejoining and not then.rejoining:
        yield _of(record, "REJOINING", None, facts={"region": region})


def _of(record: DatabaseRecord, kind: str, incident: str | None, **more: Any) -> JournalEntry:
    fields: dict[str, Any] = {"database": record.name, "epoch": record.epoch, "incident": incident, **more}
    return JournalEntry(NO_CLOCK, "", kind, kind.lower(), **fields)


def of_control(before: Control, after: Control) -> Iterator[JournalEntry]:
    """What has happened to incidents, to traffic and to operators' orders between two versions of the control item."""
    then, now = before.incident, after.incident
    if then is not now:
        yield from _of_incident(then, now)
    if before.evacuated != after.evacuated:
        for region in sorted(set(after.evacuated) - set(before.evacuated)):
            yield _line("EVACUATED", now or then, subject=region, incident=after.evacuated[region])
        for region in sorted(set(before.evacuated) - set(after.evacuated)):
            yield _line("TRAFFIC_RETURNED", then, subject=region)
    if then is not None and now is None:
        kind = COMPENSATED if after.outcome == COMPENSATED else "INCIDENT_CLOSED"
        yield _line(kind, then, facts={"outcome": str(after.outcome)})
    if before.pause != after.pause:
        pause = after.pause
        facts = {"until": pause.until.isoformat()} if pause else {}
        yield JournalEntry(NO_CLOCK, "", "PAUSED" if pause else "RESUMED", "the pause", facts=facts)


def _of_incident(then: Incident | None, now: Incident | None) -> Iterator[JournalEntry]:
    if now is None:
        return
    if then is None or then.id != now.id:
        if then is not None and then.machine == PREEMPTED_MACHINE:
            yield _line("PREEMPTED", then)
        yield _line("INCIDENT_OPENED", now, facts={"machine": now.machine})
    elif then.term != now.term:
        yield _line("TAKEN_OVER", now)
    if now.execution is not None and (then is None or (then.term, then.execution) != (now.term, now.execution)):
        facts = {"execution": now.execution.rsplit(":", 1)[-1], "machine": now.machine}
        yield _line("JOINED", now, facts=facts)


def _line(kind: str, of: Incident | None, **more: Any) -> JournalEntry:
    fields: dict[str, Any] = {}
    if of is not None:
        fields = {"rule": of.rule, "subject": of.subject, "incident": of.id, "term": of.term, "digest": of.digest}
    return JournalEntry(NO_CLOCK, "", kind, kind.lower(), **{**fields, **more})


def of_word(word: Word) -> Iterator[JournalEntry]:
    """A consent counts from the moment in which it is in the store."""
    if word.kind is WordKind.CONSENT and not word.refuses:
        yield JournalEntry(NO_CLOCK, "", "CONSENT", word.reason, database=word.about)
