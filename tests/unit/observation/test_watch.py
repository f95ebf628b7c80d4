"""Consecutive misses, a single service, blindness, and time by the observer's own clock."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.observation import Sight, Watch
from failover.records import Health
from tests.unit.observation.sightings import BLIND, MISSED, SERVED, UNSEEN, watched

sights = st.sampled_from([SERVED, MISSED, UNSEEN, BLIND])


@pytest.mark.parametrize(
    ("seen", "health"),
    [
        ([], Health.UNKNOWN),
        ([SERVED], Health.HEALTHY),
        ([MISSED, MISSED], Health.UNKNOWN),
        ([MISSED, MISSED, MISSED], Health.UNHEALTHY),
        ([SERVED, MISSED, MISSED], Health.HEALTHY),
        ([SERVED, MISSED, MISSED, MISSED], Health.UNHEALTHY),
        ([MISSED, MISSED, SERVED, MISSED, MISSED], Health.HEALTHY),
        ([MISSED, MISSED, MISSED, SERVED], Health.HEALTHY),
        ([MISSED, MISSED, BLIND, MISSED, MISSED], Health.UNKNOWN),
        ([MISSED, MISSED, UNSEEN, MISSED, MISSED], Health.UNKNOWN),
        ([MISSED, MISSED, MISSED, BLIND], Health.UNKNOWN),
        ([SERVED, BLIND], Health.UNKNOWN),
    ],
)
def test_a_sequence_of_probes_becomes_a_view(seen: list[Sight], health: Health) -> None:
    assert watched(seen).health is health


@given(st.lists(sights, max_size=30), st.integers(1, 6))
def test_only_consecutive_misses_at_the_end_make_a_region_unhealthy(seen: list[Sight], needed: int) -> None:
    trailing = 0
    for sight in reversed(seen):
        if sight is not MISSED:
            break
        trailing += 1
    assert (watched(seen, needed).health is Health.UNHEALTHY) == (trailing >= needed)


@given(st.lists(sights, max_size=20), st.lists(sights, max_size=20))
def test_nothing_from_before_a_blind_period_counts(before: list[Sight], after: list[Sight]) -> None:
    with_it, without = watched([*before, BLIND, *after]), watched(after)
    assert (with_it.health, with_it.misses) == (without.health, without.misses)


@given(st.lists(sights, min_size=1, max_size=30), st.floats(0, 100))
def test_it_is_unhealthy_since_the_probe_that_made_it_so(seen: list[Sight], later: float) -> None:
    watch, now = watched(seen), (len(seen) - 1) * 5.0 + later
    begun = first_of_the_last_stretch(seen)
    expected = now - begun * 5.0 if watch.health is Health.UNHEALTHY else 0.0
    assert watch.unhealthy_seconds(now) == pytest.approx(expected)


def first_of_the_last_stretch(seen: Sequence[Sight]) -> int:
    """The number of the probe that completed the three misses with which the sequence ends."""
    start = len(seen)
    while start and seen[start - 1] is MISSED:
        start -= 1
    return start + 2


def test_a_view_that_is_confirmed_keeps_its_beginning_and_tells_the_newest_reason() -> None:
    watch = watched([MISSED, MISSED, MISSED])
    again = watch.after(Sight(MISSED.finding, "HTTP 503"), blind="", needed=3, at=15.0)
    assert (again.since, again.reason, again.misses) == (10.0, "HTTP 503", 4)


def test_a_watch_is_never_changed_only_followed() -> None:
    watch = Watch()
    watch.after(SERVED, blind="", needed=3, at=1.0)
    assert watch == Watch()
