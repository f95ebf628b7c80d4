"""What a measurement comes to: tables of numbers, each beside what it should be."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

Told = Callable[[str], None]
"""Is told how far a measurement has come."""

Measure = Callable[[bool, Told], "Table"]
"""(quick, told) → table; raises ``MeasurementError``."""


class MeasurementError(Exception):
    """Something could not be measured at all; the message says what, and what to do."""


class Ground(StrEnum):
    """What a number was measured on, which says what it proves."""

    TWIN = "measured on the twin"
    ALONE = "measured, the real thing by itself"
    MEMORY = "measured, on adapters in memory"
    MODEL = "measured, the simulator in virtual time"


class Judged(StrEnum):
    """Which one of a number's samples its target speaks of."""

    MEDIAN = "median"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class Target:
    """At most ``limit``, or at least where ``floor`` is said; in the number's own unit."""

    limit: float
    of: Judged = Judged.WORST
    floor: bool = False

    def met(self, number: "Number") -> bool:
        """Whether the sample that counts is on the right side; the limit itself is."""
        value = number.median if self.of is Judged.MEDIAN else number.worst
        return value >= self.limit if self.floor else value <= self.limit


@dataclass(frozen=True, slots=True)
class Number:
    """One thing that was measured once or more; ``more_is_better`` decides which sample is the worst."""

    what: str
    samples: Sequence[float]
    unit: str
    target: Target | None = None
    more_is_better: bool = False

    def __post_init__(self) -> None:
        if not self.samples:
            raise MeasurementError(f"{self.what}: no sample; measure it at least once")

    @property
    def median(self) -> float:
        """The median of the samples."""
        return statistics.median(self.samples)

    @property
    def worst(self) -> float:
        """The greatest sample, or the least where more is better."""
        return min(self.samples) if self.more_is_better else max(self.samples)


@dataclass(frozen=True, slots=True)
class Table:
    """One measurement: its numbers, what they were measured on, and what a reader has to know of them."""

    name: str
    title: str
    ground: Ground
    numbers: Sequence[Number]
    remarks: Sequence[str] = ()

    def missed(self) -> Sequence[Number]:
        """Return the numbers that have a target and miss it."""
        return [each for each in self.numbers if each.target is not None and not each.target.met(each)]
