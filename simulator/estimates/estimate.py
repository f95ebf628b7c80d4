"""Many plays of one disaster on one topology, and the spread of what they came to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from failover.topology import Topology
from rehearsal.measures import PARTS
from simulator.estimates.runs import UNENDED, Run

Playing = Callable[[Topology, Sequence[int]], Iterable[Run]]
"""Plays the disaster on a topology once with each seed."""

P50: Final = 0.50
P95: Final = 0.95
DETECT: Final = PARTS[0]


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds: the median, the 95th percentile and the most that was seen; infinite where a play did not end."""

    p50: float
    p95: float
    most: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Spread":
        """Return the spread of at least one time, by nearest rank: each figure is of a play that there was."""
        ordered = sorted(seconds)
        return cls(*(ordered[max(0, ceil(share * len(ordered)) - 1)] for share in (P50, P95, 1.0)))

    def as_json(self) -> dict[str, float | None]:
        """Return it as plain values; ``None`` is infinite, which JSON cannot say."""
        return {name: _finite(getattr(self, name)) for name in ("p50", "p95", "most")}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the plays came to; all but ``recovery`` and ``lost`` are of those that ended.

    ``own`` is what the control plane needed beside what it waited for, ``bound`` the loss that could not be ruled out.
    """

    topology: Topology
    runs: Sequence[Run]
    recovery: Spread
    lost: Spread
    parts: Mapping[str, Spread]
    own: Spread | None
    bound: Spread | None

    @classmethod
    def of(cls, topology: Topology, runs: Sequence[Run]) -> "Estimate":
        """Put at least one play together."""
        ended = [run for run in runs if run.ended]
        owned = [run.own_seconds for run in ended if run.own_seconds is not None]
        bounds = [run.bound_seconds for run in ended if run.bound_seconds is not None]
        return cls(
            topology=topology,
            runs=runs,
            recovery=Spread.of(run.recovery_seconds for run in runs),
            lost=Spread.of(run.lost_seconds for run in runs),
            parts={part: Spread.of(run.parts[part] for run in ended) for part in PARTS} if ended else {},
            own=Spread.of(owned) if owned else None,
            bound=Spread.of(bounds) if bounds else None,
        )

    @property
    def unended(self) -> Mapping[str, int]:
        """How many plays did not end by themselves, by the rule of their incident; "" where none was opened."""
        rules = sorted(run.rule for run in self.runs if not run.ended)
        return {rule: rules.count(rule) for rule in dict.fromkeys(rules)}

    @property
    def by_size(self) -> list[str]:
        """The parts, the longest first, by their 95th percentiles."""
        return sorted(self.parts, key=lambda part: (-self.parts[part].p95, PARTS.index(part)))

    def without(self, part: str) -> float:
        """Return the 95th percentile of the recovery if this part took no time at all: no change of it gives less."""
        return Spread.of(run.recovery_seconds - run.parts.get(part, 0.0) for run in self.runs).p95

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "plays": len(self.runs),
            "unended": dict(self.unended),
            "recovery": self.recovery.as_json(),
            "parts": {part: spread.as_json() for part, spread in self.parts.items()},
            "lost": self.lost.as_json(),
            "own_share": self.own.as_json() if self.own is not None else None,
            "loss_bound": self.bound.as_json() if self.bound is not None else None,
        }


def estimate(
    topology: Topology, playing: Playing, seeds: Sequence[int], told: Callable[[], None] = lambda: None
) -> Estimate:
    """Play once with each of at least one seed, and say what came of it; ``told`` hears of each play."""
    runs = []
    for run in playing(topology, seeds):
        runs.append(run)
        told()
    return Estimate.of(topology, runs)


def _finite(seconds: float) -> float | None:
    return round(seconds, 3) if seconds < UNENDED else None
