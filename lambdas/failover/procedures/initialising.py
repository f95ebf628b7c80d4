"""The first day of a topology: its items in the quorum store, its gates, and the first writers' leases."""

from dataclasses import replace

from failover.errors import ChangedMeanwhileError
from failover.ports import CopyState, Ports
from failover.procedures.changing import ATTEMPTS
from failover.procedures.renewing import renewed
from failover.records import DatabaseRecord, JournalEntry, LeaseRecord, LeaseState, Phase
from failover.topology import Database, DatasetKind, Topology, digest

FIRST_EPOCH = 1


def initialise(ports: Ports, topology: Topology) -> bool:
    """Write the items, install the gates where the databases were born, and admit their first writers.

    A database that never moves has neither item nor gate; there the application's roles are made.

    It runs once in the life of a database, and again where it was cut short. A database that was ever admitted
    is not touched: who writes is a fact of the store, and no deployment may turn it back.

    Returns:
        Whether there was anything to do.

    Raises:
        DatabaseUnreachableError, StoreUnreachableError: not every writer was admitted; run it again.
        StoreUnfitError: the table is not strongly consistent; nothing was written.
    """
    ports.store.require_strong()
    for each in topology.databases:
        if each.kind is not DatasetKind.SINGLE:
            ports.agent.install(each.name, each.born_primary)  # no gate: the application's roles, and nothing else
    waiting = [each for each in topology.databases if each.kind is DatasetKind.SINGLE and _untouched(ports, each)]
    # Each database's clock is read before the store grants: a gate must never outlive what the store promised.
    states = {each.name: ports.agent.install(each.name, each.born_primary) for each in waiting}
    new = ports.store.initialise([_first(each) for each in waiting])
    closed = [each for each in waiting if states[each.name].gate_epoch < FIRST_EPOCH]
    admitted = [each.name for each in closed if _admit_first(ports, topology, each, states[each.name])]
    if not new and not admitted:
        return False
    ports.store.append(
        JournalEntry(ports.clock.now(), ports.here, "INITIALISED", f"{topology.name} begins", digest=digest(topology))
    )
    return True


def _first(database: Database) -> DatabaseRecord:
    return DatabaseRecord(database.name, 1, database.born_primary, FIRST_EPOCH, LeaseRecord(LeaseState.GRANTED, 1))


def _untouched(ports: Ports, database: Database) -> bool:
    """Whether there is no item yet, or one that nothing has happened to since it was made."""
    try:
        record = ports.store.database(database.name)
    except KeyError:
        return True
    return _still_first(record, database)


def _still_first(record: DatabaseRecord, database: Database) -> bool:
    seen = (record.writer, record.epoch, record.phase, record.lease.state)
    return seen == (database.born_primary, FIRST_EPOCH, Phase.STEADY, LeaseState.GRANTED)


def _admit_first(ports: Ports, topology: Topology, database: Database, state: CopyState) -> bool:
    """Renew the lease in the store and open the gate until the clock's reading plus the lease less the margin.

    The renewal is what observers count from: without it a later revocation might wait too short a time.
    """
    for _ in range(ATTEMPTS):
        record = ports.store.database(database.name)
        if not _still_first(record, database):
            return False
        lease = renewed(record.lease, state, topology.lease.lease_seconds)
        try:
            ports.store.change_database(record, replace(record, lease=lease))
        except ChangedMeanwhileError:
            continue
        valid_until = state.clock + topology.lease.lease_seconds - topology.lease.margin_seconds
        ports.agent.admit(database.name, database.born_primary, FIRST_EPOCH, valid_until)
        return True
    raise ChangedMeanwhileError(f"the item of {database.name} changed {ATTEMPTS} times while it was being written")
