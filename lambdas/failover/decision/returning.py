"""What share of a route's users its first region gets, while they come back to it: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

WHOLE: Final = 100
HOME, SPARED = "home", "spared"
"""The two ways of answering a route: its first region first, or its second one first. Each has the other's back."""


@dataclass(frozen=True, slots=True)
class Returning:
    """How users come back by one route; ``regions`` are its first and its second."""

    route: str
    regions: tuple[str, str]
    first_percent: int
    percent_per_minute: int

    @classmethod
    def parse(cls, route: str, said: Mapping[str, Any]) -> Self:
        """Return it from the plain form of ``RecoverySection`` and the route's regions."""
        first, second = said["regions"]
        return cls(route, (first, second), said["first_percent"], said["percent_per_minute"])


def next_share(returning: Returning, share: int, *, evacuated: bool, up: bool) -> int:
    """Return the share of the first region for the next minute.

    While it is evacuated it has no users whatever its share is, so that this is when the share is made small. A
    share grows only while the region is seen up, and is never taken back: taking users away is the lever's.
    """
    if evacuated:
        return min(share, returning.first_percent)
    return min(WHOLE, share + returning.percent_per_minute) if up else share
