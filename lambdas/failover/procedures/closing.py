"""How an incident ends: closed and told, or held for a person."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from failover.errors import ChangedMeanwhileError, TargetNotServingError
from failover.ports import Ports
from failover.procedures.changing import ATTEMPTS, change_control, change_incident, owned, tell
from failover.procedures.commands import IncidentCommand
from failover.procedures.leases import AFTER_NO_RETURN
from failover.records import Control, IncidentState, Phase


def verify_target(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """See that every new writer's gate is open for the epoch that the store granted.

    Raises:
        TargetNotServingError: one is not; the message says what it is. Try again.
    """
    owned(ports.store.control(), command.ticket)
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
    if ports.store.control().closed != command.ticket.id:
        for name in command.databases:
            owned(ports.store.control(), command.ticket)
            ports.store.withdraw_consent(name)

        def closed(control: Control) -> Control:
            owned(control, command.ticket)
            return replace(control, incident=None, closed=command.ticket.id, last_failover_at=ports.clock.now())

        change_control(ports, closed)
    tell(ports, command.ticket, "INCIDENT_CLOSED", f"{command.ticket.subject} has been failed over")
    for name in command.databases:
        _settle(ports, name, command.ticket.id)
    return {"outcome": "FAILED_OVER"}


def announce_outcome(ports: Ports, command: IncidentCommand, outcome: str) -> dict[str, Any]:
    """Tell people and the journal how it ended."""
    moved = ", ".join(f"{name} → {ports.store.database(name).writer}" for name in command.databases) or "no database"
    text = f"incident {command.ticket.id}: {outcome}; {moved}"
    tell(ports, command.ticket, "OUTCOME", text, facts={"outcome": outcome})
    ports.pager.page(f"{command.topology.name}: {command.ticket.subject} {outcome}", text)
    return {"outcome": outcome}


def weigh_failure(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Say on which side of the point of no return the incident failed.

    It asks the store and not the execution: an answer that was lost may have been a write that happened.
    """
    owned(ports.store.control(), command.ticket)
    passed = any(
        record.phase in AFTER_NO_RETURN and record.incident == command.ticket.id
        for record in map(ports.store.database, command.databases)
    )
    return {"stand": "AFTER" if passed else "BEFORE"}


def hold_for_operator(ports: Ports, command: IncidentCommand, failure: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the incident open, say that it waits for a person, and page."""
    change_incident(ports, command.ticket, lambda incident: replace(incident, state=IncidentState.HOLDING))
    why = f"{failure.get('Error')}: {failure.get('Cause')}"
    text = (
        f"incident {command.ticket.id} holds, and nothing goes on by itself: {why}. When the cause is gone, start the "
        f'failover machine of a control region with {{"subject": "{command.ticket.subject}", "reason": "…"}}: it goes '
        "on where this one stopped"
    )
    tell(ports, command.ticket, "HOLDING", text)
    ports.pager.page(f"{command.topology.name}: failover of {command.ticket.subject} needs you", text)
    return {"outcome": "HOLDING"}


def _settle(ports: Ports, name: str, incident: str) -> None:
    """Make a database steady again; its incident is closed, so that there is no term to ask for any more."""
    for _ in range(ATTEMPTS):
        seen = ports.store.database(name)
        if seen.incident != incident:
            return
        try:
            ports.store.change_database(seen, replace(seen, phase=Phase.STEADY, incident=None, target=None))
            return
        except ChangedMeanwhileError:
            continue
    raise ChangedMeanwhileError(f"the item of {name} changed {ATTEMPTS} times while it was being written; try again")
