"""Taking the right to write away: revoked in the store, fenced at the source, or waited for until it has run out."""

import math
from dataclasses import replace
from typing import Any

from failover.errors import (
    ChangedMeanwhileError,
    DatabaseUnreachableError,
    FatalError,
    StaleTermError,
)
from failover.ports import Ports
from failover.procedures.changing import at_work, change_database, going_on, heeding, tell
from failover.procedures.commands import DatabaseCommand
from failover.procedures.promising import outlasts, stop_promising
from failover.promises import Promise
from failover.records import AFTER_NO_RETURN, DatabaseRecord, LeaseState, Phase
from failover.topology import SLACK_SECONDS

BEAT_SECONDS = 3.0
"""How often a step that waits gives a sign of life; far less than the shortest lease of an incident."""


def revoke_lease(ports: Ports, command: DatabaseCommand) -> dict[str, Any]:
    """Revoke the source's lease; from this write on no renewal succeeds.

    Returns:
        ``{"wait_seconds": s}``: how long the source may still write, counted from now. It is shorter than a
        lease by the longest time for which any observer has seen this very renewal, each by its own clock; not
        if this region has promised anything since, of which no observer can know.

    Raises:
        LocalTableUnreachableError: what this region has promised is not known; nothing is revoked. Try again.
    """

    going_on(ports, command.ticket)

    def revoked(record: DatabaseRecord) -> DatabaseRecord:
        _same_incident(record, command)
        if command.ticket.term <= record.undone_term:
            # This call was under way while its incident was undone: the source has its lease for good.
            raise StaleTermError(f"{record.name}: term {command.ticket.term} was undone; its lease is not revoked")
        if record.incident == command.ticket.id:
            return record
        lease = replace(record.lease, state=LeaseState.REVOKED)
        return replace(record, lease=lease, phase=Phase.REVOKED, incident=command.ticket.id, final=None)

    before, promise = ports.store.database(command.database), None
    _same_incident(before, command)
    if before.incident != command.ticket.id or before.phase is Phase.REVOKED:
        promise = stop_promising(ports, command.ticket, before)
    record = change_database(ports, command.ticket, command.database, revoked)
    if record.epoch != before.epoch:
        raise ChangedMeanwhileError(f"{record.name} came to epoch {record.epoch} while it was being revoked; try again")
    waited = 0.0 if outlasts(promise, record) else _unrenewed_seconds(ports, record)
    wait_seconds = max(0.0, _whole_wait(command, record, promise) - waited)
    text = f"lease of {record.writer} on {record.name} revoked; seen unrenewed for {waited:.1f} s"
    if outlasts(promise, record):
        text = f"lease of {record.writer} on {record.name} revoked; promised to its guard, so waited out in full"
    tell(ports, command.ticket, "LEASE_REVOKED", text, database=record.name, epoch=record.epoch)
    return {"wait_seconds": round(wait_seconds, 3)}


def _unrenewed_seconds(ports: Ports, record: DatabaseRecord) -> float:
    """Return the longest time for which any observer, by its own clock, has seen this very renewal."""
    return max(
        (
            sighting.unrenewed_seconds
            for vote in ports.store.votes()
            for sighting in vote.leases
            if (sighting.database, sighting.epoch, sighting.renewal)
            == (record.name, record.epoch, record.lease.renewal)
        ),
        default=0.0,
    )


def fence_source(ports: Ports, command: DatabaseCommand) -> dict[str, Any]:
    """Try to shut the gate at the source and read it back; an unreachable source permits nothing.

    It is fenced under the next epoch, so that nothing of the revoked one, an admission that comes late or is
    repeated least of all, opens it again.

    Returns:
        ``{"fenced": bool, "wait_seconds": s, "limit_seconds": s}``: what is left of the wait, since this attempt took
        time too, and how long the step that waits may take. The limit goes by the wait and not by the topology: the
        source's guard may hold a longer lease than the one that was deployed here since.

    Raises:
        EpochRefusedError, GateRefusedError: its gate is not as the store says, by somebody's hand: it is open under a
            later epoch, or gone, or on a replica. A wait for the lease would prove nothing there.
    """
    started = ports.clock.elapsed()
    incident = at_work(ports, command.ticket)
    record = ports.store.database(command.database)
    _same_incident(record, command)
    wait_seconds = float(command.waiting.get("wait_seconds", _whole_wait(command, record)))
    if record.phase is Phase.FENCED:  # whoever fenced it may have died before it was told: also what is aborted now
        _tell_fenced(ports, command, record)
    heeding(ports, incident)
    if record.phase in (Phase.FENCED, *AFTER_NO_RETURN):  # an earlier term has stopped it, and gone on
        return _stopped(fenced=True)
    if record.phase is not Phase.REVOKED or "FenceSource" in incident.skipped:
        return _stopped(wait_seconds)
    try:
        state = ports.agent.fence(record.name, record.writer, record.epoch + 1)
    except (DatabaseUnreachableError, FatalError) as exc:  # a login that fails there must not hold up the others
        left = max(0.0, wait_seconds - (ports.clock.elapsed() - started))
        tell(ports, command.ticket, "FENCE_UNREACHABLE", str(exc), database=record.name, epoch=record.epoch)
        return _stopped(left)

    def fenced(seen: DatabaseRecord) -> DatabaseRecord:
        _same_incident(seen, command)
        return replace(seen, phase=Phase.FENCED, final=state.position) if seen.phase is Phase.REVOKED else seen

    _tell_fenced(ports, command, change_database(ports, command.ticket, record.name, fenced))
    return _stopped(fenced=True)


def _stopped(wait_seconds: float = 0.0, *, fenced: bool = False) -> dict[str, Any]:
    limit = math.ceil(wait_seconds) + SLACK_SECONDS
    return {"fenced": fenced, "wait_seconds": round(wait_seconds, 3), "limit_seconds": limit}


def _tell_fenced(ports: Ports, command: DatabaseCommand, record: DatabaseRecord) -> None:
    text = f"gate of {record.name} in {record.writer} read back shut at position {record.final}"
    tell(ports, command.ticket, "FENCED", text, database=record.name, epoch=record.epoch)


def await_lease(ports: Ports, command: DatabaseCommand) -> dict[str, Any]:
    """Wait out what is left of a revoked lease, on this machine's own clock and no other's.

    The wait starts after the revocation was acknowledged, so counting it from here is never too short.
    """
    incident = at_work(ports, command.ticket)
    record = ports.store.database(command.database)
    _same_incident(record, command)
    if record.phase is Phase.WAITED_OUT:  # whoever waited may have died before it was told: also what is aborted now
        _tell_waited(ports, command, record, 0.0)
    heeding(ports, incident)
    if record.phase is not Phase.REVOKED:
        return {"waited_seconds": 0.0}
    wait_seconds = float(command.waiting["wait_seconds"])
    _wait(ports, command, wait_seconds)

    def waited_out(seen: DatabaseRecord) -> DatabaseRecord:
        _same_incident(seen, command)
        return replace(seen, phase=Phase.WAITED_OUT) if seen.phase is Phase.REVOKED else seen

    _tell_waited(ports, command, change_database(ports, command.ticket, record.name, waited_out), wait_seconds)
    return {"waited_seconds": wait_seconds}


def _tell_waited(ports: Ports, command: DatabaseCommand, record: DatabaseRecord, seconds: float) -> None:
    text = f"lease of {record.writer} on {record.name} has run out; waited {seconds:.1f} s"
    tell(ports, command.ticket, "LEASE_WAITED_OUT", text, database=record.name, epoch=record.epoch)


def _wait(ports: Ports, command: DatabaseCommand, seconds: float) -> None:
    """Sleep, with a sign of life in between: observers must not take a wait for a death."""
    until = ports.clock.elapsed() + seconds
    while (left := until - ports.clock.elapsed()) > 0:
        ports.clock.sleep(min(left, BEAT_SECONDS))
        if until - ports.clock.elapsed() > 0:
            at_work(ports, command.ticket)


def _whole_wait(command: DatabaseCommand, record: DatabaseRecord, promise: Promise | None = None) -> float:
    lease, promised = command.topology.lease, promise.lasts_seconds if promise is not None else 0.0
    return max(lease.lease_seconds, record.lease.lasts_seconds, promised) + lease.margin_seconds


def _same_incident(record: DatabaseRecord, command: DatabaseCommand) -> None:
    """An admitted database is free: the incident that moved it is closed, or its executor died in closing it."""
    if record.phase is not Phase.ADMITTED and record.incident not in (None, command.ticket.id):
        raise StaleTermError(f"{record.name} is being moved by incident {record.incident}, not by {command.ticket.id}")
