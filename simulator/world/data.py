"""Where a world keeps its data: the copies of the databases, and the quorum store's table."""

from collections.abc import Collection
from random import Random
from typing import Final

from failover.topology import DatasetKind, Topology
from simulator.kernel import Kernel
from simulator.world.clocks import Clock
from simulator.world.databases import Branch, Copy
from simulator.world.network import Network
from simulator.world.table import Table

STORE: Final = "dynamodb"
"""The service of which the quorum store is a table."""

CLOCKS_WRONG_SECONDS: Final = 60.0
"""By how much the wall clocks of databases may be wrong: nobody may compare two of them, so it is much."""

DRIFT: Final = 2e-4
"""By how much a database's clock may run faster or slower: more than a machine's quartz does."""


def quorum_table(kernel: Kernel, topology: Topology, network: Network, chance: Random) -> Table:
    """Return the quorum store's table in its three places."""
    commit, read = network.latencies.of("dynamodb.mrsc_write"), network.latencies.of("dynamodb.mrsc_read")

    def up() -> Collection[str]:
        return [each for each in table.places if each not in network.down and (STORE, each) not in network.outages]

    table = Table(
        kernel,
        topology.quorum.replicas,
        topology.quorum.witness,
        places_up=up,
        between=lambda one, other: network.broken(one, other) is None,
        commit_seconds=lambda: commit.draw(chance),
        read_seconds=lambda: read.draw(chance),
        changes=lambda: network.changes,
    )
    return table


def database_copies(
    kernel: Kernel, topology: Topology, network: Network, chance: Random
) -> dict[tuple[str, str], Copy]:
    """Return every database's copies by (database, region), each with a clock and a lag of its own."""
    copies = {}

    def linked(copy: Copy) -> bool:
        """WAL flows over one connection in both directions, so that a cut either way stops it."""
        source = copy.follows
        if source is None or not copy.reachable or not source.reachable:
            return False
        one, other = copy.region, source.region
        return network.quiet or (network.broken(one, other) is None and network.broken(other, one) is None)

    for database in topology.databases:
        trunk = Branch(f"{database.name}/1")
        for region in database.regions:
            wrong, rate = chance.uniform(-CLOCKS_WRONG_SECONDS, CLOCKS_WRONG_SECONDS), chance.uniform(-DRIFT, DRIFT)
            copies[database.name, region] = Copy(
                Clock(kernel, wrong, 1.0 + rate),
                in_recovery=region != database.born_primary,
                database=database.name,
                region=region,
                world_now=lambda: kernel.now,
                linked=linked,
                branch=trunk,
                gated=database.kind is DatasetKind.SINGLE,
                lag_seconds=network.latencies.of(f"lag.{database.engine.value}").draw(chance),
            )
        for region in database.replicas:
            copies[database.name, region].follows = copies[database.name, database.born_primary]
    return copies
