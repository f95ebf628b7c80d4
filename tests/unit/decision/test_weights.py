"""Promises on weights: one whole, never empty, better never means less, and nothing moves for nothing."""

import math
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from failover.decision.weights import LEAST_SHARE, MOST_WEIGHT, Minute, Sharing, Weighing, share, shares_of, weights_of

A, B, C = "us-east-1", "us-west-2", "us-east-2"
REGIONS = (A, B, C)
EVEN = dict.fromkeys(REGIONS, 1 / 3)
AT_ONCE = Weighing({A: 1000, B: 800, C: 600}, least_change=0.0001, most_change=1.0)

minutes = st.builds(
    Minute,
    processed=st.none() | st.floats(0, 3000),
    routed=st.none() | st.floats(0, 3000),
    failed=st.none() | st.floats(0, 3000),
    model_health=st.none() | st.floats(0, 1),
)
without_models = minutes.map(lambda minute: replace(minute, model_health=None))
told = st.dictionaries(st.sampled_from(REGIONS), st.lists(minutes, max_size=5).map(tuple))
weighings = st.builds(
    Weighing,
    st.fixed_dictionaries({region: st.integers(1, 5000) for region in REGIONS}),
    st.floats(0.05, 1),
    st.floats(0.01, 0.3),
    st.floats(0.3, 1),
    st.booleans(),
)
parts = st.tuples(*[st.integers(0, MOST_WEIGHT)] * len(REGIONS)).filter(any)
silent_models = st.dictionaries(st.sampled_from(REGIONS), st.lists(without_models, max_size=5).map(tuple))
some_for_each = st.tuples(*[st.integers(1, MOST_WEIGHT)] * len(REGIONS)).map(
    lambda weights: shares_of(dict(zip(REGIONS, weights, strict=True)))
)
shares = parts.map(lambda weights: shares_of(dict(zip(REGIONS, weights, strict=True))))


def well(processed: float = 300, **changes: float | None) -> tuple[Minute, ...]:
    return (replace(Minute(processed, model_health=1.0), **changes),)


def shared(said: Mapping[str, tuple[Minute, ...]], weighing: Weighing = AT_ONCE) -> Mapping[str, float]:
    return share(weighing, said, EVEN).wanted


@given(weighings, told, shares)
@settings(deadline=None)
def test_shares_are_one_whole_of_the_routes_regions_and_never_empty(
    weighing: Weighing, said: Mapping[str, tuple[Minute, ...]], current: Mapping[str, float]
) -> None:
    sharing = share(weighing, said, current)
    for each in (sharing.wanted, sharing.next or current):
        assert set(each) == set(REGIONS)
        assert math.isclose(sum(each.values()), 1.0, abs_tol=1e-9)
        assert all(value >= -1e-12 for value in each.values())
    weights = weights_of(sharing.next or current)
    assert max(weights.values()) == MOST_WEIGHT
    assert all(0 <= weight <= MOST_WEIGHT for weight in weights.values())


@given(weighings, silent_models, shares)
@settings(deadline=None)
def test_no_share_moves_faster_than_is_said_unless_models_fail(
    weighing: Weighing, said: Mapping[str, tuple[Minute, ...]], current: Mapping[str, float]
) -> None:
    after = share(weighing, said, current).next or current
    assert max(abs(after[each] - current[each]) for each in REGIONS) <= weighing.most_change + 1e-9


@given(weighings, silent_models, shares)
@settings(deadline=None)
def test_who_says_nothing_keeps_what_it_has_when_no_models_fail(
    weighing: Weighing, said: Mapping[str, tuple[Minute, ...]], current: Mapping[str, float]
) -> None:
    silent = {region: minutes for region, minutes in said.items() if region != C}
    sharing = share(weighing, silent, current)
    assert math.isclose(sharing.wanted[C], current[C], abs_tol=1e-9)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None)
def test_more_capacity_better_models_and_fewer_faults_never_mean_less(
    health: float, better: float, failed: float, fewer: float
) -> None:
    low, high = sorted((health, better))
    few, many = sorted((failed, fewer))
    worse = shared({A: well(1, failed=many, model_health=low), B: well(), C: well()})
    improved = shared({A: well(1, failed=few, model_health=high), B: well(), C: well()})
    wider = shared(
        {A: well(1, failed=few, model_health=high), B: well(), C: well()},
        replace(AT_ONCE, capacity_per_minute={**AT_ONCE.capacity_per_minute, A: 2000}),
    )
    assert worse[A] <= improved[A] + 1e-9
    assert improved[A] <= wider[A] + 1e-9


@given(weighings, told, some_for_each)
@settings(deadline=None)
def test_a_region_with_sound_models_always_has_somebody_to_show_that_it_is_well(
    weighing: Weighing, said: Mapping[str, tuple[Minute, ...]], current: Mapping[str, float]
) -> None:
    sharing = share(weighing, said, current)
    least = min(LEAST_SHARE, *current.values()) / len(REGIONS)
    assert all(sharing.wanted[each] >= least for each in REGIONS if each not in sharing.failing)


def test_the_well_are_shared_as_their_capacities_are() -> None:
    wanted = shared({each: well() for each in REGIONS})
    assert wanted[A] / wanted[B] == pytest.approx(1000 / 800, rel=0.02)
    assert wanted[B] / wanted[C] == pytest.approx(800 / 600, rel=0.03)


def test_models_that_do_half_as_well_get_half_as_much() -> None:
    even = replace(AT_ONCE, capacity_per_minute=dict.fromkeys(REGIONS, 1000))
    wanted = shared({A: well(model_health=0.5), B: well(), C: well()}, even)
    assert wanted[A] == pytest.approx(wanted[B] / 2, rel=0.1)


def test_what_comes_in_other_ways_is_taken_off() -> None:
    wanted = shared({A: (Minute(900, routed=100),), B: (Minute(300, routed=300),), C: (Minute(300, routed=300),)})
    assert wanted[A] == pytest.approx(200 / 1600, abs=0.02)


def test_a_region_whose_models_fail_gets_nobody_at_once() -> None:
    slow = replace(AT_ONCE, least_change=0.05, most_change=0.1)
    sharing = share(slow, {A: well(model_health=0.2), B: well(), C: well()}, EVEN)
    assert sharing.failing == {A}
    assert sharing.next is not None
    assert sharing.next[A] == 0
    assert weights_of(sharing.next)[A] == 0


def test_one_bad_minute_among_good_ones_counts() -> None:
    said = (*well(), *well(model_health=0.1), *well())
    assert share(AT_ONCE, {A: said, B: well(), C: well()}, EVEN).failing == {A}


def test_when_the_models_of_all_fail_that_is_no_reason_to_prefer_one() -> None:
    ill = share(AT_ONCE, {each: well(model_health=0.0) for each in REGIONS}, EVEN)
    assert ill.failing == frozenset()
    assert ill.wanted == shared({each: well() for each in REGIONS})


def test_a_small_change_is_not_made() -> None:
    calm = replace(AT_ONCE, least_change=0.05)
    settled = shared({each: well() for each in REGIONS})
    nearly = {A: settled[A] + 0.02, B: settled[B] - 0.01, C: settled[C] - 0.01}
    assert share(calm, {each: well() for each in REGIONS}, nearly).next is None


def test_nothing_is_known_of_a_region_that_tells_nothing_of_its_models() -> None:
    sharing = share(replace(AT_ONCE, needs_models=True), {A: (Minute(300),), B: well(), C: well()}, EVEN)
    assert sharing.wanted[A] == pytest.approx(1 / 3)


def test_zeros_for_all_are_equal_shares_as_route_53_has_it() -> None:
    assert shares_of({A: 0, B: 0}) == {A: 0.5, B: 0.5}


def test_a_sharing_without_a_step_changes_nothing() -> None:
    assert share(AT_ONCE, {}, EVEN) == Sharing(EVEN, None, frozenset())
