"""A region's own services as steps see them: nodes, caches, buckets; each is asked in its region."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from failover.errors import CacheNotPromotedError, CapacityNotReadyError
from failover.regional_ports import CacheState, Nodes, RegionalServices, Replication
from rehearsal.form.fault_kinds import Source
from simulator.world.gray import Gray
from simulator.world.network import NoAnswer, Refused
from simulator.world.ports.calls import Calls

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SimCompute:
    """``regional_ports.ComputeService``."""

    calls: Calls
    services: RegionalServices
    gray: Gray

    def describe(self, regions: Sequence[str]) -> Mapping[str, Nodes]:
        """As the port: all at once."""
        if not regions:
            return {}
        told = self.calls.kernel.together([lambda each=each: self._told(each) for each in regions], "nodes")  # type: ignore[misc]
        return dict(zip(regions, told, strict=True))

    def scale(self, region: str, desired: int) -> None:
        """As the port."""
        try:
            self.calls.ask(region, "eks", "UpdateNodegroupConfig", lambda: self.services.compute.scale(region, desired))
        except (NoAnswer, Refused) as exc:
            raise CapacityNotReadyError(f"EKS in {region}: {exc}") from exc

    def _told(self, region: str) -> Nodes:
        compute, gray = self.services.compute, self.gray
        try:
            nodes = self.calls.ask(
                region, "eks", "DescribeNodegroup", lambda: compute.describe([region])[region], writes=False
            )
        except (NoAnswer, Refused) as exc:
            return Nodes(failure=f"EKS in {region}: {exc}")
        if gray.standing:
            self.calls.kernel.sleep(gray.late(Source.COMPUTE, region))
        return gray.told(
            Source.COMPUTE, region, "", nodes, wrong=lambda told: replace(told, ready=told.desired, refused="")
        )


@dataclass(frozen=True, slots=True)
class SimCaches:
    """``regional_ports.CacheService``."""

    calls: Calls
    services: RegionalServices
    gray: Gray

    def describe(self, cache: str, region: str) -> CacheState:
        """As the port."""
        state = self._ask(
            region, "DescribeGlobalReplicationGroups", lambda: self.services.caches.describe(cache, region)
        )
        if self.gray.standing:
            self.calls.kernel.sleep(self.gray.late(Source.CACHES, region))
        return self.gray.told(
            Source.CACHES, region, cache, state, wrong=lambda told: CacheState("available", region, told.members)
        )

    def promote(self, cache: str, region: str) -> None:
        """As the port."""
        self._ask(region, "FailoverGlobalReplicationGroup", lambda: self.services.caches.promote(cache, region))

    def _ask(self, region: str, action: str, act: Callable[[], T]) -> T:
        try:
            return self.calls.ask(region, "elasticache", action, act, writes=action.startswith("Failover"))
        except (NoAnswer, Refused) as exc:
            raise CacheNotPromotedError(f"ElastiCache in {region}: {exc}") from exc


@dataclass(frozen=True, slots=True)
class SimObjects:
    """``regional_ports.ObjectReplication``."""

    calls: Calls
    services: RegionalServices
    gray: Gray

    def describe(self, region: str) -> Replication:
        """As the port."""
        try:
            return self.calls.ask(
                region, "s3", "GetBucketReplication", lambda: self.services.objects.describe(region), writes=False
            )
        except (NoAnswer, Refused) as exc:
            return Replication(failure=f"S3 in {region}: {exc}")


def services_seen_through(calls: Calls, services: RegionalServices, gray: Gray) -> RegionalServices:
    """Return the services of all regions as one region's functions reach them."""
    return RegionalServices(
        SimCompute(calls, services, gray), SimCaches(calls, services, gray), SimObjects(calls, services, gray)
    )
