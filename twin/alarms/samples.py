"""What was published: metrics and their samples."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, Self


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. CloudWatch never aggregates over dimensions: another set of them is another metric."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Iterable[Mapping[str, str]] = ()) -> Self:
        """Return the metric of an API's ``[{"Name": …, "Value": …}]``; their order does not matter."""
        return cls(namespace, name, tuple(sorted((each["Name"], each["Value"]) for each in dimensions)))


@dataclass(frozen=True, slots=True)
class Sample:
    """``count`` observations that were published together, for the moment ``at`` (Unix seconds)."""

    at: float
    count: float
    total: float
    minimum: float
    maximum: float
    unit: str = "None"
    high_resolution: bool = False

    @classmethod
    def of_value(
        cls, at: float, value: float, *, count: float = 1.0, unit: str = "None", high_resolution: bool = False
    ) -> Self:
        """Return the sample of one value that was seen ``count`` times."""
        value = float(value)
        return cls(at, count, value * count, value, value, unit, high_resolution)

    @property
    def is_uniform(self) -> bool:
        """Whether every single observation is known, as percentiles need it."""
        return self.minimum == self.maximum and self.total == self.minimum * self.count


class Samples(Protocol):
    """The store that an evaluation reads."""

    def __call__(self, metric: Metric, since: float, until: float) -> Iterable[Sample]:
        """Return what was published of a metric for ``since <= at < until``, in no particular order."""
