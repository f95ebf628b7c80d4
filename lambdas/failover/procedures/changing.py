"""Read, change, write if still the same: the only way in which a step touches the quorum store."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from failover.errors import AbortedByOperatorError, ChangedMeanwhileError, PausedByOperatorError, StaleTermError
from failover.ports import Ports
from failover.procedures.commands import Ticket
from failover.records import AFTER_NO_RETURN, Control, DatabaseRecord, Incident, JournalEntry, Pause
from failover.topology import DatasetKind, Topology

ATTEMPTS = 8


def owned(control: Control, ticket: Ticket) -> Incident:
    """Return the open incident if the ticket is its current one.

    Raises:
        StaleTermError: the incident is closed, another one is open, or another region has taken it over.
    """
    incident = control.incident
    if incident is None or (incident.id, incident.owner, incident.term) != (ticket.id, ticket.owner, ticket.term):
        now = f"{incident.id} of {incident.owner}, term {incident.term}" if incident else "none"
        raise StaleTermError(
            f"{ticket.owner} holds no current term of {ticket.id} (its term {ticket.term}; open now: {now}); "
            "do not redrive this execution: start a new one, which joins the incident that is open"
        )
    return incident


def at_work(ports: Ports, ticket: Ticket) -> Incident:
    """Check the term and let observers see that its executor lives: the first thing that every step does.

    The beat is one more write on the control item. Steps that run beside each other write it at the same time, and
    one that loses has lost to a sign of life.

    Raises:
        StaleTermError: see ``owned``.
    """
    control = ports.store.control()
    incident = owned(control, ticket)
    with suppress(ChangedMeanwhileError):
        ports.store.change_control(control, replace(control, incident=replace(incident, beat=incident.beat + 1)))
    return incident


def going_on(ports: Ports, ticket: Ticket) -> Incident:
    """Check the term and the operators' orders; for steps before the point of no return, after it nothing stops.

    Raises:
        StaleTermError: see ``owned``.
        AbortedByOperatorError: everything is to be undone.
        PausedByOperatorError: operators paused; try again until they resume.
    """
    return heeding(ports, at_work(ports, ticket))


def heeding(ports: Ports, incident: Incident) -> Incident:
    """Check the operators' orders for an incident whose term has been checked; as ``going_on``."""
    pause = standing_pause(ports)
    if (incident.aborted is not None or pause is not None) and has_passed(ports, incident):
        return incident
    if incident.aborted is not None:
        raise AbortedByOperatorError(f"an operator aborted {incident.id}: {incident.aborted}")
    if pause is not None:
        raise PausedByOperatorError(
            f"paused before the point of no return until {pause.until:%H:%M:%S} UTC: {pause.reason}; "
            "`lifeboat resume` lets it go on, `lifeboat abort` undoes it"
        )
    return incident


def has_passed(ports: Ports, incident: Incident) -> bool:
    """Whether one of an incident's databases is past its point of no return: from there it goes forward."""
    records = map(ports.store.database, incident.databases)
    return any(each.phase in AFTER_NO_RETURN and each.incident == incident.id for each in records)


def standing_pause(ports: Ports) -> Pause | None:
    """Return the pause that operators ordered, if it has not expired."""
    pause = ports.store.control().pause
    return pause if pause is not None and pause.until > ports.clock.now() else None


def change_control(ports: Ports, change: Callable[[Control], Control]) -> Control:
    """Apply a change to the control item, on whatever version it has by then; no write if nothing changes."""
    for _ in range(ATTEMPTS):
        seen = ports.store.control()
        wanted = change(seen)
        if wanted == seen:
            return seen
        try:
            return ports.store.change_control(seen, wanted)
        except ChangedMeanwhileError:
            continue
    raise ChangedMeanwhileError(f"the control item changed {ATTEMPTS} times while it was being written; try again")


def change_incident(ports: Ports, ticket: Ticket, change: Callable[[Incident], Incident | None]) -> Control:
    """Apply a change to the incident that the ticket owns; ``None`` closes it."""
    return change_control(ports, lambda control: replace(control, incident=change(owned(control, ticket))))


def change_database(
    ports: Ports, ticket: Ticket, name: str, change: Callable[[DatabaseRecord], DatabaseRecord]
) -> DatabaseRecord:
    """Apply a change to a database's item while the ticket is current; no write if nothing changes.

    The guard renews the same item every few seconds, so that losing a write is ordinary and read again.
    """
    for _ in range(ATTEMPTS):
        # Read before the term is checked: a step that stalls in between writes on a version that the end of its
        # incident has left behind, and loses.
        seen = ports.store.database(name)
        owned(ports.store.control(), ticket)
        wanted = change(seen)
        if wanted == seen:
            return seen
        try:
            return ports.store.change_database(seen, wanted)
        except ChangedMeanwhileError:
            continue
    raise ChangedMeanwhileError(f"the item of {name} changed {ATTEMPTS} times while it was being written; try again")


def records_of(ports: Ports, topology: Topology) -> tuple[DatabaseRecord, ...]:
    """Return the items of the databases that may move.

    One that was never initialised has none: nobody was ever admitted to write it, so that nothing of it moves,
    and it stops no other's failover.
    """
    found = []
    for each in topology.databases:
        if each.kind is DatasetKind.SINGLE:
            with suppress(KeyError):
                found.append(ports.store.database(each.name))
    return tuple(found)


def tell(ports: Ports, ticket: Ticket, kind: str, text: str, **more: Any) -> None:
    """Write a line of the journal in the name of an incident's term."""
    ports.store.append(
        JournalEntry(
            at=ports.clock.now(),
            region=ports.here,
            kind=kind,
            text=text,
            subject=ticket.subject,
            incident=ticket.id,
            term=ticket.term,
            **more,
        )
    )
