"""Faults: each kind can be broken and mended, by itself and beside others, and then nothing of it is left."""

import itertools
from typing import Any

import pytest

from failover.errors import StoreUnreachableError
from rehearsal.form import Fault, FaultKind
from rehearsal.form.fault_kinds import Amiss, Failing, Source
from rehearsal.form.gray_faults import MAY_BE
from rehearsal.stage import StageError
from simulator.world.world import World
from tests.products import AP, EU, US
from tests.unit.simulator.world_inside.breakages import EXAMPLES, broken
from tests.unit.simulator.world_inside.deployed import fault, world

BREAKS_NOTHING_YET = {FaultKind.REGION_DOWN_AFTER}
DONE_AT_ONCE = {"events stale"}


def told(each: Fault) -> str:
    return each.line()


def apply(made: World, *faults: Fault) -> None:
    for each in faults:
        made.faults.apply(each)
        made.kernel.run(made.kernel.now)


def heal(made: World, each: Fault) -> None:
    made.faults.heal(each)
    made.kernel.run(made.kernel.now)


@pytest.fixture(scope="module")
def calm() -> dict[str, Any]:
    return dict(broken(world()))


def test_there_is_an_example_of_every_kind() -> None:
    assert {each.kind for each in EXAMPLES} == set(FaultKind)


@pytest.mark.parametrize("each", EXAMPLES, ids=told)
def test_it_breaks_something_and_leaves_nothing_behind(each: Fault, calm: dict[str, Any]) -> None:
    made = world()
    apply(made, each)
    assert made.faults.standing == [each]
    if each.kind not in BREAKS_NOTHING_YET and each.line() not in DONE_AT_ONCE:
        assert broken(made) != calm
    heal(made, each)
    assert made.faults.standing == []
    assert broken(made) == calm


def test_of_two_faults_one_that_is_healed_leaves_the_other(calm: dict[str, Any]) -> None:
    alone = {each: _alone(each) for each in EXAMPLES}
    touched = {each: set(_difference(state, calm)) for each, state in alone.items()}
    wrong = []
    for one, other in itertools.product(EXAMPLES, EXAMPLES):
        if touched[one] & touched[other] - {"quiet"}:
            made = world()
            apply(made, one, other)
            heal(made, one)
            if broken(made) != alone[other]:
                left = _difference(broken(made), alone[other])
                wrong.append(f"{one.line()} was healed beside {other.line()}: {left}")
    assert wrong == []


def test_when_all_is_healed_nothing_is_broken_whatever_stood_together(calm: dict[str, Any]) -> None:
    for size in (2, 5, len(EXAMPLES)):
        for first in range(0, len(EXAMPLES), size):
            made = world()
            apply(made, *EXAMPLES[first : first + size])
            made.faults.heal_all()
            made.kernel.run(made.kernel.now)
            assert broken(made) == calm, [each.line() for each in EXAMPLES[first : first + size]]


def test_a_product_that_went_through_everything_is_as_it_was(calm: dict[str, Any]) -> None:
    made = world(still=False)
    made.begin()
    made.kernel.run(20.0)
    for each in EXAMPLES:
        made.faults.apply(each)
        made.kernel.run(made.kernel.now + 1.0)
    made.faults.heal_all()
    made.kernel.run(made.kernel.now + 30.0)
    made.kernel.end()
    assert broken(made) == calm


def test_what_does_not_stand_is_not_healed(calm: dict[str, Any]) -> None:
    made = world()
    for each in EXAMPLES:
        heal(made, each)
    assert broken(made) == calm


def test_a_kind_that_cannot_be_played_is_refused() -> None:
    class Flood(Fault):
        kind = FaultKind.SLOW

    with pytest.raises(StageError, match="cannot play slow; it plays: answers, api_down"):
        world().faults.apply(Flood())


@pytest.mark.parametrize(("source", "how"), [(what, how) for what, hows in MAY_BE.items() for how in hows], ids=str)
def test_every_answer_can_be_amiss_in_each_way_that_can_be_written(source: Source, how: Amiss) -> None:
    made = world()
    apply(made, fault(answers={"what": source.value, "how": how.value}))
    assert made.gray.lies(source, US, how)


class TestRegions:
    """A region without power."""

    @pytest.fixture
    def made(self) -> World:
        return world()

    def test_nothing_of_it_answers_and_the_others_live(self, made: World) -> None:
        apply(made, fault(region_down=US))
        assert made.is_lost(US) and not made.is_lost(EU)
        assert [copy.reachable for copy in made.copies.values()] == [region != US for _, region in made.copies]
        assert made.network.broken(EU, US) is made.network.broken(US, EU) is Failing.REFUSE
        assert not made.network.acts(US)

    def test_one_that_two_faults_took_is_back_when_both_are_healed(self, made: World) -> None:
        down, flapping = fault(region_down=US), fault(flapping={"region": US, "period": "8s"})
        apply(made, down, flapping)
        heal(made, down)
        assert made.is_lost(US)
        heal(made, flapping)
        assert not made.is_lost(US)

    def test_one_that_returns_has_still_lost_the_database_that_another_fault_took(self, made: World) -> None:
        down = fault(region_down=US)
        apply(made, fault(database_down={"database": "orders", "region": US}), down)
        heal(made, down)
        assert not made.copies["orders", US].reachable

    def test_a_database_that_is_mended_in_a_lost_region_does_not_run(self, made: World) -> None:
        dead = fault(database_down={"database": "orders", "region": US})
        apply(made, fault(region_down=US), dead)
        heal(made, dead)
        assert not made.copies["orders", US].reachable

    def test_one_that_flaps_is_down_and_up_by_turns(self, made: World) -> None:
        flapping = fault(flapping={"region": US, "period": "8s"})
        made.faults.apply(flapping)
        seen = []
        for second in (1, 5, 9, 13):
            made.kernel.run(float(second))
            seen.append(made.is_lost(US))
        assert seen == [True, False, True, False]
        made.faults.heal(flapping)
        made.kernel.run(60.0)
        assert not made.is_lost(US)

    def test_one_that_flaps_comes_up_without_what_another_fault_took(self, made: World) -> None:
        made.faults.apply(fault(database_down={"database": "orders", "region": US}))
        made.faults.apply(fault(flapping={"region": US, "period": "8s"}))
        made.kernel.run(5.0)
        assert not made.is_lost(US)
        assert not made.copies["orders", US].reachable

    def test_one_whose_flapping_ends_in_the_very_moment_of_a_turn_stays_up(self, made: World) -> None:
        flapping = fault(flapping={"region": US, "period": "8s"})
        made.faults.apply(flapping)
        made.kernel.now_or_later(7.9, lambda: made.kernel.now_or_later(0.1, lambda: made.faults.heal(flapping)))
        made.kernel.run(60.0)
        assert not made.is_lost(US)

    def test_it_falls_when_its_execution_leaves_a_state_so_often_only(self, made: World) -> None:
        falls = fault(region_down_after="FenceSource")
        apply(made, falls)
        left = made.executions.left
        left(AP, "RevokeLease")
        made.kernel.run(1.0)
        assert made.faults.lost == set()
        left(AP, "FenceSource")
        assert made.faults.lost == set(), "not in the turn of whoever left it"
        made.kernel.run(1.0)
        assert made.faults.lost == {AP}
        left(EU, "FenceSource")
        made.kernel.run(2.0)
        assert made.faults.lost == {AP}
        heal(made, falls)
        assert made.faults.lost == set()

    def test_one_that_was_about_to_fall_when_all_was_healed_does_not(self, made: World) -> None:
        falls = fault(region_down_after="FenceSource")
        apply(made, falls)

        def leave() -> None:
            made.kernel.now_or_later(0.0, lambda: made.faults.heal(falls))
            made.executions.left(AP, "FenceSource")

        made.kernel.now_or_later(1.0, leave)
        made.kernel.run(2.0)
        assert made.faults.lost == set()

    def test_who_is_healed_no_longer_waits_for_a_state(self, made: World) -> None:
        falls = fault(region_down_after={"state": "FenceSource", "times": 2})
        apply(made, falls)
        heal(made, falls)
        made.executions.left(AP, "FenceSource")
        made.kernel.run(1.0)
        assert made.faults.lost == set()


def test_what_grows_goes_on_growing_when_something_else_is_healed() -> None:
    made, other = world(), fault(guard_dead=EU)
    apply(made, fault(slow={"region": US, "what": "aws", "seconds": 10, "grows": "20s"}), other)
    made.kernel.run(10.0)
    heal(made, other)
    assert made.network.slow[US](made.kernel.now) == pytest.approx(5.0)


def test_a_copy_that_was_promoted_while_it_was_held_back_receives_again_when_it_is_a_replica_again() -> None:
    made, lag = world(), fault(replica_lag={"database": "orders"})
    apply(made, lag)
    made.copies["orders", EU].promote()
    heal(made, lag)
    assert not made.copies["orders", EU].held_back


def test_a_frozen_guard_stays_frozen_when_only_the_functions_are_thawed() -> None:
    made = world()
    made.begin()
    made.kernel.run(70.0)
    frozen = fault(functions_frozen=US)
    apply(made, fault(guard_dead={"region": US, "frozen": True}), frozen)
    heal(made, frozen)
    still = {actor.name for actor in made.kernel.living if actor._frozen}
    assert any(name.startswith("guard_lease in us-east-1") for name in still)
    assert not any(name.startswith("probe_regions") for name in still)
    made.kernel.end()


@pytest.mark.parametrize(
    ("each", "of"),
    [
        (fault(observer_down=US), "probe_regions"),
        (fault(guard_dead=US), "guard_lease"),
    ],
    ids=["observer", "guard"],
)
def test_a_function_that_is_taken_away_ends_and_starts_again_when_it_is_given_back(each: Fault, of: str) -> None:
    made = world()
    made.begin()
    made.kernel.run(70.0)
    assert made.functions.of(US, of)
    apply(made, each)
    made.kernel.run(200.0)
    assert not made.functions.of(US, of)
    assert made.functions.of(EU, of)
    heal(made, each)
    made.kernel.run(270.0)
    assert made.functions.of(US, of)
    made.kernel.end()


def test_stale_events_come_once_more_at_once() -> None:
    made = world()
    heard: list[float] = []
    made.bus.deliver = lambda _region, _hint: heard.append(made.kernel.now)
    made.bus.put(EU, "a test", "an event", "a")
    made.kernel.run(30.0)
    apply(made, fault(events="stale"))
    made.kernel.run(60.0)
    assert [round(at) for at in heard] == [0, 30]


@pytest.mark.parametrize(
    ("skew", "region", "off"), [(60, US, 60.0), (-60, US, -60.0), (60, EU, 0.0)], ids=["ahead", "behind", "another's"]
)
def test_a_wrong_clock_is_that_of_its_regions_functions(skew: int, region: str, off: float) -> None:
    made = world()
    clock = made.regions.wiring(US).ports.clock
    before, elapsed = clock.now().timestamp(), clock.elapsed()
    apply(made, fault(clock_skew={"region": region, "seconds": skew}))
    assert clock.now().timestamp() - before == pytest.approx(off)
    assert clock.elapsed() == elapsed


@pytest.mark.parametrize(("skew", "taken"), [(300, True), (-901, False), (3600, False)])
def test_a_clock_that_is_a_quarter_of_an_hour_wrong_signs_nothing_that_aws_takes(skew: int, taken: bool) -> None:
    made, each = world(), fault(clock_skew={"region": US, "seconds": skew})
    told: list[str] = []

    def ask() -> None:
        try:
            made.regions.wiring(US).ports.store.control()
            told.append("taken")
        except StoreUnreachableError:
            told.append("refused")

    apply(made, each)
    made.kernel.actor(ask, "asks")
    made.kernel.run(5.0)
    heal(made, each)
    made.kernel.actor(ask, "asks again")
    made.kernel.run(10.0)
    assert told == ["taken" if taken else "refused", "taken"]


def _alone(each: Fault) -> dict[str, Any]:
    made = world()
    apply(made, each)
    return dict(broken(made))


def _difference(found: Any, expected: Any) -> dict[str, Any]:
    return {key: (found[key], expected[key]) for key in expected if found[key] != expected[key]}
