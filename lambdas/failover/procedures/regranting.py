"""Giving the right to write back, when nothing irreversible has happened."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from failover.errors import DatabaseUnreachableError, FatalError, NotFencedError, TransientError
from failover.ports import CopyState, Ports
from failover.procedures.changing import at_work, change_database, tell
from failover.procedures.commands import DatabaseCommand
from failover.procedures.promising import resume_promising
from failover.procedures.renewing import renewed
from failover.records import AFTER_NO_RETURN, STOPPED, DatabaseRecord, LeaseState, Phase


def regrant_lease(ports: Ports, command: DatabaseCommand) -> dict[str, Any]:
    """Give the source its lease back; only before the point of no return.

    A source that answers is admitted anew, also when the answer to its fence or to an earlier admission was lost;
    and under an epoch past that of the fence, so that a fence which hung somewhere and arrives now shuts nothing.
    One that nobody reaches keeps its epoch and its gate, and its own guard takes up the renewals.

    Raises:
        NotFencedError: the point of no return has passed, so that the source may never write again.
        DatabaseUnreachableError: the source was fenced and does not answer; try again.
    """
    at_work(ports, command.ticket)
    record = ports.store.database(command.database)
    _refuse_after_no_return(record, command)
    # The database's clock is read before the store grants: a gate must never outlive what the store promised.
    gate, granted = _gate_to_open(ports, record), False

    def regranted(seen: DatabaseRecord) -> DatabaseRecord:
        nonlocal granted
        _refuse_after_no_return(seen, command)  # a step of the term before may have been under way until now
        ours = seen.incident == command.ticket.id and seen.phase in (Phase.REVOKED, *STOPPED)
        done = gate is not None and seen.phase is Phase.STEADY and seen.lease.state is LeaseState.GRANTED
        if seen.incident in (None, command.ticket.id):
            # Written also where there is nothing to give back: a revocation that is under way loses to it.
            seen = replace(seen, undone_term=max(seen.undone_term, command.ticket.term))
        granted = ours or done
        if not granted:
            return seen
        lease, epoch = replace(seen.lease, state=LeaseState.GRANTED), seen.epoch
        if gate is None:
            lease = replace(lease, renewal=lease.renewal + 1)
        else:
            lease = renewed(lease, gate, command.topology.lease.lease_seconds)
            epoch = max(gate.gate_epoch + 1, epoch + 2 if ours else epoch)  # a fence has the next one
        return replace(seen, lease=lease, phase=Phase.STEADY, incident=None, target=None, final=None, epoch=epoch)

    after = change_database(ports, command.ticket, record.name, regranted)
    if gate is not None and granted:  # a gate is opened for what the store grants, and for nothing else
        lease = command.topology.lease
        valid_until = gate.clock + lease.lease_seconds - lease.margin_seconds
        ports.agent.admit(after.name, after.writer, after.epoch, valid_until)
    text = f"lease of {after.writer} on {after.name} granted again"
    tell(ports, command.ticket, "LEASE_REGRANTED", text, database=after.name, epoch=after.epoch)
    with suppress(TransientError):  # else this region goes on refusing promises of this epoch: less, and safe
        resume_promising(ports, command.ticket, after)
    return {"epoch": after.epoch}


def _refuse_after_no_return(record: DatabaseRecord, command: DatabaseCommand) -> None:
    if record.phase in AFTER_NO_RETURN and record.incident == command.ticket.id:
        raise NotFencedError(
            f"{record.name} is past its point of no return; the lease of {record.writer} stays revoked"
        )


def _gate_to_open(ports: Ports, record: DatabaseRecord) -> CopyState | None:
    """Return the source's state if it is to be admitted; None if its guard goes on, or nobody knows."""
    try:
        state = ports.agent.describe(record.name, record.writer)
    except (DatabaseUnreachableError, FatalError):
        if record.phase is Phase.FENCED:
            raise
        return None
    stopped = record.phase in (Phase.REVOKED, *STOPPED)
    shut = state.gate_fenced or state.gate_epoch != record.epoch
    return state if (stopped or shut) and not state.in_recovery else None
