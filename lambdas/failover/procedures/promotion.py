"""From the point of no return to the new writer's lease."""

from dataclasses import replace
from typing import Any

from failover.decision import CONSENT_SECONDS, Candidate, still_counts
from failover.errors import (
    ConsentMissingError,
    ConsentTimedOutError,
    NoTargetError,
    NotFencedError,
    PausedByOperatorError,
    PromotionNotDoneError,
    ReplicaNotReadyError,
    StaleTermError,
)
from failover.ports import Ports
from failover.procedures.candidates import candidates
from failover.procedures.changing import change_database, change_incident, owned, tell
from failover.procedures.commands import DatabaseCommand, IncidentCommand
from failover.procedures.leases import AFTER_NO_RETURN, STOPPED
from failover.procedures.renewing import renewed
from failover.records import DatabaseRecord, Incident, IncidentState, LeaseRecord, LeaseState, Phase

POLL_SECONDS = 0.25
POLLS = 40
"""One attempt looks for ten seconds: enough for PostgreSQL's own promotion, short of any step's time limit."""


def choose_target(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Choose each database's target and write ``PROMOTING(target, epoch)``: the point of no return.

    All databases of the incident are weighed before any is written, so that they move together or not at all.
    A database that has its target already keeps it: there is no second one.

    Raises:
        PausedByOperatorError: a pause came in; nothing irreversible has happened.
        NotFencedError: a source may still write.
        NoTargetError: some database has no copy that may be promoted.
        ConsentMissingError: the best copy's loss bound is over the RPO, or unknown, and nobody has consented.
    """
    control = ports.store.control()
    incident = owned(control, command.ticket)
    votes = tuple(ports.store.votes())
    chosen: dict[str, Candidate] = {}
    before: dict[str, str | None] = {}
    for name in command.databases:
        record = ports.store.database(name)
        if record.phase in AFTER_NO_RETURN and record.incident == command.ticket.id:
            before[name] = record.target
            continue
        if record.phase not in STOPPED or record.incident != command.ticket.id:
            raise NotFencedError(
                f"{name}: the writer {record.writer} is neither FENCED nor WAITED_OUT ({record.phase})"
            )
        chosen[name] = _best(candidates(ports, command.topology, record, control, votes), name)
    _require_consent(ports, command, chosen)
    _require_no_pause(ports)
    if incident.state is IncidentState.WAITING:
        change_incident(ports, command.ticket, lambda seen: replace(seen, state=IncidentState.OPEN, waiting_since=None))
    for name, target in chosen.items():
        _commit(ports, command, name, target)
    return {**before, **{name: target.region for name, target in chosen.items()}}


def promote_database(ports: Ports, command: DatabaseCommand) -> dict[str, Any]:
    """Make the chosen target a database of its own; safe to repeat, and it looks before it asks.

    Done means: no source, available, and not in recovery. A replica says ``available`` before it is promoted.

    Raises:
        NotFencedError: there is no target written for this incident.
        ReplicaNotReadyError: the replica is in a state in which a promotion is refused; try again.
        PromotionNotDoneError: asked for, and not finished yet; try again.
        PromotionRefusedError: the service says no; only the same target may be tried again.
    """
    owned(ports.store.control(), command.ticket)
    record = ports.store.database(command.database)
    if record.phase not in AFTER_NO_RETURN or record.incident != command.ticket.id or record.target is None:
        raise NotFencedError(
            f"{record.name} has no target of incident {command.ticket.id}; its phase is {record.phase}"
        )
    target, asked = record.target, False
    for _ in range(POLLS):
        state = ports.replicas.describe(record.name, target)
        if state.source is None and state.status == "available":
            if not ports.agent.describe(record.name, target).in_recovery:
                text = f"{record.name} in {target} is promoted"
                tell(ports, command.ticket, "PROMOTED", text, database=record.name, epoch=record.epoch + 1)
                return {"target": target}
        elif state.source is not None and state.status == "available" and not asked:
            text = f"asking for the promotion of {record.name} in {target}"
            epoch, facts = record.epoch + 1, {"target": target}
            tell(ports, command.ticket, "PROMOTION_ASKED", text, database=record.name, epoch=epoch, facts=facts)
            ports.replicas.promote(record.name, target)
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
    """
    record = ports.store.database(command.database)
    if record.phase not in AFTER_NO_RETURN or record.incident != command.ticket.id or record.target is None:
        raise NotFencedError(
            f"{record.name} has no target of incident {command.ticket.id}; its phase is {record.phase}"
        )
    target = record.target
    ready, lease = ports.agent.describe(record.name, target), command.topology.lease

    def granted(seen: DatabaseRecord) -> DatabaseRecord:
        if seen.incident != command.ticket.id:
            raise StaleTermError(f"{seen.name} is being moved by incident {seen.incident}")
        if seen.phase is Phase.ADMITTED:
            return replace(seen, lease=renewed(seen.lease, ready, lease.lease_seconds))
        first = renewed(LeaseRecord(LeaseState.GRANTED, seen.lease.renewal), ready, lease.lease_seconds)
        return replace(seen, writer=target, epoch=seen.epoch + 1, lease=first, phase=Phase.ADMITTED, final=None)

    after = change_database(ports, command.ticket, record.name, granted)
    valid_until = ready.clock + lease.lease_seconds - lease.margin_seconds
    state = ports.agent.admit(record.name, target, after.epoch, valid_until)
    text = f"{target} may write {record.name} at position {state.position}"
    tell(ports, command.ticket, "ADMITTED", text, database=record.name, epoch=after.epoch)
    return {"writer": target, "epoch": after.epoch}


def _best(found: tuple[Candidate, ...], name: str) -> Candidate:
    fit = [each for each in found if not each.refused]
    if not fit:
        refusals = "; ".join(f"{each.region}: {each.refused}" for each in found)
        raise NoTargetError(f"no copy of {name} may be promoted ({refusals})")
    return fit[0]


def _require_consent(ports: Ports, command: IncidentCommand, chosen: dict[str, Candidate]) -> None:
    for name, target in chosen.items():
        loss, allowed = target.loss_seconds, command.topology.database(name).rpo_seconds
        if loss is not None and loss <= allowed:
            continue
        consent = ports.store.consent(name)
        if consent is not None and still_counts(consent, ports.clock.now()):
            continue
        _wait_for_consent(ports, command)
        known = "unknown" if loss is None else f"up to {loss:.0f} s"
        raise ConsentMissingError(
            f"{name}: the best copy, in {target.region}, would lose {known} of writes; {allowed} s are allowed; "
            f"consent with `lifeboat consent {name} --reason …`, or abort"
        )


def _wait_for_consent(ports: Ports, command: IncidentCommand) -> None:
    now = ports.clock.now()

    def waiting(incident: Incident) -> Incident:
        if incident.state is IncidentState.WAITING:
            return incident
        return replace(incident, state=IncidentState.WAITING, waiting_since=now)

    incident = owned(change_incident(ports, command.ticket, waiting), command.ticket)
    if incident.waiting_since is not None and (now - incident.waiting_since).total_seconds() > CONSENT_SECONDS:
        raise ConsentTimedOutError(f"nobody consented within {CONSENT_SECONDS} s; the source keeps its right to write")


def _require_no_pause(ports: Ports) -> None:
    """Read again right before the point of no return: a pause wins until then and not after."""
    pause = ports.store.control().pause
    if pause is not None and pause.until > ports.clock.now():
        raise PausedByOperatorError(f"paused before the point of no return: {pause.reason}")


def _commit(ports: Ports, command: IncidentCommand, name: str, target: Candidate) -> None:
    def promoting(seen: DatabaseRecord) -> DatabaseRecord:
        if seen.phase in AFTER_NO_RETURN:
            return seen
        if seen.phase not in STOPPED or seen.incident != command.ticket.id:
            raise NotFencedError(f"{name} is {seen.phase} of incident {seen.incident}; it must be stopped by this one")
        return replace(seen, phase=Phase.PROMOTING, target=target.region)

    record = change_database(ports, command.ticket, name, promoting)
    bound = "unknown" if target.loss_seconds is None else f"{target.loss_seconds:.1f} s"
    text = f"{record.target} shall write {name}; loss bound {bound}"
    tell(ports, command.ticket, "PROMOTING", text, database=name, epoch=record.epoch + 1, facts={"loss_bound": bound})
