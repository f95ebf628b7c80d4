"""How an incident ends: closed and told, or held for a person."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from failover.errors import TargetNotServingError
from failover.ports import Ports
from failover.procedures.changing import at_work, change_control, has_passed, owned, tell
from failover.procedures.commands import IncidentCommand
from failover.procedures.cooling import cooling_from
from failover.procedures.ending import COMPENSATED, ended, settle, tell_end
from failover.procedures.protection import unprotected
from failover.procedures.reminding import held_since, how_it_goes_on, note_held, note_told
from failover.procedures.requests import UNPLANNED, Machine
from failover.records import Control, IncidentState, WordKind

OUTCOMES: Final = {
    Machine.FAILOVER: "FAILED_OVER",
    Machine.DATABASE_FAILOVER: "FAILED_OVER",
    Machine.SWITCHOVER: "SWITCHED_OVER",
    Machine.FAILBACK: "REJOINED",
    Machine.ROLLBACK: COMPENSATED,
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
        begins = cooling_from(ports, command.topology)

        def closed(control: Control) -> Control:
            owned(control, command.ticket)
            cooling = begins if machine in UNPLANNED else control.last_failover_at
            return replace(ended(control, command, OUTCOMES[machine], ports.clock.now()), last_failover_at=cooling)

        control = change_control(ports, closed)
        if machine in UNPLANNED:
            seconds = (ports.clock.now() - incident.opened_at).total_seconds()
            ports.telemetry.recovered(command.ticket.subject, seconds)
    outcome = str(control.outcome)
    tell_end(ports, command.ticket, outcome)
    for name in command.databases:
        settle(ports, name, command.ticket.id)
    return {"outcome": outcome}


def announce_outcome(
    ports: Ports, command: IncidentCommand, outcome: str, failure: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Tell people and the journal how it ended, and after a compensation why."""
    moved = ", ".join(f"{name} → {ports.store.database(name).writer}" for name in command.databases) or "no database"
    why = f"; {worded_failure(failure)}" if failure and outcome == COMPENSATED else ""
    text = f"incident {command.ticket.id}: {outcome}; {moved}{_unprotected(ports, command)}{why}"
    tell(ports, command.ticket, "OUTCOME", text, facts={"outcome": outcome})
    ports.pager.page(f"{command.topology.name}: {command.ticket.subject} {outcome}", text)
    note_told(ports, command.ticket.id)
    return {"outcome": outcome}


def tell_trouble(ports: Ports, command: IncidentCommand, failure: Mapping[str, Any]) -> dict[str, Any]:
    """Tell people of something beside the databases that did not work; the incident goes on without it."""
    at_work(ports, command.ticket)
    text = f"incident {command.ticket.id} goes on without: {worded_failure(failure)}"
    tell(ports, command.ticket, "TROUBLE", text)
    ports.pager.page(f"{command.topology.name}: {command.ticket.subject} needs a look", text)
    return {"told": True}


def worded_failure(failure: Mapping[str, Any]) -> str:
    """Return what a state's catch was given, as people read it: of a function's error its message, without its trace.

    Lambda makes the cause a JSON document (Lambda developer guide, "Lambda function errors in Python"); Step
    Functions' own errors have a plain one.
    """
    cause = str(failure.get("Cause", ""))
    with suppress(ValueError):
        document = json.loads(cause)
        if isinstance(document, dict):
            cause = str(document.get("errorMessage", cause))
    return f"{failure.get('Error')}: {cause}"


def weigh_failure(ports: Ports, command: IncidentCommand) -> dict[str, Any]:
    """Say on which side of the point of no return the incident failed.

    It asks the store and not the execution: an answer that was lost may have been a write that happened.
    """
    passed = has_passed(ports, at_work(ports, command.ticket))
    return {"stand": "AFTER" if passed else "BEFORE"}


def hold_for_operator(ports: Ports, command: IncidentCommand, failure: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the incident open, say that it waits for a person, and page."""

    def holding(control: Control) -> Control:
        incident = replace(owned(control, command.ticket), state=IncidentState.HOLDING)
        return held_since(replace(control, incident=incident), incident.id, ports.clock.now())

    held = owned(change_control(ports, holding), command.ticket)
    text = f"incident {command.ticket.id} holds: {worded_failure(failure)}. {how_it_goes_on(held)}"
    tell(ports, command.ticket, "HOLDING", text)
    ports.pager.page(f"{command.topology.name}: failover of {command.ticket.subject} needs you", text)
    note_held(ports, command.ticket.id)
    return {"outcome": "HOLDING"}


def _unprotected(ports: Ports, command: IncidentCommand) -> str:
    """Say, and journal, which databases have no copy left that follows their writer."""
    names = [name for name in command.databases if unprotected(command.topology, ports.store.database(name))]
    if not names:
        return ""
    text = f"{', '.join(names)}: unprotected until a copy has rejoined; start the machine failback"
    tell(ports, command.ticket, "UNPROTECTED", text, facts={"databases": ",".join(names)})
    return f"; {text}"
