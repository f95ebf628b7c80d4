"""A copy that has diverged becomes the writer's replica again, and its region gets its users back."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from failover.decision import Quorum, loss_bound_seconds, quorum_on
from failover.errors import (
    ArchiveIncompleteError,
    DatabaseUnreachableError,
    GateRefusedError,
    LifeboatError,
    ReplicaBehindError,
    TransientError,
)
from failover.ports import CopyState, Ports
from failover.procedures.archiving import diverged, write_divergence
from failover.procedures.changing import at_work, change_control, going_on, owned, tell
from failover.procedures.commands import DatabaseCommand, IncidentCommand
from failover.records import Control, DatabaseRecord
from failover.topology import Engine


def rejoin_database(ports: Ports, command: DatabaseCommand) -> dict[str, Any]:
    """Ask for the subject's copy to be made a replica of the writer; the service is looked at before it is asked.

    Raises:
        StaleTermError: the incident is over, or another region has become the writer.
        ArchiveIncompleteError: what only this copy has is not kept yet.
        ReplicaNotReadyError: a part of it is under way; call again.
    """
    going_on(ports, command.ticket)
    record, divergence = diverged(ports, command)
    if divergence is None:
        return {"rejoining": False}
    subject = command.ticket.subject
    if divergence.archive is None:
        raise ArchiveIncompleteError(
            f"{record.name} in {subject}: what only this copy has is not kept; ArchiveTail comes before this step"
        )
    if not divergence.rejoining:
        text = f"the copy of {record.name} in {subject} shall follow {record.writer}; its tail: {divergence.archive}"
        tell(ports, command.ticket, "REJOINING", text, database=record.name, epoch=record.epoch)
        record = write_divergence(ports, command, record, replace(divergence, rejoining=True))
    ports.replicas.rejoin(record.name, subject, record.writer, record.epoch)
    return {"rejoining": True}


def await_replica(ports: Ports, command: DatabaseCommand) -> dict[str, Any]:
    """See that the copy follows the writer within the recovery point objective; then it may take over again.

    One that answers and follows somebody else, or nobody, is asked for again: its making may have failed, the writer's
    disk full, when whoever had asked for it was answered long ago.

    Raises:
        StaleTermError: the incident is over, or another region has become the writer.
        ReplicaBehindError: it does not yet; call again.
    """
    at_work(ports, command.ticket)
    record, divergence = diverged(ports, command)
    if divergence is None:
        return {"follows": True}
    subject = command.ticket.subject
    loss_seconds = _loss_of(ports, command, record)
    text = f"the copy of {record.name} in {subject} follows {record.writer}, at most {loss_seconds:.1f} s behind"
    facts = {"loss_bound": f"{loss_seconds:.1f} s", "archive": divergence.archive or ""}
    tell(ports, command.ticket, "REJOINED", text, database=record.name, epoch=record.epoch, facts=facts)
    write_divergence(ports, command, record, None)
    return {"follows": True}


def return_traffic(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Give the subject its users again, in one write; safe to repeat.

    Raises:
        StaleTermError: the incident is over.
        ReplicaBehindError: a copy there has diverged, or the observers do not see the region up; call again.
        GateRefusedError: a copy there is no replica any more: somebody promoted it past Lifeboat.
    """
    at_work(ports, command.ticket)
    subject = command.ticket.subject
    if subject not in ports.store.control().evacuated:
        return {"returned": True}
    _require_copies(ports, command)
    stands = quorum_on(command.topology, tuple(ports.store.votes()), subject, ports.clock.now())
    if stands is not Quorum.UP:
        raise ReplicaBehindError(f"the observers do not see {subject} up ({stands}); its users come back when they do")

    def returned(control: Control) -> Control:
        owned(control, command.ticket)
        kept = {region: why for region, why in control.evacuated.items() if region != subject}
        return replace(control, evacuated=kept)

    change_control(ports, returned)
    tell(ports, command.ticket, "TRAFFIC_RETURNED", f"{subject} gets traffic again")
    return {"returned": True}


def _loss_of(ports: Ports, command: DatabaseCommand, record: DatabaseRecord) -> float:
    """Return the loss bound of the subject's copy; raises ``ReplicaBehindError`` while there is no good one."""
    subject, allowed = command.ticket.subject, command.topology.database(record.name).rpo_seconds
    try:
        state = ports.agent.describe(record.name, subject)
    except (DatabaseUnreachableError, GateRefusedError) as exc:  # while it is being made it answers nothing
        raise ReplicaBehindError(f"{record.name} in {subject} does not answer yet: {exc}") from exc
    follows, engine = state.in_recovery and _follows(record, state), command.topology.database(record.name).engine
    # Of a server of one's own the asking is the making: its step has waited for it, and it would be begun anew.
    lost = not state.in_recovery or engine is Engine.RDS_POSTGRES
    if lost and not follows and record.diverged[subject].rejoining:
        with suppress(TransientError):  # under way, or not now: it is waited for either way
            ports.replicas.rejoin(record.name, subject, record.writer, record.epoch)
    if not state.in_recovery:
        raise ReplicaBehindError(f"{record.name} in {subject} is no replica yet")
    if not follows:
        raise ReplicaBehindError(
            f"{record.name} in {subject} has not received epoch {record.epoch} (its gate's is {state.gate_epoch})"
        )
    lease_seconds = max(command.topology.lease.lease_seconds, record.lease.lasts_seconds)
    loss_seconds = loss_bound_seconds(record, state.position, lease_seconds)
    if loss_seconds is None or loss_seconds > allowed:
        told = "unknown" if loss_seconds is None else f"{loss_seconds:.0f} s"
        raise ReplicaBehindError(f"{record.name} in {subject}: loss bound {told}; {allowed} s are allowed")
    return loss_seconds


def _follows(record: DatabaseRecord, state: CopyState) -> bool:
    return (state.gate_epoch, state.gate_fenced) == (record.epoch, False)


def _require_copies(ports: Ports, command: IncidentCommand) -> None:
    """See that the subject's copies follow; whether one that does not answer can be read the observers say."""
    subject, records = command.ticket.subject, dict[str, DatabaseRecord]()
    for database in command.topology.databases:
        with suppress(KeyError):  # never initialised: nobody reads or writes it anywhere
            if subject in database.regions:
                records[database.name] = ports.store.database(database.name)
    for name, record in records.items():
        if subject in record.diverged:
            raise ReplicaBehindError(f"{name} in {subject} has diverged from {record.writer}'s; it must rejoin first")
    following = [(name, subject) for name, record in records.items() if record.writer != subject]
    for (name, _), state in ports.agent.describe_all(following).items():
        if isinstance(state, LifeboatError) or state.in_recovery:
            continue
        if command.topology.database(name).engine.managed_rejoin:
            raise ReplicaBehindError(f"{name} in {subject} is no replica yet; its engine makes it one by itself")
        raise GateRefusedError(
            f"{name} in {subject} is no replica of {records[name].writer}'s any more: it was promoted past Lifeboat. "
            f"Users come back to {subject} when a new replica stands in its place"
        )
