"""All latencies by name, and those between two regions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final

from simulator.latencies.distribution import Distribution
from simulator.latencies.mistakes import LatencyError, near
from simulator.latencies.reading import AWS, File, Latency, Standing, read_file

NEAR: Final = "network.region"
FAR: Final = "network.inter_region"


@dataclass(frozen=True, slots=True)
class Latencies:
    """Every delay of the modelled world.

    ``round_trips`` are medians in seconds by (region, other region), in both orders. Of two regions that are not
    there, ``network.inter_region`` is taken as it is.
    """

    by_name: Mapping[str, Latency]
    round_trips: Mapping[tuple[str, str], float] = field(default_factory=dict)
    _takes: dict[str, Distribution] = field(default_factory=dict, init=False, repr=False, compare=False)
    _between: dict[tuple[str, str], Distribution] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._takes.update({name: latency.takes for name, latency in self.by_name.items()})

    @classmethod
    def read(cls, path: Path | None = None) -> "Latencies":
        """Return the latencies of AWS, with those of a file in their place: it says only what differs.

        Raises:
            LatencyError: a file has mistakes; the text says each on a line of its own.
        """
        aws = _aws()
        by_name, round_trips = aws.latencies, _both_ways(aws.round_trips)
        if path is not None:
            own = read_file(path, known=frozenset(by_name))
            by_name, round_trips = by_name | own.latencies, round_trips | _both_ways(own.round_trips)
        return cls(by_name, round_trips)

    def __iter__(self) -> Iterator[Latency]:
        return iter(self.by_name.values())

    def of(self, name: str) -> Distribution:
        """Return how long something takes.

        Raises:
            LatencyError: there is no such latency.
        """
        try:
            return self._takes[name]
        except KeyError:
            allowed = f"a latency of {AWS.name}"
            raise LatencyError([f"got {name!r}; allowed: {allowed}; {near(name, self._takes)}"]) from None

    def between(self, one: str, other: str) -> Distribution:
        """Return how long a packet is under way from one region to another, or within one."""
        found = self._between.get((one, other))
        if found is None:
            found = self._between[one, other] = self._way(one, other)
        return found

    def replaced(self, takes: Mapping[str, Distribution]) -> "Latencies":
        """Return these with some distributions replaced, for tests and for questions of the kind "what if"."""
        for name in takes:
            self.of(name)
        changed = {
            name: replace(each, takes=takes[name], told="replaced", standing=Standing.ASSUMED)
            if name in takes
            else each
            for name, each in self.by_name.items()
        }
        return Latencies(changed, self.round_trips)

    def without_chance(self) -> "Latencies":
        """Return these, each always at its median: for tests in which every moment can be reckoned by hand."""
        still = {name: replace(each, takes=each.takes.without_chance()) for name, each in self.by_name.items()}
        return Latencies(still, self.round_trips)

    def _way(self, one: str, other: str) -> Distribution:
        if one == other:
            return self.of(NEAR)
        far, round_trip = self.of(FAR), self.round_trips.get((one, other))
        return far if round_trip is None else far.around(round_trip / 2)


@cache
def _aws() -> File:
    """The file of AWS; read once, and never changed."""
    return read_file(AWS)


def _both_ways(round_trips: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    return {pair: took for (one, other), took in round_trips.items() for pair in ((one, other), (other, one))}
