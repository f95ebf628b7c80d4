"""The first step of a region's return: what only its copy has is kept before anything can overwrite it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from failover.errors import ArchiveIncompleteError, ArchiveNotKeptError, StaleTermError
from failover.ports import Ports
from failover.procedures.changing import at_work, change_database, going_on, tell
from failover.procedures.commands import DatabaseCommand
from failover.records import DatabaseRecord, Divergence, JournalEntry, Phase, Word, WordKind
from failover.tails import Archive, TailRequest
from failover.topology import Topology

WORKS_SECONDS: Final = 60.0
"""For how long one run of the step goes on with the next part; its time limit is 120 s, a part's 40 s."""

NOTHING: Final = "nothing"
"""In place of a file: the copy never wrote, so that there was nothing to keep."""


def archive_tail(ports: Ports, command: DatabaseCommand) -> dict[str, Any]:
    """Keep what the returned copy had acknowledged and the writer lacks; safe to repeat, and it goes on.

    A copy that was a replica never wrote. What it received of the old writer, the old writer has as well; where it
    has more than the new writer and the old writer's is not kept, that is not certain, and a person must look.

    Returns:
        ``{"archive": file, "transactions": n, "rows": n, "complete": bool}``; without a divergence, archive is None.

    Raises:
        StaleTermError: this incident is over, or another region has become the writer meanwhile.
        DatabaseUnreachableError: the copy's region does not answer; try again.
        GateRefusedError: the copy takes writes, which an old writer must not.
        ArchiveIncompleteError: not all of it can be read, and nobody has consented to that.
        ArchiveNotKeptError: more is left than one run keeps; call again.
    """
    began = ports.clock.elapsed()
    going_on(ports, command.ticket)
    record, divergence = diverged(ports, command)
    if divergence is None:
        return {"archive": None, "transactions": 0, "rows": 0, "complete": True}
    region, state = command.ticket.subject, ports.agent.describe(record.name, command.ticket.subject)
    if state.in_recovery:
        _require_covered(ports, command, record, divergence, state.position)
        archive = divergence.archive or NOTHING
        if divergence.archive is None:
            # Told first, as all of a failback's lines are: it is so already, and nobody would say it again.
            text = f"the copy of {record.name} in {region} was a replica: nothing of its own to keep"
            tell(ports, command.ticket, "TAIL_ARCHIVED", text, database=record.name, epoch=divergence.epoch)
            write_divergence(ports, command, record, replace(divergence, archive=archive))
        return {"archive": archive, "transactions": 0, "rows": 0, "complete": True}
    kept = divergence.kept
    while kept is None or kept.rest is not None:
        if ports.clock.elapsed() - began > WORKS_SECONDS:
            raise ArchiveNotKeptError(f"{record.name} in {region}: {kept.rows if kept else 0} rows kept, more is left")
        kept = _one_more(ports, command, record, divergence, kept)
        divergence = replace(divergence, kept=kept)
        # Written down before the next part is asked for: the agent then moves its slot past this one.
        write_divergence(ports, command, record, divergence)
    if divergence.archive != kept.file:
        _write_archived(ports, command, record, kept)
    return {
        "archive": kept.file,
        "transactions": kept.transactions,
        "rows": kept.rows,
        "complete": kept.complete,
    }


def consent_to_gaps(ports: Ports, topology: Topology, database: str, by: str, reason: str) -> Word:
    """Record that what can still be read of an old writer's tail is enough.

    Raises:
        NotInitialisedError: the store has no such database.
    """
    ports.store.database(database)
    now, lasts = ports.clock.now(), timedelta(seconds=topology.policy.consent_seconds)
    given = Word(WordKind.CONSENT, about_tail(database), by, reason, now, now + lasts)
    ports.store.say(given)
    text = f"{by} consents to an incomplete tail of {database}: {reason}"
    ports.store.append(JournalEntry(now, ports.here, "TAIL_CONSENT", text, database=database))
    return given


def about_tail(database: str) -> str:
    """What a consent to an incomplete tail is about."""
    return f"tail:{database}"


def diverged(ports: Ports, command: DatabaseCommand) -> tuple[DatabaseRecord, Divergence | None]:
    """Return the database's item, and how the subject's copy has diverged, if it has.

    Raises:
        StaleTermError: the subject writes, or the database is being moved: a failover came in between.
    """
    record, subject = ports.store.database(command.database), command.ticket.subject
    if record.writer == subject:
        raise StaleTermError(f"{subject} writes {record.name} now; there is nothing to bring back")
    # An admitted database is free: its incident is closed, or its executor died in closing it.
    if record.phase is not Phase.ADMITTED and record.incident not in (None, command.ticket.id):
        raise StaleTermError(f"{record.name} is being moved by incident {record.incident}; bring it back afterwards")
    return record, record.diverged.get(subject)


def write_divergence(
    ports: Ports, command: DatabaseCommand, seen: DatabaseRecord, wanted: Divergence | None
) -> DatabaseRecord:
    """Change how the subject's copy has diverged, or that it has; only while the writer is the one that was seen.

    Raises:
        StaleTermError: another region has become the writer, or the incident is not this one's any more.
    """
    subject = command.ticket.subject

    def changed(record: DatabaseRecord) -> DatabaseRecord:
        _require_same_writer(record, seen)
        others = {region: each for region, each in record.diverged.items() if region != subject}
        return replace(record, diverged=others if wanted is None else {**others, subject: wanted})

    return change_database(ports, command.ticket, seen.name, changed)


def _require_same_writer(record: DatabaseRecord, seen: DatabaseRecord) -> None:
    if (record.writer, record.epoch) != (seen.writer, seen.epoch):
        raise StaleTermError(f"{record.writer} writes {record.name} by now, under epoch {record.epoch}; start again")


def _one_more(
    ports: Ports, command: DatabaseCommand, record: DatabaseRecord, divergence: Divergence, kept: Archive | None
) -> Archive:
    at_work(ports, command.ticket)
    at, allowed = kept.rest if kept else None, _gaps_allowed(ports, record.name)
    request = TailRequest(divergence.epoch, divergence.position, at, allowed)
    part = ports.agent.archive(record.name, command.ticket.subject, request)
    return kept.joined(part) if kept else part


def _gaps_allowed(ports: Ports, database: str) -> bool:
    consent = ports.store.word(WordKind.CONSENT, about_tail(database))
    return consent is not None and consent.counts(ports.clock.now()) and not consent.refuses


def _write_archived(ports: Ports, command: DatabaseCommand, seen: DatabaseRecord, kept: Archive) -> None:
    """Say where it is, and that the old writer's replicas, which can have nothing else, are covered by it."""
    subject = command.ticket.subject
    epoch = seen.diverged[subject].epoch

    def covered(region: str, each: Divergence) -> Divergence:
        if region == subject:
            return replace(each, archive=kept.file)
        return (
            replace(each, archive=kept.file) if kept.complete and (each.epoch, each.archive) == (epoch, None) else each
        )

    def archived(record: DatabaseRecord) -> DatabaseRecord:
        _require_same_writer(record, seen)
        return replace(record, diverged={region: covered(region, each) for region, each in record.diverged.items()})

    age = "" if kept.oldest_at is None else f", the oldest committed at {kept.oldest_at:%Y-%m-%d %H:%M:%S} UTC"
    gaps = "" if kept.complete else "; NOT COMPLETE, as an operator consented"
    text = f"{kept.rows} rows of {seen.name} that only {command.ticket.subject} had are in {kept.file}{age}{gaps}"
    facts = {
        "file": str(kept.file),
        "parts": str(kept.parts),
        "rows": str(kept.rows),
        "transactions": str(kept.transactions),
        "oldest": kept.oldest_at.isoformat() if kept.oldest_at else "",
        "newest": kept.newest_at.isoformat() if kept.newest_at else "",
        "complete": "yes" if kept.complete else "no",
    }
    tell(ports, command.ticket, "TAIL_ARCHIVED", text, database=seen.name, epoch=epoch, facts=facts)
    change_database(ports, command.ticket, seen.name, archived)


def _require_covered(
    ports: Ports, command: DatabaseCommand, record: DatabaseRecord, divergence: Divergence, received: int
) -> None:
    """A replica that has more than the new writer has it from the old one; is that one's tail kept?"""
    if divergence.archive is not None or (divergence.position is not None and received <= divergence.position):
        return
    if _gaps_allowed(ports, record.name):
        return
    raise ArchiveIncompleteError(
        f"{record.name}: the replica in {command.ticket.subject} has received more than the new writer, and what the "
        "old writer had is not kept: bring the old writer's region back first, or consent to losing it with "
        f"`lifeboat consent {record.name} --tail`"
    )
