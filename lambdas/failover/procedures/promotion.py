"""From the point of no return to the new writer's lease."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from failover.errors import (
    GateRefusedError,
    LifeboatError,
    NotFencedError,
    PromotionNotDoneError,
    ReplicaNotReadyError,
    StaleTermError,
)
from failover.ports import CopyState, Ports
from failover.procedures.changing import at_work, change_database, tell
from failover.procedures.commands import DatabaseCommand
from failover.procedures.renewing import renewed
from failover.procedures.requests import Machine
from failover.records import AFTER_NO_RETURN, DatabaseRecord, Divergence, LeaseRecord, LeaseState, LossAllowed, Phase

POLL_SECONDS = 0.25
POLLS = 40
"""One attempt looks for ten seconds: enough for PostgreSQL's own promotion, short of any step's time limit."""

BEAT_EVERY = 12
"""Polls between two signs of life."""


def promote_database(ports: Ports, command: DatabaseCommand) -> dict[str, Any]:
    """Make the chosen target a database of its own; safe to repeat, and it looks before it asks.

    Done means: no source, available, and not in recovery. A replica says ``available`` before it is promoted.

    Raises:
        NotFencedError: there is no target written for this incident.
        ReplicaNotReadyError: the replica is in a state in which a promotion is refused; try again.
        PromotionNotDoneError: asked for, and not finished yet; try again.
        PromotionRefusedError: the service says no; only the same target may be tried again.
    """
    with _told_without_its_gate(ports, command):  # also where an earlier term has granted
        return _promote(ports, command)


def _promote(ports: Ports, command: DatabaseCommand) -> dict[str, Any]:
    record = ports.store.database(command.database)
    target, asked = _target_of(record, command), False
    for poll in range(POLLS):
        if poll % BEAT_EVERY == 0:
            at_work(ports, command.ticket)
        state = ports.replicas.describe(record.name, target)
        if state.source is None and state.status == "available":
            if not ports.agent.describe(record.name, target).in_recovery:
                text = f"{record.name} in {target} is promoted"
                tell(ports, command.ticket, "PROMOTED", text, database=record.name, epoch=record.epoch + 1)
                return {"target": target}
        elif state.source is not None and state.status == "available" and not asked:
            _note_received(ports, command, target)
            allowed = _allowed_now(ports, command, record)
            text = f"asking for the promotion of {record.name} in {target}"
            epoch, facts = record.epoch + 1, {"target": target, "loss_allowed": str(allowed)}
            tell(ports, command.ticket, "PROMOTION_ASKED", text, database=record.name, epoch=epoch, facts=facts)
            ports.replicas.promote(record.name, target, loss=allowed)
            asked = True
        elif state.source is not None and state.status == "backing-up" and not asked:
            raise ReplicaNotReadyError(f"{record.name} in {target} cannot be promoted in status 'backing-up'")
        ports.clock.sleep(POLL_SECONDS)
    raise PromotionNotDoneError(f"the promotion of {record.name} in {target} has not finished; looking again")


def admit_writer(ports: Ports, command: DatabaseCommand) -> dict[str, Any]:
    """Grant the lease of the new epoch to the target and open its gate.

    The target's clock is read first, then the store grants, then the gate opens until that reading plus the
    lease less the margin: a gate never outlives what the store promised. Repeating it does the same again.

    Raises:
        NotFencedError: there is no target written for this incident.
        DatabaseUnreachableError: the target's agent does not answer; try again.
        GateRefusedError: the target is a replica again: somebody promoted another Aurora cluster past Lifeboat.
    """
    at_work(ports, command.ticket)
    with _told_without_its_gate(ports, command):
        after, state = _admit(ports, command)
    text = f"{after.writer} may write {after.name} at position {state.position}"
    tell(ports, command.ticket, "ADMITTED", text, database=after.name, epoch=after.epoch)
    return {"writer": after.writer, "epoch": after.epoch}


def _admit(ports: Ports, command: DatabaseCommand) -> tuple[DatabaseRecord, CopyState]:
    record = ports.store.database(command.database)
    target = _target_of(record, command)
    ready, lease = ports.agent.describe(record.name, target), command.topology.lease
    if ready.in_recovery:  # before the store says that it is the writer, which the others would follow
        raise GateRefusedError(f"{record.name}: the copy in {target} is a replica again, and is not admitted")

    def granted(seen: DatabaseRecord) -> DatabaseRecord:
        if seen.incident != command.ticket.id:
            raise StaleTermError(f"{seen.name} is being moved by incident {seen.incident}")
        if seen.phase is Phase.ADMITTED:
            return replace(seen, lease=renewed(seen.lease, ready, lease.lease_seconds))
        first = renewed(LeaseRecord(LeaseState.GRANTED, seen.lease.renewal), ready, lease.lease_seconds)
        return replace(
            seen,
            writer=target,
            epoch=seen.epoch + 1,
            lease=first,
            phase=Phase.ADMITTED,
            final=None,
            received=None,
            diverged=_diverged(command, seen, target),
        )

    after = change_database(ports, command.ticket, record.name, granted)
    valid_until = ready.clock + lease.lease_seconds - lease.margin_seconds
    return after, ports.agent.admit(record.name, target, after.epoch, valid_until)


@contextmanager
def _told_without_its_gate(ports: Ports, command: DatabaseCommand) -> Iterator[None]:
    """Tell who writes by the store though its gate does not open: whoever granted that may have died untold."""
    try:
        yield
    except StaleTermError:
        raise  # whoever has the term tells
    except LifeboatError as exc:
        record = ports.store.database(command.database)
        if record.phase is Phase.ADMITTED and record.incident == command.ticket.id:
            text = f"{record.writer} may write {record.name} by the store, and its gate does not open: {exc}"
            tell(ports, command.ticket, "ADMITTED", text, database=record.name, epoch=record.epoch)
        raise


def _target_of(record: DatabaseRecord, command: DatabaseCommand) -> str:
    if record.phase not in AFTER_NO_RETURN or record.incident != command.ticket.id or record.target is None:
        raise NotFencedError(
            f"{record.name} has no target of incident {command.ticket.id}; its phase is {record.phase}"
        )
    return record.target


def _allowed_now(ports: Ports, command: DatabaseCommand, record: DatabaseRecord) -> LossAllowed:
    """Return what the promotion may lose: a planned move that a failover goes on with has no healthy source any more.

    Its target was seen to have received everything, so that what is allowed is not lost.
    """
    unplanned = at_work(ports, command.ticket).machine != Machine.SWITCHOVER
    return LossAllowed.WITHIN_OBJECTIVE if unplanned and record.allowed is LossAllowed.NONE else record.allowed


def _note_received(ports: Ports, command: DatabaseCommand, target: str) -> None:
    """Keep how far the target has come: what the old writer has beyond it, nobody else will have."""
    state = ports.agent.describe(command.database, target)

    def noted(seen: DatabaseRecord) -> DatabaseRecord:
        return replace(seen, received=state.position) if state.in_recovery and seen.received is None else seen

    change_database(ports, command.ticket, command.database, noted)


def _diverged(command: DatabaseCommand, seen: DatabaseRecord, target: str) -> dict[str, Divergence]:
    """Every other copy belongs to the old writer's history now, where its engine does not bring it along.

    A copy that had diverged before keeps what is known of that: its history forked there and not here.
    """
    database = command.topology.database(seen.name)
    if database.engine.managed_rejoin:
        return {}
    forked = {
        region: Divergence(seen.epoch, seen.received)
        for region in database.regions
        if region not in (target, *seen.diverged)
    }
    return {**{region: why for region, why in seen.diverged.items() if region != target}, **forked}
