"""Which directed pairs of regions cannot talk; pure."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

EVERYWHERE: Final = "*"
Pair = tuple[str, str]


class Cut(StrEnum):
    """What a connection attempt over a cut sees."""

    DROPPED = "dropped"
    """No answer at all, until the caller's time-out: a partition, a dead router."""
    REFUSED = "refused"
    """An answer at once: the machine is there and nothing listens."""


def region_of(place: str) -> str:
    """Return the region that a place is in, or is."""
    return place.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Cuts:
    """The cuts now, by (source, target); either may be ``*``, which is everyone but the other side itself.

    A region always reaches itself, and what has no region (the operator) reaches all. A place such as
    ``us-east-1/functions`` is cut with its region, and may be cut alone.
    """

    pairs: dict[Pair, Cut] = field(default_factory=dict)

    def between(self, source: str | None, target: str | None) -> Cut | None:
        """Return how a connection from source to target fails, or ``None`` when it does not."""
        if source is None or target is None or region_of(source) == region_of(target):
            return None
        for one in (source, region_of(source), EVERYWHERE):
            for other in (target, region_of(target), EVERYWHERE):
                if (one, other) in self.pairs:
                    return self.pairs[one, other]
        return None

    def cutting(self, source: str, target: str, how: Cut) -> "Cuts":
        """Return these cuts and one more."""
        return Cuts(self.pairs | {(source, target): how})

    def healing(self, source: str, target: str) -> "Cuts":
        """Return these cuts without that one; healing what is not cut changes nothing."""
        return Cuts({pair: how for pair, how in self.pairs.items() if pair != (source, target)})
