"""Where an incident's databases are written from now on."""

from collections.abc import Sequence

from failover.ports import Ports
from failover.procedures.commands import Ticket


def writers_after(ports: Ports, ticket: Ticket, databases: Sequence[str]) -> tuple[str, ...]:
    """Return the regions that write these databases when the incident is through, each once, in their order.

    What is being promoted will be written by its target, also before that is admitted.
    """
    found = []
    for name in databases:
        record = ports.store.database(name)
        moving = record.incident == ticket.id and record.target is not None
        found.append(record.target if moving and record.target else record.writer)
    return tuple(dict.fromkeys(found))
