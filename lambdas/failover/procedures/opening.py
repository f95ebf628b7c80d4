"""Opening an incident, by one conditional write, and joining it with one execution."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from failover.errors import ChangedMeanwhileError, IncidentRefusedError, RequestInvalidError, StaleTermError
from failover.ports import Ports
from failover.procedures.changing import change_incident, owned, records_of, standing_pause, tell
from failover.procedures.commands import Ticket, begun
from failover.procedures.ownership import going_on_with, tell_taken
from failover.procedures.planning import plan_of
from failover.procedures.readiness import refuse_to_stop_for_nothing
from failover.procedures.requests import UNPLANNED, Machine, Request, read_request
from failover.records import Control, Incident, IncidentState
from failover.topology import Topology, digest

MANUAL = "MANUAL"
"""The rule of an incident that a person opened."""


def open_incident(
    ports: Ports,
    topology: Topology,
    subject: str,
    rule: str,
    reason: str,
    *,
    machine: str = Machine.FAILOVER,
    databases: Sequence[str] | None = None,
    approval: str = "NONE",
    target: str | None = None,
    evacuates: bool = True,
    execution: str | None = None,
    decided_on: Control | None = None,
) -> Incident:
    """Open an incident; of all who try at the same moment one succeeds.

    A failback is given up for it: bringing a region back can wait, and each of its steps can be done again.

    Args:
        ports: the world.
        topology: what this control region was deployed with.
        subject: the region that it is about.
        rule: the rule of the decision table, or ``MANUAL``.
        reason: for people.
        machine: the state machine that works for it.
        databases: those that move; all that the subject writes without it.
        approval: ``REQUIRED`` when a person must approve before anything is done.
        target: the region that a planned move goes to.
        evacuates: whether the subject's users move too.
        execution: the one that opens it and works for it from then on; else the first that joins.
        decided_on: the control item that the decision knew; an incident of a later term, though it be closed again,
            is one that it did not know.

    Raises:
        IncidentRefusedError: another incident is open, or operators paused the control plane.
        ChangedMeanwhileError: somebody else wrote the control item first; read and decide anew.
    """
    control = ports.store.control()
    _refuse_second(control)
    if decided_on is not None and control.term != decided_on.term:
        raise ChangedMeanwhileError(f"{control.closed} was opened and closed since it was decided about {subject}")
    pause = standing_pause(ports)
    if pause is not None:
        raise IncidentRefusedError(
            f"the control plane is paused until {pause.until:%H:%M:%S} UTC ({pause.reason}); resume it first"
        )
    written = tuple(record.name for record in records_of(ports, topology) if record.writer == subject)
    term = control.term + 1
    incident = Incident(
        id=f"{subject}-{control.version + 1}",
        subject=subject,
        owner=ports.here,
        term=term,
        state=IncidentState.OPEN,
        rule=rule,
        reason=reason,
        opened_at=ports.clock.now(),
        digest=digest(topology),
        databases=written if databases is None else tuple(databases),
        machine=machine,
        approval=approval,
        target=target,
        evacuates=evacuates,
        execution=execution,
    )
    ports.store.change_control(control, replace(control, incident=incident, term=term))
    if control.incident is not None:
        given_up = f"{control.incident.id} is given up for {incident.id}; start it again when that is closed"
        tell(ports, Ticket.of(control.incident), "PREEMPTED", given_up)
    facts = {"machine": str(machine)}
    tell(ports, Ticket.of(incident), "INCIDENT_OPENED", reason, rule=rule, digest=incident.digest, facts=facts)
    return incident


def begin(
    ports: Ports,
    topology: Topology,
    document: Mapping[str, Any],
    execution: str,
    machine: Machine = Machine.FAILOVER,
) -> dict[str, Any]:
    """Open or join: the first step of every machine.

    A document with an incident joins it: the term must be current and no other execution may have joined in
    it. A document without one is a request by hand (see ``Request``): it opens an incident, or goes on with the one
    of that region that holds for an operator, under the next term. A dry run does neither.

    Args:
        ports: the world.
        topology: what this control region was deployed with.
        document: the execution's input.
        execution: the execution's own id, the same again when it is redriven.
        machine: the state machine whose first step this is.

    Returns:
        What the machine's steps work on, see ``begun``; of a dry run ``{"mode": "DRY_RUN", "plan": …}``.

    Raises:
        RequestInvalidError: the request is wrong or stale.
        IncidentRefusedError, ChangedMeanwhileError: see ``open_incident``.
        RollbackRefusedError: there is nothing to undo, or it is too late.
        StaleTermError: the incident of the document is not the open one of the current term.
    """
    if "incident" in document:
        ticket = _ticket_of(document)
    else:
        records = records_of(ports, topology)
        request = read_request(machine, document, topology, records, ports.here)
        if request.dry_run:
            return {"mode": "DRY_RUN", "plan": plan_of(ports, topology, request, records)}
        ticket = _opened_by_hand(ports, topology, request, execution)
    return _joined(ports, topology, ticket, execution, machine)


def _joined(ports: Ports, topology: Topology, ticket: Ticket, execution: str, machine: Machine) -> dict[str, Any]:
    def joined(incident: Incident) -> Incident:
        if incident.execution not in (None, execution):
            raise StaleTermError(
                f"{incident.execution} works on incident {incident.id} already; {execution} has nothing to do"
            )
        if incident.machine != machine:
            raise StaleTermError(f"{incident.id} is worked on by the machine {incident.machine}, not by {machine}")
        return replace(incident, execution=execution)

    incident = owned(change_incident(ports, ticket, joined), ticket)
    # Told again when it is repeated: a line too many is no harm, one that was lost with its executor is.
    name = execution.rsplit(":", 1)[-1]
    text, facts = f"execution {name} works for {incident.id}", {"execution": name, "machine": str(machine)}
    tell(ports, ticket, "JOINED", text, rule=incident.rule, digest=incident.digest, facts=facts)
    return begun(topology, incident)


def _ticket_of(document: Mapping[str, Any]) -> Ticket:
    try:
        return Ticket.parse(document)
    except (KeyError, TypeError) as exc:
        raise RequestInvalidError(
            f"incident: lacks {exc}; it takes id, subject, owner and term, as the decision wrote them"
        ) from exc


def _opened_by_hand(ports: Ports, topology: Topology, request: Request, execution: str) -> Ticket:
    before = ports.store.control().incident
    if before is not None and _is_repeated(before, ports.here, request, execution):
        if before.taken_over:  # the run that did so may have died before it was told
            tell_taken(ports, before, request.reason)
        return Ticket.of(before)
    taken = going_on_with(ports, request, before, execution)
    if taken is not None:
        return taken
    if request.machine is Machine.FAILBACK and not request.databases:
        _require_something_to_return(ports, request.subject)
    if request.machine in UNPLANNED:
        refuse_to_stop_for_nothing(ports, topology, request)
    try:
        opened = open_incident(
            ports,
            topology,
            request.subject,
            MANUAL,
            request.reason,
            machine=request.machine,
            databases=request.databases,
            target=request.target,
            evacuates=request.evacuate,
            execution=execution,  # else the decision would take it for one that never began, and start another
        )
    except ChangedMeanwhileError as exc:
        raise IncidentRefusedError("somebody else changed the control item in this moment; start again") from exc
    return Ticket.of(opened)


def _is_repeated(incident: Incident, here: str, request: Request, execution: str) -> bool:
    """Whether this request opened the incident or took it over before, and its answer was lost on the way."""
    if (incident.owner, incident.subject, incident.machine) != (here, request.subject, request.machine):
        return False
    return incident.execution == execution or (incident.rule == MANUAL and incident.execution is None)


def _refuse_second(control: Control) -> None:
    incident = control.incident
    if incident is not None and incident.machine != Machine.FAILBACK:
        raise IncidentRefusedError(
            f"incident {incident.id} of {incident.subject} is open, owned by {incident.owner}; one at a time: wait "
            "until it is closed, or join it there"
        )


def _require_something_to_return(ports: Ports, subject: str) -> None:
    if subject not in ports.store.control().evacuated:
        raise RequestInvalidError(
            f"subject: {subject} has its traffic, and none of its copies has diverged: there is nothing to bring back"
        )
