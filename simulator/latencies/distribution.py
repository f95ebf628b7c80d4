"""How long something takes: a table of quantiles, from which a draw costs one random number and one product.

The table's values are whole microseconds. Machines differ in the last digit of a logarithm, and a draw is made of
nothing but a table and sums: one seed draws the same on all of them.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from random import Random
from statistics import NormalDist
from typing import Final

INTERVALS: Final = 1000
"""So many steps are between the least and the most: the median and the 99th percentile are values of the table."""

MEDIAN: Final = 0.5
TAIL: Final = 0.0005
"""A lognormal distribution has no least and no most: these are its quantiles at this share from either end."""

_P99: Final = NormalDist().inv_cdf(0.99)


class Distribution:
    """How long something takes, in seconds; frozen."""

    __slots__ = ("_knots", "_steps")

    def __init__(self, quantile: Callable[[float], float]) -> None:
        knots = [round(quantile(index / INTERVALS), 6) for index in range(INTERVALS + 1)]
        self._knots = (*knots, knots[-1])
        self._steps = tuple(later - earlier for earlier, later in itertools.pairwise(self._knots))

    @classmethod
    def fixed(cls, seconds: float) -> "Distribution":
        """It takes always as long."""
        return cls(lambda _share: seconds)

    @classmethod
    def uniform(cls, least: float, most: float) -> "Distribution":
        """Any time between two is as likely as any other."""
        return cls(lambda share: least + share * (most - least))

    @classmethod
    def lognormal(cls, p50: float, p99: float, floor: float = 0.0, ceiling: float = math.inf) -> "Distribution":
        """Many times of about ``p50``, few much longer ones; what lies outside floor and ceiling is taken as they are.

        Times over the 99.95th percentile are never drawn: who needs them gives quantiles.
        """
        sigma = math.log(p99 / p50) / _P99
        bell = NormalDist()

        def quantile(share: float) -> float:
            deviations = bell.inv_cdf(min(max(share, TAIL), 1 - TAIL))
            return min(max(p50 * math.exp(sigma * deviations), floor), ceiling)

        return cls(quantile)

    @classmethod
    def quantiles(cls, at: Mapping[float, float]) -> "Distribution":
        """What was seen, in seconds by percent, from 0 to 100; between two it grows evenly."""
        percents = sorted(at)

        def quantile(share: float) -> float:
            percent = 100 * share
            below = max(each for each in percents if each <= percent)
            above = min(each for each in percents if each >= percent)
            part = (percent - below) / (above - below) if above > below else 0.0
            return at[below] + part * (at[above] - at[below])

        return cls(quantile)

    def draw(self, chance: Random) -> float:
        """Return a time, in seconds."""
        place = chance.random() * INTERVALS
        index = int(place)
        return self._knots[index] + (place - index) * self._steps[index]

    def quantile(self, share: float) -> float:
        """Return the time that so large a share of draws (0 to 1) does not exceed, in seconds."""
        place = share * INTERVALS
        index = int(place)
        return self._knots[index] + (place - index) * self._steps[index]

    @property
    def p50(self) -> float:
        """The median, in seconds."""
        return self.quantile(MEDIAN)

    def around(self, p50: float) -> "Distribution":
        """Return one of the same shape around another median, which is over 0."""
        factor = p50 / self.p50
        return Distribution(lambda share: self.quantile(share) * factor)

    def without_chance(self) -> "Distribution":
        """Return one that takes always as long as this one's median."""
        return Distribution.fixed(self.p50)

    def __repr__(self) -> str:
        return f"Distribution({self.quantile(0):g} … {self.p50:g} … {self.quantile(1):g} s)"
