"""A scenario's steps are done in their moments: at a time, after a mark, upon an event."""

from typing import Any

import pytest

from rehearsal.form import Scenario, parse_scenario
from rehearsal.form.faults import Fault
from simulator.director import Director
from simulator.hearing import Hearing
from simulator.world.clocks import BEGINNING
from simulator.world.world import World
from tests.products import AP, EU, US
from tests.unit.simulator.world_inside.deployed import fault, world

ZERO = 20.0
LAST = {"at": "200s", "expect": {"invariants": "hold"}}
DOWN, GUARD = {"region_down": US}, {"guard_dead": EU}


def scenario(*steps: dict[str, Any]) -> Scenario:
    return parse_scenario({"proves": "it", "steps": [*steps, LAST]})


class Play:
    """A scenario that is done to a world in which nothing else happens; second 0 is at 20 s."""

    def __init__(self, *steps: dict[str, Any]) -> None:
        self.world: World = world()
        self.world.kernel.run(ZERO)
        self.director = Director(self.world, scenario(*steps))
        self.director.begin()

    def hear(self, second: float, kind: str, name: str, region: str = EU) -> None:
        """Have something happen at a second of the play."""
        self.world.kernel.now_or_later(second, lambda: self.director.heard(kind, name, region))

    def run(self, seconds: float = 300.0) -> list[tuple[float, str]]:
        """Return what was done, and in which seconds."""
        self.world.kernel.run(ZERO + seconds)
        return [(round(at, 3), step.asked()) for at, step in self.director.done]

    @property
    def standing(self) -> list[Fault]:
        return self.world.faults.standing


def test_a_step_is_done_at_its_time() -> None:
    play = Play({"at": "5s", "fault": DOWN}, {"at": "8s", "heal": DOWN}, {"at": "9s", "fault": GUARD})
    assert play.run(7.0) == [(5.0, f"fault region_down {US}")]
    assert play.standing == [fault(region_down=US)]
    assert play.run() == [
        (5.0, f"fault region_down {US}"),
        (8.0, f"heal region_down {US}"),
        (9.0, f"fault guard_dead {EU}"),
    ]
    assert play.standing == [fault(guard_dead=EU)]


def test_all_is_healed_at_once() -> None:
    play = Play({"at": "5s", "fault": DOWN}, {"at": "6s", "fault": GUARD}, {"at": "9s", "heal": "all"})
    play.run()
    assert play.standing == []


def test_a_step_comes_so_long_after_the_moment_of_a_mark() -> None:
    play = Play(
        {"at": "5s", "fault": DOWN, "mark": "lost"},
        {"at": "2s", "after": "lost", "fault": GUARD, "mark": "dead"},
        {"at": "500ms", "after": "dead", "heal": GUARD},
        {"at": "9s", "mark": "only-a-mark"},
        {"at": "1s", "after": "only-a-mark", "heal": DOWN},
    )
    assert [at for at, _ in play.run()] == [5.0, 7.0, 7.5, 9.0, 10.0]


class TestEvents:
    """Steps that are due upon an event."""

    def test_it_is_done_after_whoever_acts_has_left_its_turn(self) -> None:
        play = Play({"at": "0s", "upon": {"left": "FenceSource", "by": "90s"}, "fault": DOWN})
        seen: list[int] = []

        def acts() -> None:
            play.director.heard("left", "FenceSource", EU)
            seen.append(len(play.standing))

        play.world.kernel.now_or_later(33.0, acts)
        assert play.run() == [(33.0, f"fault region_down {US}")]
        assert seen == [0]

    def test_it_counts_from_the_event(self) -> None:
        play = Play({"at": "2s", "upon": {"journal": "FENCED", "by": "90s"}, "fault": DOWN})
        play.hear(33.0, "journal", "FENCED")
        assert play.run()[0][0] == 35.0

    @pytest.mark.parametrize(("nth", "at"), [(1, 10.0), (2, 20.0), (3, 30.0)])
    def test_it_is_the_nth_time(self, nth: int, at: float) -> None:
        play = Play({"at": "0s", "upon": {"written": "vote", "nth": nth, "by": "90s"}, "fault": DOWN})
        for second in (10.0, 20.0, 30.0):
            play.hear(second, "written", "vote")
        assert [when for when, _ in play.run()] == [at]

    def test_it_is_a_regions_if_one_is_said(self) -> None:
        play = Play(
            {"at": "0s", "upon": {"entered": "AdmitWriter", "region": AP, "nth": 2, "by": "90s"}, "fault": DOWN}
        )
        for second, region in ((10.0, AP), (20.0, EU), (30.0, AP)):
            play.hear(second, "entered", "AdmitWriter", region)
        assert [when for when, _ in play.run()] == [30.0]

    @pytest.mark.parametrize("other", [("entered", "FenceSource"), ("left", "AdmitWriter"), ("journal", "FenceSource")])
    def test_another_one_is_not_it(self, other: tuple[str, str]) -> None:
        play = Play({"at": "0s", "upon": {"left": "FenceSource", "by": "90s"}, "fault": DOWN})
        play.hear(10.0, *other)
        assert [when for when, _ in play.run()] == [90.0]

    def test_one_that_has_not_come_by_its_latest_counts_as_come(self) -> None:
        play = Play({"at": "1s", "upon": {"journal": "FENCED", "by": "40s"}, "fault": DOWN})
        play.hear(60.0, "journal", "FENCED")
        assert [when for when, _ in play.run()] == [41.0]

    def test_it_comes_once(self) -> None:
        play = Play({"at": "0s", "upon": {"journal": "FENCED", "by": "90s"}, "fault": DOWN})
        for second in (10.0, 20.0):
            play.hear(second, "journal", "FENCED")
        assert [when for when, _ in play.run()] == [10.0]

    def test_several_steps_may_wait_for_the_same_one(self) -> None:
        upon = {"journal": "FENCED", "by": "90s"}
        play = Play({"at": "0s", "upon": upon, "fault": DOWN}, {"at": "3s", "upon": upon, "heal": DOWN})
        play.hear(10.0, "journal", "FENCED")
        assert [when for when, _ in play.run()] == [10.0, 13.0]

    def test_what_was_before_second_0_counts_for_nothing(self) -> None:
        made = world()
        director = Director(made, scenario({"at": "0s", "upon": {"journal": "FENCED", "by": "40s"}, "fault": DOWN}))
        director.heard("journal", "FENCED", EU)
        director.begin()
        made.kernel.run(300.0)
        assert [at for at, _ in director.done] == [40.0]


def test_it_knows_its_last_moment_as_far_as_that_is_known() -> None:
    play = Play(
        {"at": "5s", "fault": DOWN, "mark": "lost"},
        {"at": "30s", "after": "lost", "heal": DOWN},
        {"at": "4s", "upon": {"journal": "FENCED", "by": "20s"}, "fault": GUARD},
    )
    assert play.director.ends_at == ZERO + 20.0
    play.run(20.0)
    assert play.director.ends_at == ZERO + 35.0
    play.run(35.0)
    assert play.director.ends_at == ZERO + 35.0


def test_what_is_expected_is_not_its_business() -> None:
    assert Play({"by": "5s", "expect": {"writer": "none"}}, {"until": "8s", "never": {"writer": EU}}).run() == []


def test_an_operator_does_what_is_said() -> None:
    play = Play({"at": "5s", "operator": {"pause": "a test"}}, {"at": "30s", "operator": {"resume": {}}})
    play.world.begin()
    play.run(10.0)
    pause = play.world.control.pause
    assert pause is not None and "a test" in str(pause)
    play.run(40.0)
    assert play.world.control.pause is None
    play.world.kernel.end()


@pytest.mark.parametrize("wrong", [300, -300])
def test_a_pause_lasts_as_long_as_was_ordered_where_the_clocks_of_functions_are_wrong(wrong: str) -> None:
    """Who orders it has a clock of his own."""
    skews = [{"at": "1s", "fault": {"clock_skew": {"region": each, "seconds": wrong}}} for each in (US, EU, AP)]
    play = Play(*skews, {"at": "5s", "operator": {"pause": {"reason": "a test", "for": "60s"}}})
    play.world.begin()
    began = play.world.kernel.now
    play.run(10.0)
    pause = play.world.control.pause
    assert pause is not None
    ends = (pause.until - BEGINNING).total_seconds()
    assert began + 60.0 < ends < play.world.kernel.now + 60.0
    play.world.kernel.end()


def test_an_operator_who_is_refused_ends_nothing() -> None:
    play = Play(
        {"at": "5s", "operator": {"abort": {"reason": "there is nothing", "refused": True}}},
        {"at": "9s", "fault": DOWN},
    )
    assert [at for at, _ in play.run()] == [5.0, 9.0]


def test_whoever_hears_is_told_in_the_order_in_which_things_come() -> None:
    told: list[str] = []
    events = [
        step.upon
        for step in scenario(
            {"at": "0s", "upon": {"journal": "FENCED", "nth": 2, "by": "90s"}, "fault": DOWN},
            {"at": "0s", "upon": {"journal": "FENCED", "by": "90s"}, "heal": DOWN},
        ).steps
        if step.upon is not None
    ]
    hearing = Hearing(events, lambda event: told.append(f"time {event.nth}"))
    for _ in range(3):
        hearing.heard("journal", "FENCED", EU)
    assert told == ["time 1", "time 2"]
    assert hearing.awaited == []
