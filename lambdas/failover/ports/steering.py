"""What weighing a route needs of the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from failover.decision.weights import Minute, Weighing

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Steering:
    """What a document says of a route's weights, as a function is told it."""

    route: str
    weighing: Weighing
    namespace: str
    processed: str
    routed: str | None
    failed: str | None
    model_health: str | None
    window_minutes: int

    @classmethod
    def parse(cls, route: str, said: Mapping[str, Any]) -> Self:
        """Return the steering of ``WeightsSection``'s plain form."""
        weighing = Weighing(
            capacity_per_minute=said["capacity_per_minute"],
            healthy_from=said["healthy_from"],
            least_change=said["least_change_percent"] / PERCENT,
            most_change=said["most_change_percent"] / PERCENT,
            needs_models=said["model_health"] is not None,
        )
        named = {key: said[key] for key in ("namespace", "processed", "routed", "failed", "model_health")}
        return cls(route=route, weighing=weighing, window_minutes=said["window_minutes"], **named)

    @property
    def regions(self) -> tuple[str, ...]:
        """The route's regions, all of one residency zone."""
        return tuple(self.weighing.capacity_per_minute)


class RouteWeights(Protocol):
    """The weights of a route's records."""

    def read(self, route: str, regions: Sequence[str]) -> Mapping[str, int]:
        """Return the weight of each region's record.

        Raises:
            RecordsUnreachableError: the API does not answer, or the records are not there.
        """

    def write(self, route: str, weights: Mapping[str, int]) -> None:
        """Put the weights on the records that there are, all in one change; nothing else of them changes.

        Raises:
            RecordsUnreachableError: the API does not answer, or another change is under way.
        """


class RegionMinutes(Protocol):
    """What regions say of their last whole minutes."""

    def of(self, steering: Steering) -> Mapping[str, tuple[Minute, ...]]:
        """Ask all regions at once, the oldest minute first; one that does not answer has said nothing."""
