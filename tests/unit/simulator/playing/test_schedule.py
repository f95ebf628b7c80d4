"""A schedule: the same play for ever, mended at its end, judged, and told in figures."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from failover.invariants import Complaint
from rehearsal.form import Scenario, parse_scenario
from simulator import schedule as schedules
from simulator.checking import Checker, Violated
from simulator.latencies import COMPRESSED, Latencies
from simulator.measures import recoveries
from simulator.schedule import Outcome, Schedule
from simulator.settling import QUIET_SECONDS, SERVED_SECONDS, Settling
from simulator.world.world import World
from tests.products import EU, US, quickstart
from tests.unit.simulator.playing.trace import trace

COMPRESSED_LATENCIES = Latencies.read(COMPRESSED)
ROOT = Path(__file__).parents[4]
SHORT = {"lease": "10s", "margin": "1s", "renew": "2s", "probe": "2s", "fresh": "10s", "dwell": "3s", "ttl": "5s"}
LOST = {"at": "2s", "fault": {"region_down": US}}
END = {"at": "200s", "expect": {"invariants": "hold"}}


def scenario(*steps: dict[str, Any]) -> Scenario:
    return parse_scenario({"proves": "it", "timings": SHORT, "steps": [*steps, END]})


def schedule(*steps: dict[str, Any], seed: str = "1", goes_on: bool = False) -> Schedule:
    return Schedule(quickstart(), scenario(*steps), seed, COMPRESSED_LATENCIES, goes_on=goes_on)


@cache
def lost() -> tuple[Schedule, Outcome]:
    """The primary is lost, and back at the end."""
    played = schedule(LOST, {"at": "50s", "mark": "end"})
    return played, played.play()


class TestRepeating:
    """One seed is one play."""

    def test_the_same_seed_again_is_the_same_byte_for_byte(self) -> None:
        assert trace(5) == trace(5)

    def test_another_seed_is_another_play(self) -> None:
        one, other = (schedule(LOST, seed=seed).play() for seed in ("1", "2"))
        assert [at for at, _ in one.journal] != [at for at, _ in other.journal]

    def test_the_order_of_hashes_changes_nothing(self) -> None:
        here = Path(__file__).with_name("trace.py")
        paths = os.pathsep.join([str(ROOT), str(ROOT / "lambdas")])
        processes = [
            subprocess.Popen(
                [sys.executable, str(here), "1", "4"],
                env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": seed},
                stdout=subprocess.PIPE,
                text=True,
            )
            for seed in ("1", "7")
        ]
        one, other = (process.communicate(timeout=120)[0] for process in processes)
        assert len(one.splitlines()) == 2
        assert one == other

    def test_looking_on_changes_nothing(self) -> None:
        judged, played = schedule(LOST), schedule(LOST)
        played.checker = _Blind(played.checker)  # type: ignore[assignment]
        assert [at for at, _ in judged.play().journal] == [at for at, _ in played.play().journal]


class _Blind:
    """A checker that sees what it must and judges nothing."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker

    def __getattr__(self, name: str) -> Any:
        return getattr(self._checker, name)

    def look(self) -> None:
        """Look away."""


class TestPlaying:
    """What a play is made of."""

    def test_it_warms_up_before_second_0_and_tells_what_was_done_since_then(self) -> None:
        _, outcome = lost()
        assert [(round(at, 3), step.asked()) for at, step in outcome.done] == [
            (2.0, f"fault region_down {US}"),
            (50.0, "mark end"),
        ]
        assert outcome.faults == {"region_down": 1}

    def test_what_still_stands_at_the_end_is_mended(self) -> None:
        played, outcome = lost()
        assert played.world.faults.standing == []
        assert not played.world.is_lost(US)
        assert outcome.violation is None

    def test_nobody_acts_any_more_when_it_is_over(self) -> None:
        played, _ = lost()
        assert not played.world.kernel.living

    def test_it_tells_the_journal_in_virtual_time(self) -> None:
        _, outcome = lost()
        kinds = [entry.kind for _, entry in outcome.journal]
        assert kinds.index("INCIDENT_OPENED") < kinds.index("PROMOTING") < kinds.index("ADMITTED")
        opened = next(at for at, entry in outcome.journal if entry.kind == "INCIDENT_OPENED")
        assert outcome.zero + 2.0 < opened < outcome.zero + 50.0

    def test_it_counts_states_beside_the_faults_that_stood(self) -> None:
        _, outcome = lost()
        assert outcome.covered["RevokeLease", "region_down"] == 1
        assert not any(fault == "" for state, fault in outcome.covered if state == "RevokeLease")
        assert outcome.endings == {("failover", "succeeded"): 1}

    def test_it_counts_states_while_nothing_is_broken(self) -> None:
        machine = {"machine": "switchover", "region": EU, "subject": US, "input": {"target": EU}}
        outcome = schedule({"at": "1s", "operator": {"start_execution": machine}}).play()
        assert outcome.covered["OpenIncident", ""] == 1
        assert outcome.endings == {("switchover", "succeeded"): 1}

    def test_its_time_is_the_scenarios_and_the_quiet_after_it(self) -> None:
        _, outcome = lost()
        took = outcome.virtual_seconds - outcome.zero - 50.0
        assert SERVED_SECONDS <= took <= QUIET_SECONDS + 2 * SERVED_SECONDS
        assert outcome.events > 1000

    def test_the_scenarios_timings_are_in_the_place_of_the_topologys(self) -> None:
        played, _ = lost()
        assert (played.world.topology.lease.lease_seconds, quickstart().lease.lease_seconds) == (10.0, 20.0)


class TestViolations:
    """How a schedule says that something does not hold."""

    def test_it_ends_with_the_first_violation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def look(checker: Checker) -> None:
            if played.world.kernel.now > 30.0:
                raise Violated(Complaint("I5", "it was planted", 30.0))

        monkeypatch.setattr(Checker, "look", look)
        played = schedule({"at": "50s", "mark": "end"})
        outcome = played.play()
        assert outcome.violation is not None
        assert (outcome.violation.what, outcome.violation.why) == ("I5", "it was planted")
        assert 30.0 < outcome.virtual_seconds < 31.0
        assert not played.world.kernel.living

    def test_one_that_comes_to_no_good_end_is_stuck(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(schedules, "QUIET_SECONDS", 12.0)
        monkeypatch.setattr(Settling, "trouble", lambda _self, _healed_at: "it was planted")
        outcome = schedule().play()
        assert outcome.violation is not None
        assert (outcome.violation.what, outcome.violation.why) == ("stuck", "it was planted")

    def test_an_epoch_that_is_written_on_two_timelines_is_found(self) -> None:
        played = schedule({"at": "50s", "mark": "end"})

        def lose() -> None:
            copy = played.world.copies["orders", US]
            copy.branch = type(copy.branch)("another")

        played.world.kernel.now_or_later(40.0, lose)
        outcome = played.play()
        assert outcome.violation is not None
        assert (outcome.violation.what, outcome.violation.why) == ("I1", "orders: epoch 1 was written on two timelines")

    @pytest.mark.parametrize(
        ("step", "longer"),
        [
            ({"executor_frozen": {"step": "ChooseTarget", "seconds": 25}}, 25.0),
            ({"functions_frozen": US}, schedules.FROZEN_SECONDS),
            ({"requests": {"service": "rds", "how": "late", "seconds": 7}}, 14.0),
            ({"region_down": US}, 0.0),
        ],
        ids=str,
    )
    def test_checkers_are_patient_with_what_a_scenario_lets_stand_still(
        self, step: dict[str, Any], longer: float
    ) -> None:
        assert schedules.longest_standstill(scenario({"at": "1s", "fault": step})) == longer


class TestSettling:
    """When a world has come to an end that is good."""

    @pytest.fixture
    def made(self) -> World:
        made = World(quickstart(), "1", COMPRESSED_LATENCIES)
        made.begin()
        made.kernel.run(made.warm_up() + 20.0)
        return made

    def trouble(self, made: World, *, served: bool = True, healed_at: float = 0.0) -> str:
        now = made.kernel.now
        times = dict.fromkeys(made.outside.clients.groups, now - (1.0 if served else 60.0))
        found = Settling(made, times).trouble(healed_at)
        made.kernel.end()
        return found

    def test_one_whose_users_are_served_is_well(self, made: World) -> None:
        assert self.trouble(made) == ""

    def test_one_whose_users_are_not_is_not(self, made: World) -> None:
        assert "is acknowledged" in self.trouble(made, served=False)

    def test_one_whose_writer_is_shut_is_not(self, made: World) -> None:
        made.copies["orders", US].fence(2)
        assert "nobody can write" in self.trouble(made)

    def test_a_page_of_an_alarm_does_not_excuse_it_and_one_of_lifeboats_does(self, made: World) -> None:
        made.copies["orders", US].fence(2)
        now = made.kernel.now
        made.recorder.page(now, EU, "ALARM: the prober of eu-west-1 is silent")
        assert "nobody was paged" in Settling(made, dict.fromkeys(made.outside.clients.groups, now)).trouble(0.0)
        made.recorder.page(now, EU, "orders has no writer")
        assert self.trouble(made) == ""

    def test_when_an_incident_was_opened_is_not_what_a_clock_that_is_ahead_says(self, made: World) -> None:
        made.skew[EU] = 30.0
        made.executions.start(EU, "switchover", "by-hand", {"subject": US, "target": EU, "reason": "a test"})
        while made.control.incident is None or made.control.incident.execution is None:
            made.kernel.run(made.kernel.now + 0.1)
        standing = Settling(made, {})._ending(0.0, ()).incident
        assert standing is not None
        assert standing.opened_at <= made.kernel.now
        made.kernel.end()

    def test_while_a_promotion_is_under_way_nobody_knows(self, made: World) -> None:
        made.promotions._busy["orders", EU] = "modifying"
        assert "about to find something" in self.trouble(made, healed_at=made.kernel.now)

    def test_while_an_execution_is_at_work_it_may_still_come_to_something(self, made: World) -> None:
        made.executions.start(EU, "switchover", "by-hand", {"subject": US, "target": EU, "reason": "a test"})
        made.kernel.run(made.kernel.now + 0.5)
        assert self.trouble(made, healed_at=made.kernel.now) == "by-hand is at work"


class TestRecoveries:
    """What a change of writer cost the clients."""

    def test_it_is_measured_from_the_last_write_before_to_the_first_after(self) -> None:
        played, _ = lost()
        (recovery,) = recoveries(played.world)
        committed = [
            (each.committed_at or 0.0, each.committed_in) for each in played.world.recorder.writes if each.committed_in
        ]
        last = max(at for at, region in committed if region == US)
        first = min(at for at, region in committed if region == EU)
        assert recovery.database == "orders"
        assert recovery.pause_seconds == pytest.approx(first - last)
        assert 10.0 < recovery.pause_seconds < 60.0

    def test_the_age_of_the_oldest_lost_write_is_counted_from_the_last_one(self) -> None:
        lag = {"replica_lag": {"database": "orders"}}
        consent = {"consent": {"database": "orders"}}
        played = schedule(
            {"at": "0s", "fault": lag},
            {"at": "6s", "fault": {"region_down": US}},
            {"at": "30s", "operator": consent},
            {"at": "90s", "mark": "end"},
            goes_on=True,
        )
        played.play()
        (recovery,) = recoveries(played.world)
        assert 5.0 < recovery.lost_seconds < 7.5

    def test_where_nothing_was_lost_it_is_none(self) -> None:
        machine = {"machine": "switchover", "region": EU, "subject": US, "input": {"target": EU}}
        played = schedule({"at": "1s", "operator": {"start_execution": machine}})
        played.play()
        (recovery,) = recoveries(played.world)
        assert recovery.lost_seconds == 0.0
        assert recovery.pause_seconds > 0.0

    def test_where_no_writer_changed_there_is_none(self) -> None:
        played = schedule({"at": "1s", "fault": {"guard_dead": EU}})
        played.play()
        assert recoveries(played.world) == ()
