"""A region's own services in memory: nodes that take their time, global caches, buckets with rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from failover.errors import CacheNotPromotedError, CapacityMissingError
from failover.ports import Clock
from failover.regional_ports import CacheState, Nodes, RegionalServices, Replication
from failover.topology import Topology, global_caches, replicas_of


@dataclass(slots=True)
class MemoryCompute:
    """``ports.ComputeService``; nodes that were asked for are in service ``launch_seconds`` later.

    ``refused`` says, by region, why no more come; ``silent`` are the regions that do not answer.
    """

    clock: Clock
    nodes: dict[str, Nodes]
    launch_seconds: float = 0.0
    refused: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[tuple[str, int]] = field(default_factory=list)
    described: list[str] = field(default_factory=list)
    _due: dict[str, float] = field(default_factory=dict)

    def describe(self, regions: Sequence[str]) -> Mapping[str, Nodes]:
        return {region: self._describe(region) for region in regions}

    def _describe(self, region: str) -> Nodes:
        self.described.append(region)
        if region in self.silent:
            return Nodes(failure=f"{region} does not answer")
        if region not in self.refused and self.clock.elapsed() >= self._due.get(region, 0.0):
            self.nodes[region] = replace(self.nodes[region], ready=self.nodes[region].desired)
        return replace(self.nodes[region], refused=self.refused.get(region, ""))

    def scale(self, region: str, desired: int) -> None:
        if desired > self.nodes[region].most:
            raise CapacityMissingError(f"{region} may have {self.nodes[region].most} nodes; got {desired}")
        self.asked.append((region, desired))
        self._due[region] = self.clock.elapsed() + self.launch_seconds
        self.nodes[region] = replace(self.nodes[region], desired=desired)


@dataclass(slots=True)
class MemoryCaches:
    """``ports.CacheService``; a promotion is done ``promote_seconds`` after it was asked for."""

    clock: Clock
    caches: dict[str, CacheState]
    promote_seconds: float = 0.0
    refusals: int = 0
    silent: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)
    _due: dict[str, tuple[float, str]] = field(default_factory=dict)

    def describe(self, cache: str, region: str) -> CacheState:
        if region in self.silent or cache not in self.caches:
            raise CacheNotPromotedError(f"{cache} is not described in {region}")
        due = self._due.get(cache)
        if due is not None and self.clock.elapsed() >= due[0]:
            self.caches[cache] = replace(self.caches[cache], status="available", primary=due[1])
            del self._due[cache]
        return self.caches[cache]

    def promote(self, cache: str, region: str) -> None:
        state = self.describe(cache, region)
        if self.refusals > 0 or state.status != "available" or region not in state.members:
            self.refusals = max(0, self.refusals - 1)
            raise CacheNotPromotedError(f"{cache} cannot be promoted in {region} now")
        self.asked.append((cache, region))
        self._due[cache] = (self.clock.elapsed() + self.promote_seconds, region)
        self.caches[cache] = replace(state, status="modifying")


@dataclass(slots=True)
class MemoryObjects:
    """``ports.ObjectReplication``."""

    rules: dict[str, Replication]

    def describe(self, region: str) -> Replication:
        return self.rules.get(region, Replication(failure=f"{region} does not answer"))


def memory_services(clock: Clock, topology: Topology) -> RegionalServices:
    """Return the services of a topology's regions as they are on a quiet day."""
    return RegionalServices(
        MemoryCompute(
            clock,
            {
                each.name: Nodes(each.capacity.nodes, each.capacity.nodes, each.capacity.most_nodes)
                for each in topology.regions
            },
        ),
        MemoryCaches(
            clock,
            {each.name: CacheState("available", each.born_primary, each.regions) for each in global_caches(topology)},
        ),
        MemoryObjects(
            {name: Replication(frozenset(replicas_of(topology, name))) for name in topology.region_names},
        ),
    )
