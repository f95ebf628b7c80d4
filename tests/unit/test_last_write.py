"""Promises on last write wins: regions that write at once and hear of each other late agree in the end."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.last_write import MOST_AHEAD, ClockAheadError, Stamp, Written, latest, next_stamp

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
REGIONS = ("ap-southeast-1", "eu-west-1", "us-east-1")
instants = st.integers(-5, 5).map(lambda seconds: NOON + timedelta(seconds=seconds))
stamps = st.builds(Stamp, instants, st.sampled_from(REGIONS))


class Replicas:
    """A table of one item for each region, in each region; items travel in the order in which they were written."""

    def __init__(self, skews: Sequence[float]) -> None:
        self.items: dict[str, dict[str, Written]] = {region: {} for region in REGIONS}
        self.skews = dict(zip(REGIONS, skews, strict=True))
        self.under_way: dict[tuple[str, str], list[Written]] = {(a, b): [] for a in REGIONS for b in REGIONS if a != b}
        self.elapsed = 0.0

    def read(self, region: str) -> Written | None:
        return latest(self.items[region].values())

    def write(self, region: str, value: object) -> Written:
        self.elapsed += 0.5
        now = NOON + timedelta(seconds=self.elapsed + self.skews[region])
        written = Written(next_stamp(region, now, self.read(region)), value)
        self.items[region][region] = written
        for other in REGIONS:
            if other != region:
                self.under_way[region, other].append(written)
        return written

    def deliver(self, source: str, to: str) -> None:
        if waiting := self.under_way[source, to]:
            self.items[to][source] = waiting.pop(0)

    def deliver_all(self) -> None:
        for source, to in self.under_way:
            while self.under_way[source, to]:
                self.deliver(source, to)


acts = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(REGIONS), st.integers()),
        st.tuples(st.just("deliver"), st.sampled_from(REGIONS), st.sampled_from(REGIONS)),
    ),
    max_size=30,
)
skews = st.tuples(*(st.floats(-60, 60) for _ in REGIONS))


def play(world: Replicas, done: Sequence[tuple[str, str, object]]) -> None:
    for what, where, it in done:
        if what == "write":
            world.write(where, it)
        elif where != it:
            world.deliver(where, str(it))


@given(skews, acts)
def test_when_all_is_delivered_all_regions_say_the_same(
    skewed: Sequence[float], done: list[tuple[str, str, object]]
) -> None:
    world = Replicas(skewed)
    play(world, done)
    world.deliver_all()
    assert len({world.read(region) for region in REGIONS}) == 1


@given(skews, acts, st.sampled_from(REGIONS))
def test_a_write_that_knows_another_is_never_lost_to_it(
    skewed: Sequence[float], done: list[tuple[str, str, object]], region: str
) -> None:
    """Whatever the clocks say: who has read it writes later."""
    world = Replicas(skewed)
    play(world, done)
    known = world.read(region)
    written = world.write(region, "after")
    assert known is None or written.stamp > known.stamp
    assert world.read(region) == written


@given(skews, acts)
def test_what_a_region_reads_never_goes_back(skewed: Sequence[float], done: list[tuple[str, str, object]]) -> None:
    world = Replicas(skewed)
    seen: dict[str, Stamp] = {}
    for act in done:
        play(world, [act])
        for region in REGIONS:
            read = world.read(region)
            assert region not in seen or (read is not None and read.stamp >= seen[region])
            if read is not None:
                seen[region] = read.stamp


@given(st.lists(stamps, unique=True), st.randoms())
def test_the_order_of_arrival_says_nothing(given_stamps: list[Stamp], chance: object) -> None:
    items = [Written(stamp, str(stamp)) for stamp in given_stamps]
    mixed = list(items)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert latest(items) == latest(mixed) == latest([*mixed, *items])


@given(stamps, stamps)
def test_the_texts_have_the_order_of_the_stamps(one: Stamp, other: Stamp) -> None:
    assert (str(one) < str(other)) == (one < other)
    assert Stamp.parse(str(one)) == one


def test_of_equal_times_the_greater_region_wins_everywhere() -> None:
    items = [Written(Stamp(NOON, region), region) for region in REGIONS]
    told = latest(items)
    assert told
    assert told.value == "us-east-1"


def test_a_clock_that_is_too_far_ahead_is_told_and_not_followed() -> None:
    with pytest.raises(ClockAheadError, match="look at both clocks"):
        next_stamp("eu-west-1", NOON, Written(Stamp(NOON + MOST_AHEAD + timedelta(seconds=1), "us-east-1"), 1))


def test_what_was_never_written_is_none() -> None:
    assert latest([]) is None
