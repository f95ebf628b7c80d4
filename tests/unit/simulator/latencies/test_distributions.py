"""Times are drawn as the file says, and the same ones on every machine."""

from itertools import pairwise
from math import inf
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.latencies import Distribution

SHARES = (0.0, 0.01, 0.5, 0.95, 0.99, 1.0)


def drawn(distribution: Distribution, times: int = 20_000) -> list[float]:
    chance = Random(7)
    return sorted(distribution.draw(chance) for _ in range(times))


def test_what_is_fixed_takes_always_as_long() -> None:
    assert set(drawn(Distribution.fixed(1.5), 100)) == {1.5}


def test_any_time_between_two_is_as_likely() -> None:
    times = drawn(Distribution.uniform(10, 20))
    assert times[0] >= 10
    assert times[-1] <= 20
    assert fmean(times) == pytest.approx(15, abs=0.1)
    assert times[5_000] == pytest.approx(12.5, abs=0.15)


def test_a_lognormal_time_has_the_median_and_the_tail_that_are_written() -> None:
    times = drawn(Distribution.lognormal(0.1, 1.0))
    assert times[10_000] == pytest.approx(0.1, rel=0.05)
    assert times[19_800] == pytest.approx(1.0, rel=0.15)
    exact = Distribution.lognormal(0.1, 1.0)
    assert (exact.p50, exact.quantile(0.99)) == (0.1, 1.0)


def test_a_lognormal_time_stays_between_floor_and_ceiling() -> None:
    times = drawn(Distribution.lognormal(1, 10, floor=0.8, ceiling=11))
    assert times[0] == 0.8
    assert times[-1] == 11


def test_quantiles_grow_evenly_between_those_that_are_written() -> None:
    seen = Distribution.quantiles({0: 0, 90: 0, 95: 1, 100: 3})
    assert [seen.quantile(share) for share in (0, 0.9, 0.925, 0.95, 0.975, 1)] == [0, 0, 0.5, 1, 2, 3]
    assert sum(each == 0 for each in drawn(seen)) == pytest.approx(18_000, rel=0.01)


def test_one_seed_draws_the_same_times() -> None:
    distribution = Distribution.lognormal(0.045, 0.150, floor=0.015)
    assert [distribution.draw(Random(5)) for _ in range(3)] == [distribution.draw(Random(5)) for _ in range(3)]


def test_a_draw_is_a_sum_of_whole_microseconds_and_takes_one_random_number() -> None:
    """Logarithms differ in their last digit from machine to machine: none of them may reach a draw."""
    distribution = Distribution.lognormal(0.045, 0.150)
    knots = [distribution.quantile(index / 1000) for index in range(1001)]
    assert knots == [round(each, 6) for each in knots]
    one, other = Random(3), Random(3)
    distribution.draw(one)
    other.random()
    assert one.getstate() == other.getstate()


def test_around_another_median_it_keeps_its_shape() -> None:
    wide, near = Distribution.quantiles({0: 60, 50: 80, 100: 160}), 40.0
    assert [wide.around(near).quantile(share) for share in (0, 0.5, 1)] == [30, 40, 80]


def test_without_chance_it_takes_always_its_median() -> None:
    assert set(drawn(Distribution.lognormal(0.1, 1.0).without_chance(), 50)) == {0.1}


@given(st.floats(0.001, 1000), st.floats(1.01, 50), st.floats(0, 1), st.floats(1, 100), st.integers(0, 2**32))
def test_a_draw_lies_between_the_least_and_the_most_and_quantiles_grow(
    p50: float, wide: float, floor: float, ceiling: float, seed: int
) -> None:
    most = inf if ceiling > 90 else p50 * wide * ceiling
    distribution = Distribution.lognormal(p50, p50 * wide, floor * p50, most)
    quantiles = [distribution.quantile(share) for share in SHARES]
    assert all(later >= earlier for earlier, later in pairwise(quantiles))
    assert quantiles[0] <= distribution.draw(Random(seed)) <= quantiles[-1]
    assert quantiles[0] >= round(floor * p50, 6)
