"""The first day of a topology: its items in the quorum store, its gates, and the first writers' leases."""

from failover.ports import Ports
from failover.records import DatabaseRecord, JournalEntry, LeaseRecord, LeaseState
from failover.topology import DatasetKind, Topology, digest

FIRST_EPOCH = 1


def initialise(ports: Ports, topology: Topology) -> bool:
    """Write the items, install the gates where the databases were born, and admit their first writers.

    It runs once in the life of a topology. Where the items exist already nothing is touched: who writes is a
    fact of the store, and no deployment may turn it back.

    Returns:
        Whether there was anything to do.

    Raises:
        DatabaseUnreachableError, StoreUnreachableError: nothing was admitted; run it again.
    """
    databases = [each for each in topology.databases if each.kind is DatasetKind.SINGLE]
    clocks = {each.name: ports.agent.install(each.name, each.born_primary).clock for each in databases}
    first = [
        DatabaseRecord(each.name, 1, each.born_primary, FIRST_EPOCH, LeaseRecord(LeaseState.GRANTED, 1))
        for each in databases
    ]
    if not ports.store.initialise(first):
        return False
    for each in databases:
        valid_until = clocks[each.name] + topology.lease.lease_seconds - topology.lease.margin_seconds
        ports.agent.admit(each.name, each.born_primary, FIRST_EPOCH, valid_until)
    ports.store.append(
        JournalEntry(ports.clock.now(), ports.here, "INITIALISED", f"{topology.name} begins", digest=digest(topology))
    )
    return True
