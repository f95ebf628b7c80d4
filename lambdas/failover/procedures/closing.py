"""How an incident ends: closed and told, or held for a person."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from failover.errors import ChangedMeanwhileError, TargetNotServingError
from failover.ports import Ports
from failover.procedures.changing import ATTEMPTS, at_work, change_control, change_incident, has_passed, owned, tell
from failover.procedures.commands import IncidentCommand
from failover.procedures.protection import unprotected
from failover.procedures.requests import UNPLANNED, Machine
from failover.records import Control, IncidentState, Phase, WordKind

OUTCOMES: Final = {
    Machine.FAILOVER: "FAILED_OVER",
    Machine.DATABASE_FAILOVER: "FAILED_OVER",
    Machine.SWITCHOVER: "SWITCHED_OVER",
    Machine.FAILBACK: "REJOINED",
    Machine.ROLLBACK: "COMPENSATED",
}
"""How a machine's incident ends when all went well; ``OutcomeStands`` reads these words."""


def verify_target(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """See that every new writer's gate is open for the epoch that the store granted.

    Raises:
        TargetNotServingError: one is not; the message says what it is. Try again.
    """
    at_work(ports, command.ticket)
    for name in command.databases:
        record = ports.store.database(name)
        state = ports.agent.describe(name, record.writer)
        if state.in_recovery or not state.gate_open or state.gate_epoch != record.epoch:
            raise TargetNotServingError(
                f"{name} in {record.writer}: in recovery {state.in_recovery}, gate open {state.gate_open}, "
                f"gate's epoch {state.gate_epoch}, granted epoch {record.epoch}"
            )
    return {"serving": list(command.databases)}


def close_incident(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Close the incident: the cool-down begins and its databases are steady again; safe to repeat.

    The incident is closed before its databases are: as long as it is open they say that they have moved, so
    that whoever works for it in a later term does not take them for its subject's and move them once more.
    """
    control = ports.store.control()
    if control.closed != command.ticket.id:
        incident = at_work(ports, command.ticket)
        machine = Machine(incident.machine)
        for name in command.databases:
            ports.store.withdraw(WordKind.CONSENT, name)

        def closed(control: Control) -> Control:
            owned(control, command.ticket)
            cooling = ports.clock.now() if machine in UNPLANNED else control.last_failover_at
            ended = replace(control, incident=None, closed=command.ticket.id, outcome=OUTCOMES[machine])
            return replace(ended, last_failover_at=cooling)

        control = change_control(ports, closed)
        if machine in UNPLANNED:
            seconds = (ports.clock.now() - incident.opened_at).total_seconds()
            ports.telemetry.recovered(command.ticket.subject, seconds)
    outcome = str(control.outcome)
    facts = {"outcome": outcome}
    tell(ports, command.ticket, "INCIDENT_CLOSED", f"{command.ticket.subject}: {outcome}", facts=facts)
    for name in command.databases:
        _settle(ports, name, command.ticket.id)
    return {"outcome": outcome}


def announce_outcome(
    ports: Ports, command: IncidentCommand, outcome: str, failure: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Tell people and the journal how it ended, and after a compensation why."""
    moved = ", ".join(f"{name} → {ports.store.database(name).writer}" for name in command.databases) or "no database"
    why = f"; {failure.get('Error')}: {failure.get('Cause')}" if failure and outcome == "COMPENSATED" else ""
    text = f"incident {command.ticket.id}: {outcome}; {moved}{_unprotected(ports, command)}{why}"
    tell(ports, command.ticket, "OUTCOME", text, facts={"outcome": outcome})
    ports.pager.page(f"{command.topology.name}: {command.ticket.subject} {outcome}", text)
    return {"outcome": outcome}


def tell_trouble(ports: Ports, command: IncidentCommand, failure: Mapping[str, Any]) -> dict[str, Any]:
    """Tell people of something beside the databases that did not work; the incident goes on without it."""
    at_work(ports, command.ticket)
    text = f"incident {command.ticket.id} goes on without: {failure.get('Error')}: {failure.get('Cause')}"
    tell(ports, command.ticket, "TROUBLE", text)
    ports.pager.page(f"{command.topology.name}: {command.ticket.subject} needs a look", text)
    return {"told": True}


def weigh_failure(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Say on which side of the point of no return the incident failed.

    It asks the store and not the execution: an answer that was lost may have been a write that happened.
    """
    passed = has_passed(ports, at_work(ports, command.ticket))
    return {"stand": "AFTER" if passed else "BEFORE"}


def hold_for_operator(ports: Ports, command: IncidentCommand, failure: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the incident open, say that it waits for a person, and page."""
    held = owned(
        change_incident(ports, command.ticket, lambda incident: replace(incident, state=IncidentState.HOLDING)),
        command.ticket,
    )
    why = f"{failure.get('Error')}: {failure.get('Cause')}"
    text = (
        f"incident {command.ticket.id} holds, and nothing goes on by itself: {why}. When the cause is gone, start the "
        f'{held.machine} machine of a control region with {{"subject": "{command.ticket.subject}", "reason": "…"}}: '
        "it goes on where this one stopped"
    )
    tell(ports, command.ticket, "HOLDING", text)
    ports.pager.page(f"{command.topology.name}: failover of {command.ticket.subject} needs you", text)
    return {"outcome": "HOLDING"}


def _unprotected(ports: Ports, command: IncidentCommand) -> str:
    """Say, and journal, which databases have no copy left that follows their writer."""
    names = [name for name in command.databases if unprotected(command.topology, ports.store.database(name))]
    if not names:
        return ""
    text = f"{', '.join(names)}: unprotected until a copy has rejoined; start the machine failback"
    tell(ports, command.ticket, "UNPROTECTED", text, facts={"databases": ",".join(names)})
    return f"; {text}"


def _settle(ports: Ports, name: str, incident: str) -> None:
    """Make a database steady again; its incident is closed, so that there is no term to ask for any more."""
    for _ in range(ATTEMPTS):
        seen = ports.store.database(name)
        if seen.incident != incident:
            return
        try:
            ports.store.change_database(seen, replace(seen, phase=Phase.STEADY, incident=None, target=None))
            if seen.phase is Phase.ADMITTED and seen.bound_seconds is not None:
                ports.telemetry.loss_bounded(name, seen.bound_seconds)
            return
        except ChangedMeanwhileError:
            continue
    raise ChangedMeanwhileError(f"the item of {name} changed {ATTEMPTS} times while it was being written; try again")
