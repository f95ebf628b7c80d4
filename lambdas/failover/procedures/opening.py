"""Opening an incident, by one conditional write, and joining it with one execution."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from failover.errors import ChangedMeanwhileError, IncidentRefusedError, RequestInvalidError, StaleTermError
from failover.ports import Ports
from failover.procedures.changing import change_control, change_incident, owned, records_of, tell
from failover.procedures.commands import Ticket, begun
from failover.records import Control, Incident, IncidentState
from failover.topology import Topology, digest

MANUAL = "MANUAL"
"""The rule of an incident that a person opened."""


def open_incident(ports: Ports, topology: Topology, subject: str, rule: str, reason: str) -> Incident:
    """Open an incident for the loss of a region; of all who try at the same moment one succeeds.

    Raises:
        IncidentRefusedError: another incident is open, or operators paused the control plane.
        ChangedMeanwhileError: somebody else wrote the control item first; read and decide anew.
    """
    control = ports.store.control()
    if control.incident is not None:
        raise IncidentRefusedError(
            f"incident {control.incident.id} of {control.incident.subject} is open, owned by "
            f"{control.incident.owner}; one at a time: wait until it is closed, or join it there"
        )
    if control.pause is not None and control.pause.until > ports.clock.now():
        raise IncidentRefusedError(
            f"the control plane is paused until {control.pause.until:%H:%M:%S} UTC ({control.pause.reason}); "
            "resume it first"
        )
    moving = tuple(record.name for record in records_of(ports, topology) if record.writer == subject)
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
        databases=moving,
    )
    ports.store.change_control(control, replace(control, incident=incident, term=term))
    tell(ports, Ticket.of(incident), "INCIDENT_OPENED", reason, rule=rule, digest=incident.digest)
    return incident


def begin(ports: Ports, topology: Topology, document: Mapping[str, Any], execution: str) -> dict[str, Any]:
    """Open or join: the first step of every machine.

    A document with an incident joins it: the term must be current and no other execution may have joined in
    it. A document without one is a request by hand, ``{"subject": REGION, "reason": TEXT}``: it opens an incident,
    or goes on with the one of that region that holds for an operator, under the next term.

    Args:
        ports: the world.
        topology: what this control region was deployed with.
        document: the execution's input.
        execution: the execution's own id, the same again when it is redriven.

    Returns:
        What the machine's steps work on; see ``begun``.

    Raises:
        RequestInvalidError: the request names no region of the topology, or gives no reason.
        IncidentRefusedError, ChangedMeanwhileError: see ``open_incident``.
        StaleTermError: the incident of the document is not the open one of the current term.
    """
    ticket = _ticket_of(document) if "incident" in document else _opened_by_hand(ports, topology, document, execution)

    def joined(incident: Incident) -> Incident:
        if incident.execution not in (None, execution):
            raise StaleTermError(
                f"{incident.execution} works on incident {incident.id} already; {execution} has nothing to do"
            )
        return replace(incident, execution=execution)

    control = change_incident(ports, ticket, joined)
    incident = owned(control, ticket)
    # Told again when it is repeated: a line too many is no harm, one that was lost with its executor is.
    name = execution.rsplit(":", 1)[-1]
    text = f"execution {name} works for {incident.id}"
    tell(ports, ticket, "JOINED", text, rule=incident.rule, digest=incident.digest, facts={"execution": name})
    return begun(topology, incident)


def _ticket_of(document: Mapping[str, Any]) -> Ticket:
    try:
        return Ticket(**{name: document["incident"][name] for name in ("id", "subject", "owner", "term")})
    except (KeyError, TypeError) as exc:
        raise RequestInvalidError(
            f"incident: lacks {exc}; it takes id, subject, owner and term, as the decision wrote them"
        ) from exc


def _opened_by_hand(ports: Ports, topology: Topology, document: Mapping[str, Any], execution: str) -> Ticket:
    allowed = ", ".join(topology.region_names)
    subject, reason = document.get("subject"), document.get("reason")
    if subject not in topology.region_names:
        raise RequestInvalidError(f"subject: got {subject!r}; name the region to fail over from, one of: {allowed}")
    if subject == ports.here:
        raise RequestInvalidError(
            f"subject: got {subject!r}, the region of this state machine; a lost region cannot run its own failover: "
            f"start it in another control region ({', '.join(set(topology.control_regions) - {subject})})"
        )
    if not isinstance(reason, str) or not reason.strip():
        raise RequestInvalidError('reason: missing; say why, as in {"subject": "' + str(subject) + '", "reason": "…"}')
    before = ports.store.control().incident
    if before is not None and _is_repeated(before, ports.here, str(subject), execution):
        return Ticket.of(before)
    if before is not None and _holds(before, str(subject)):
        return _taken_over(ports, before, reason.strip(), execution)
    try:
        return Ticket.of(open_incident(ports, topology, str(subject), MANUAL, reason.strip()))
    except ChangedMeanwhileError as exc:
        raise IncidentRefusedError("somebody else changed the control item in this moment; start again") from exc


def _is_repeated(incident: Incident, here: str, subject: str, execution: str) -> bool:
    """Whether this request opened the incident or took it over before, and its answer was lost on the way."""
    if (incident.owner, incident.subject) != (here, subject):
        return False
    return incident.execution == execution or (incident.rule == MANUAL and incident.execution is None)


def _holds(incident: Incident, subject: str) -> bool:
    return incident.subject == subject and incident.state is IncidentState.HOLDING


def _taken_over(ports: Ports, held: Incident, reason: str, execution: str) -> Ticket:
    """Go on with an incident that waits for a person; whoever held it is refused at its next step."""

    def taken(control: Control) -> Control:
        incident = control.incident
        if incident is None or incident.id != held.id or not _holds(incident, held.subject):
            raise IncidentRefusedError(f"incident {held.id} does not hold any more; look, and start again")
        term, going_on = control.term + 1, IncidentState.OPEN
        ours = replace(incident, owner=ports.here, term=term, state=going_on, execution=execution, waiting_since=None)
        return replace(control, incident=ours, term=term)

    after = change_control(ports, taken)
    assert after.incident is not None  # it has just been written
    ticket = Ticket.of(after.incident)
    tell(ports, ticket, "TAKEN_OVER", reason, rule=after.incident.rule, digest=after.incident.digest)
    return ticket
