"""Whether a database could survive the loss of its writer now."""

from failover.records import DatabaseRecord
from failover.topology import Topology


def unprotected(topology: Topology, record: DatabaseRecord) -> bool:
    """Whether no other copy follows the writer: a state that is shown and paged until one has rejoined."""
    others = set(topology.database(record.name).regions) - {record.writer}
    return bool(others) and others <= set(record.diverged)
