"""The copies that regions have of their neighbours' caches; it comes after the stacks of all regions."""

from collections.abc import Iterable
from typing import Final

from constructs import Construct

from failover.topology import Cache, CacheTier, Topology
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.cache import USUAL
from stacks.constructs.cache_lag import CacheLag
from stacks.constructs.neighbour_copy import NeighbourCopy
from stacks.layer import LayerStack
from topology_document import Infrastructure

LAYER: Final = "caches"


class CachesStack(LayerStack):
    """What one region has of its neighbours' caches."""

    def __init__(
        self, scope: Construct, topology: Topology, region: str, caches: list[Cache], infrastructure: Infrastructure
    ) -> None:
        super().__init__(scope, topology, LAYER, region, stateful=True)
        told = AlarmTopic(self, "Alarms")
        for cache in caches:
            upkeep = infrastructure.cache_upkeep.get(cache.declared, USUAL)
            NeighbourCopy(self, f"Copy-{cache.name}", names=self.names, cache=cache, upkeep=upkeep)
            if upkeep.sync_seconds is not None:
                CacheLag(
                    self,
                    f"Lag-{cache.name}",
                    names=self.names,
                    cache=cache,
                    nodes=upkeep.nodes,
                    sync_seconds=upkeep.sync_seconds,
                    told=told,
                )


def caches_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build one for each region that has a copy of a neighbour's cache."""
    for region in topology.aws_regions:
        copies = neighbours_copies(topology, region)
        if copies:
            yield CachesStack(scope, topology, region, copies, infrastructure)


def neighbours_copies(topology: Topology, region: str) -> list[Cache]:
    """Return the caches of other regions that a region has a copy of."""
    return [each for each in topology.caches if each.tier is CacheTier.NEIGHBOUR and region in each.replicas]
