"""What people must hear, whoever could not tell them: every control region looks after it at each tick.

An execution pages at its own turn, for a minute at most. When the service that carries pages is away for longer, or the
executor dies there, what it had to say stands in the control item until somebody has said it.
Of two control regions that remind in the same minute both may page: that is a page too many, not a wrong one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from failover.ports import Ports
from failover.procedures.changing import change_control
from failover.procedures.commands import Ticket
from failover.procedures.ending import settle, tell_end
from failover.procedures.paging import page_for, page_question
from failover.procedures.requests import UNPLANNED
from failover.records import Control, Ending, Incident, IncidentState
from failover.topology import Topology

HOLDING: Final = "HOLDING:"
"""Before an incident's id in ``Control.paged``; what stands there is when people are to be told of it next."""
TOLD_WITHIN: Final = timedelta(minutes=2)
"""So long the execution itself has for telling people, with all its retries."""
REMIND_AFTER: Final = timedelta(hours=1)


def remind(ports: Ports, topology: Topology, control: Control) -> None:
    """Finish endings that nobody was told of; page for them, for questions, for what takes too long, for what holds."""
    due = {id: each for id, each in control.untold.items() if ports.clock.now() - each.at >= TOLD_WITHIN}
    for id, ending in due.items():
        if not ending.finished:
            _finish(ports, id, ending)
    for id, ending in due.items():
        _tell_ending(ports, topology, id, ending)
    incident = control.incident
    if incident is not None:
        page_question(ports, topology, incident)
        _remind_of(ports, topology, control, incident)
    held = incident.id if incident is not None and incident.state is IncidentState.HOLDING else None
    if any(about.startswith(HOLDING) and about != f"{HOLDING}{held}" for about in control.paged):
        change_control(ports, _only_holding(held))


def held_since(control: Control, incident: str, now: datetime) -> Control:
    """Return the control item with the note that an incident holds, and that its executor is about to tell people."""
    return _due(control, incident, now + TOLD_WITHIN)


def note_held(ports: Ports, incident: str) -> None:
    """People were told that it holds; the next time in an hour."""
    change_control(ports, lambda control: _due(control, incident, ports.clock.now() + REMIND_AFTER))


def note_told(ports: Ports, incident: str) -> None:
    """People were told how an incident ended."""

    def told(control: Control) -> Control:
        return replace(control, untold={id: each for id, each in control.untold.items() if id != incident})

    change_control(ports, told)


def how_it_goes_on(held: Incident) -> str:
    """Say what a person has to do about an incident that holds."""
    return (
        f"Nothing goes on by itself. When the cause is gone, start the {held.machine} machine of a control region with "
        f'{{"subject": "{held.subject}", "reason": "…"}}: it goes on where this one stopped'
    )


def _tell_ending(ports: Ports, topology: Topology, id: str, ending: Ending) -> None:
    moved = ", ".join(f"{name} → {ports.store.database(name).writer}" for name in ending.databases) or "no database"
    text = f"incident {id} ended at {ending.at:%H:%M} UTC: {ending.outcome}; now {moved}; nobody could be told then"
    ports.pager.page(f"{topology.name}: {ending.subject} {ending.outcome}", text)
    note_told(ports, id)


def _finish(ports: Ports, id: str, ending: Ending) -> None:
    """Do what its executor may have died before; once, however long it takes until people can be told."""
    tell_end(ports, Ticket(id, ending.subject, ports.here, ending.term), ending.outcome)
    for name in ending.databases:
        settle(ports, name, id)

    def finished(control: Control) -> Control:
        untold = {each: replace(told, finished=told.finished or each == id) for each, told in control.untold.items()}
        return replace(control, untold=untold)

    change_control(ports, finished)


def _remind_of(ports: Ports, topology: Topology, control: Control, incident: Incident) -> None:
    now, limit = ports.clock.now(), topology.targets.rto_seconds
    since = f"opened {incident.opened_at:%Y-%m-%d %H:%M} UTC, {incident.rule}: {incident.reason}"
    match incident.state:
        case IncidentState.WAITING:
            until = (incident.waiting_since or now) + timedelta(seconds=topology.policy.consent_seconds)
            orders = " or ".join(f"`lifeboat consent {name} --reason …`" for name in incident.databases)
            text = (
                f"incident {incident.id} waits for a person's consent to lose writes: {orders} (or with --refuse). "
                f"Nobody may write meanwhile; without an answer all of it is undone at {until:%H:%M} UTC"
            )
            page_for(ports, topology, incident, "WAITING", text)
        case IncidentState.OPEN if incident.machine in UNPLANNED and (now - incident.opened_at).total_seconds() > limit:
            text = f"incident {incident.id} is not done after {limit} s, which is what the product promises ({since})"
            page_for(ports, topology, incident, "LATE", text)
        case IncidentState.HOLDING if now >= _due_at(control, incident.id, now):
            text = f"incident {incident.id} holds ({since}), and no other can be opened. {how_it_goes_on(incident)}"
            ports.pager.page(f"{topology.name}: {incident.subject} needs you", text)
            note_held(ports, incident.id)


def _due_at(control: Control, incident: str, now: datetime) -> datetime:
    due = control.paged.get(f"{HOLDING}{incident}")
    return now if due is None else datetime.fromisoformat(due)


def _due(control: Control, incident: str, at: datetime) -> Control:
    return replace(control, paged={**control.paged, f"{HOLDING}{incident}": at.isoformat()})


def _only_holding(incident: str | None) -> Callable[[Control], Control]:
    """Forget the incidents that do not hold any more."""

    def noted(control: Control) -> Control:
        kept = {
            about: when
            for about, when in control.paged.items()
            if not about.startswith(HOLDING) or about == f"{HOLDING}{incident}"
        }
        return replace(control, paged=kept)

    return noted
