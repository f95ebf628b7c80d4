"""Opening an incident, by one conditional write, and joining it with one execution."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from failover.errors import ChangedMeanwhileError, IncidentRefusedError, RequestInvalidError, StaleTermError
from failover.ports import Ports
from failover.procedures.changing import change_incident, owned, tell
from failover.procedures.commands import Ticket, begun
from failover.records import Incident, IncidentState
from failover.topology import DatasetKind, Topology, digest

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
    moving = tuple(
        each.name
        for each in topology.databases
        if each.kind is DatasetKind.SINGLE and ports.store.database(each.name).writer == subject
    )
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
    it. A document without one is a request by hand, ``{"subject": REGION, "reason": TEXT}``, and opens it.

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
    try:
        return Ticket.of(open_incident(ports, topology, str(subject), MANUAL, reason.strip()))
    except ChangedMeanwhileError as exc:
        raise IncidentRefusedError("somebody else changed the control item in this moment; start again") from exc


def _is_repeated(incident: Incident, here: str, subject: str, execution: str) -> bool:
    """Whether this request opened the incident before, and its answer was lost on the way."""
    asked = (incident.rule, incident.owner, incident.subject) == (MANUAL, here, subject)
    return asked and incident.execution in (None, execution)
