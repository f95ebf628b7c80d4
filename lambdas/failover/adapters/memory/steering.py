"""Records and metrics in memory, for weighing."""

from collections.abc import Mapping, Sequence

from failover.decision.weights import Minute
from failover.errors import RecordsUnreachableError
from failover.ports.steering import Steering


class MemoryRouteWeights:
    """``ports.RouteWeights``; ``down`` is Route 53's API on a bad day, ``written`` every change in order."""

    def __init__(self, records: Mapping[str, Mapping[str, int]]) -> None:
        self.records = {route: dict(weights) for route, weights in records.items()}
        self.written: list[tuple[str, dict[str, int]]] = []
        self.down = False

    def read(self, route: str, regions: Sequence[str]) -> Mapping[str, int]:
        self._reach()
        missing = set(regions) - set(self.records.get(route, ()))
        if missing:
            raise RecordsUnreachableError(f"{route} has no records of {', '.join(sorted(missing))}")
        return {region: self.records[route][region] for region in regions}

    def write(self, route: str, weights: Mapping[str, int]) -> None:
        self._reach()
        self.records[route] |= weights
        self.written.append((route, dict(weights)))

    def _reach(self) -> None:
        if self.down:
            raise RecordsUnreachableError("Route 53's API does not answer")


class MemoryRegionMinutes:
    """``ports.RegionMinutes``: the last minutes that each region has told of."""

    def __init__(self) -> None:
        self.told: dict[str, list[Minute]] = {}

    def tell(self, region: str, minute: Minute) -> None:
        """Add a minute."""
        self.told.setdefault(region, []).append(minute)

    def of(self, steering: Steering) -> Mapping[str, tuple[Minute, ...]]:
        return {region: tuple(self.told.get(region, ())[-steering.window_minutes :]) for region in steering.regions}
