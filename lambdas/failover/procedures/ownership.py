"""Who works for an open incident: the next term, for another control region or for an operator's request."""

from collections.abc import Callable
from dataclasses import replace

from failover.errors import IncidentRefusedError, RollbackRefusedError
from failover.ports import Ports
from failover.procedures.changing import change_control, tell
from failover.procedures.commands import Ticket
from failover.procedures.requests import FORWARD, Machine, Request
from failover.records import AFTER_NO_RETURN, Control, Incident, IncidentState


def take_over(ports: Ports, orphan: Incident) -> Incident:
    """Own an incident whose executor fell silent, under the next term; the old one is refused at its next step.

    Raises:
        IncidentRefusedError: its executor gave a sign of life since, or somebody else was faster.
    """

    def silent(incident: Incident) -> None:
        if (incident.term, incident.beat) != (orphan.term, orphan.beat):
            raise IncidentRefusedError(f"{incident.id}: its executor lives, or another region has taken it over")
        if incident.state is IncidentState.HOLDING or ports.here == incident.subject:
            raise IncidentRefusedError(f"{incident.id} is {incident.state} of {incident.subject}: not for {ports.here}")

    reason = f"{orphan.owner} fell silent in term {orphan.term}"
    return _next_term(ports, orphan, reason, silent, lambda incident: replace(incident, execution=None))


def going_on_with(ports: Ports, request: Request, found: Incident | None, execution: str) -> Ticket | None:
    """Return the ticket of the open incident's next term if the request is about that incident; else ``None``.

    A forward machine goes on where one held for an operator; a rollback takes any incident over that has not passed
    its point of no return, whatever it is doing.

    Raises:
        IncidentRefusedError: the incident does not hold any more.
        RollbackRefusedError: there is nothing to undo, or it is too late.
    """
    if request.machine is Machine.ROLLBACK:
        if found is None or found.subject != request.subject:
            raise RollbackRefusedError(
                f"no incident of {request.subject} is open: there is nothing to undo; a region that was failed over "
                "comes back by the machine failback"
            )
        _require_before_no_return(ports, found)
        return _taken(ports, found, request, execution, lambda _incident: None)
    if found is None or found.subject != request.subject or found.state is not IncidentState.HOLDING:
        return None
    if found.machine != request.machine and not {found.machine, request.machine} <= {*FORWARD, Machine.ROLLBACK}:
        return None
    return _taken(ports, found, request, execution, _require_holding)


def _taken(
    ports: Ports, found: Incident, request: Request, execution: str, require: Callable[[Incident], None]
) -> Ticket:
    moved = _has_passed(ports, found)
    if moved is not None and request.target not in (None, moved):
        raise IncidentRefusedError(
            f"{found.id} is past its point of no return, and its target is {moved}; leave target out, or name that one"
        )

    def asked(incident: Incident) -> Incident:
        target = incident.target if moved is not None or request.machine is Machine.ROLLBACK else request.target
        users = incident.evacuates if request.machine is Machine.ROLLBACK else request.evacuate
        ours = replace(incident, execution=execution, machine=request.machine, aborted=None)
        return replace(ours, target=target, evacuates=users, planned=was_planned(incident))

    return Ticket.of(_next_term(ports, found, request.reason, require, asked))


def _next_term(
    ports: Ports,
    found: Incident,
    reason: str,
    require: Callable[[Incident], None],
    change: Callable[[Incident], Incident],
) -> Incident:
    def taken(control: Control) -> Control:
        incident = control.incident
        if incident is None or incident.id != found.id:
            raise IncidentRefusedError(f"incident {found.id} is not open any more; look, and start again")
        require(incident)
        term = control.term + 1
        ours = replace(incident, owner=ports.here, term=term, state=IncidentState.OPEN, waiting_since=None, beat=0)
        return replace(control, incident=change(replace(ours, taken_over=True)), term=term)

    incident = change_control(ports, taken).incident
    assert incident is not None  # it has just been written
    tell_taken(ports, incident, reason)
    return incident


def tell_taken(ports: Ports, incident: Incident, reason: str) -> None:
    """Write the line of an incident's new term; safe to repeat, by whoever finds that nobody works for it yet."""
    tell(ports, Ticket.of(incident), "TAKEN_OVER", reason, rule=incident.rule, digest=incident.digest)


def _require_holding(incident: Incident) -> None:
    if incident.state is not IncidentState.HOLDING:
        raise IncidentRefusedError(f"incident {incident.id} does not hold any more; look, and start again")


def was_planned(incident: Incident) -> bool:
    """Whether an incident began as a planned move, whatever machine works for it now."""
    return incident.planned or incident.machine in (Machine.SWITCHOVER, Machine.FAILBACK)


def _has_passed(ports: Ports, incident: Incident) -> str | None:
    """Return the target of a database that is past its point of no return, if one is."""
    for record in map(ports.store.database, incident.databases):
        if record.phase in AFTER_NO_RETURN and record.incident == incident.id:
            return record.target
    return None


def _require_before_no_return(ports: Ports, incident: Incident) -> None:
    for record in map(ports.store.database, incident.databases):
        if record.phase in AFTER_NO_RETURN and record.incident == incident.id:
            raise RollbackRefusedError(
                f"{record.name} is past its point of no return: {record.target} is its next writer; an incident goes "
                "forward from there: wait for it, or where it holds start its own machine again"
            )
