"""What an incident's end comes to: its line in the journal, and databases that are steady again.

The end itself is one write of the control item. Whoever made it may die in that moment, so that whatever follows from
it is safe to repeat and needs no term: its executor does it, or any control region that finds it untold.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from failover.errors import ChangedMeanwhileError
from failover.ports import Ports
from failover.procedures.changing import ATTEMPTS, tell
from failover.procedures.commands import IncidentCommand, Ticket
from failover.records import Control, Ending, Phase

COMPENSATED: Final = "COMPENSATED"
"""How an incident ends that was undone; every other outcome is a closing."""


def ended(control: Control, command: IncidentCommand, outcome: str, at: datetime) -> Control:
    """Return the control item with the incident closed; how it ended stands in it until people have been told."""
    ticket = command.ticket
    ending = Ending(ticket.subject, outcome, command.databases, at, ticket.term)
    untold = {**control.untold, ticket.id: ending}
    return replace(control, incident=None, closed=ticket.id, outcome=outcome, untold=untold)


def tell_end(ports: Ports, ticket: Ticket, outcome: str) -> None:
    """Write the line that ends the incident's story."""
    if outcome == COMPENSATED:
        tell(ports, ticket, "COMPENSATED", f"{ticket.subject} has its traffic and its leases again")
    else:
        tell(ports, ticket, "INCIDENT_CLOSED", f"{ticket.subject}: {outcome}", facts={"outcome": outcome})


def settle(ports: Ports, name: str, incident: str) -> None:
    """Make a database steady again; its incident is closed, so that there is no term to ask for any more.

    Raises:
        ChangedMeanwhileError: its item changes all the time; try again.
    """
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
