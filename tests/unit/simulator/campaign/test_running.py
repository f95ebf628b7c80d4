"""Many schedules: all of them, in their order, on as many processes as are allowed; and what breaks made short."""

import gc
import json
from dataclasses import replace
from functools import cache

import pytest
import yaml

from rehearsal.form import FaultKind, OperationKind, Scenario, fitted, parse_scenario, written
from rehearsal.player import play as play_on
from rehearsal.terminal import Narrator
from simulator.campaign import Campaign, Order, Played, Summary, play_seed, run
from simulator.campaign import running as campaigns
from simulator.campaign.playing import play
from simulator.campaign.shortening import shortened
from simulator.campaign.telling import lines
from simulator.latencies import COMPRESSED, Latencies
from simulator.schedule import Outcome, Schedule, Violation
from simulator.schedules import draw
from simulator.stage import SimulatedStage
from tests.products import quickstart
from tests.unit.simulator.campaign.planted import WHY, plant

ORDER = Order(quickstart())
CALM = Order(quickstart(), frozenset({FaultKind.CLOCK_SKEW}))
LOSES = Order(quickstart(), frozenset({FaultKind.REGION_DOWN, FaultKind.OBSERVER_DOWN, OperationKind.PAUSE}))


def campaign(order: Order = CALM, **more: object) -> tuple[Summary, list[Played]]:
    asked = Campaign(order, **{"first": 3, "schedules": 3, **more})  # type: ignore[arg-type]
    summary = Summary(next_seed=asked.first)
    told: list[Played] = []
    run(asked, summary, told.append)
    return summary, told


def figures(summary: Summary) -> str:
    return json.dumps(replace(summary, real_seconds=0.0).as_json(), sort_keys=True)


@cache
def opening() -> int:
    """The first seed in which an incident is opened, and more happens than that."""
    with pytest.MonkeyPatch.context() as planted:
        plant(planted)
        for seed in range(30):
            if len(draw(LOSES.topology, seed, LOSES.kinds).steps) > 4:
                found = play_seed(LOSES, seed).violation
                if found is not None:
                    assert (found.what, found.why) == ("I6", WHY)
                    return seed
    raise AssertionError("no seed opens an incident")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Schedules that are played in no time: every tenth violates something."""
    seeds: list[int] = []

    def instead(_order: Order, seed: int) -> Played:
        seeds.append(seed)
        return Played(seed, Violation("I1", "planted", 1.0) if seed % 10 == 0 else None, events=1)

    monkeypatch.setattr(campaigns, "play_seed", instead)
    return seeds


def test_it_plays_the_seeds_that_were_asked_for(quick: list[int]) -> None:
    summary, told = campaign(first=3, schedules=5)
    assert [each.seed for each in told] == quick == [3, 4, 5, 6, 7]
    assert (summary.schedules, summary.next_seed) == (5, 8)


def test_it_ends_with_the_first_violation_when_that_is_wanted(quick: list[int]) -> None:
    summary, told = campaign(first=3, schedules=100, until_violation=True)
    assert told[-1].seed == 10
    assert (summary.violated, summary.next_seed) == (1, 11)


def test_it_goes_on_after_a_violation_else(quick: list[int]) -> None:
    summary, _ = campaign(first=3, schedules=20)
    assert (summary.violated, summary.schedules) == (2, 20)


def test_it_ends_when_its_time_is_over(quick: list[int]) -> None:
    summary, _ = campaign(first=3, schedules=None, minutes=0.0)
    assert summary.schedules == 1


def test_what_is_gone_on_with_is_what_was_never_stopped(quick: list[int]) -> None:
    whole, _ = campaign(first=3, schedules=30)
    summary = Summary(next_seed=3)
    for _ in range(3):
        summary = Summary.resumed(json.loads(json.dumps(summary.as_json())))
        run(Campaign(CALM, summary.next_seed, 10), summary)
    assert figures(summary) == figures(whole)


def test_the_collector_works_again_afterwards(quick: list[int]) -> None:
    campaign(schedules=2)
    assert gc.isenabled()


def test_on_two_processes_all_is_as_on_one() -> None:
    one, told_one = campaign(LOSES, schedules=5)
    two, told_two = campaign(LOSES, schedules=5, jobs=2)
    assert [each.seed for each in told_two] == [each.seed for each in told_one]
    assert figures(two) == figures(one)


def test_only_the_kinds_that_are_asked_for_happen() -> None:
    _, told = campaign(CALM, schedules=4)
    assert {kind for each in told for kind in each.faults} <= {"clock_skew"}


def test_what_is_raised_in_a_schedule_is_an_error_and_the_campaign_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_self: Schedule) -> None:
        raise LookupError("no such thing")

    monkeypatch.setattr(Schedule, "_play", fails)
    summary, told = campaign(schedules=2)
    assert (summary.errors, summary.violated, summary.schedules) == (2, 0, 2)
    violation = told[0].violation
    assert violation is not None
    assert violation.what == "error"
    assert violation.why.startswith("LookupError: no such thing (test_running.py, line ")


class TestShortening:
    """A violation that is planted: whenever an incident is opened."""

    @pytest.fixture(autouse=True)
    def seed(self, monkeypatch: pytest.MonkeyPatch) -> int:
        plant(monkeypatch)
        return opening()

    def test_what_is_left_is_shorter_and_still_violates_the_same(self, seed: int) -> None:
        found = shortened(LOSES, seed, Violation("I6", "", 0.0), budget=12)
        assert len(found.shortest.steps) < len(found.drawn.steps)
        assert found.drawn == draw(LOSES.topology, seed, LOSES.kinds)
        assert (found.violation.what, found.seed) == ("I6", seed)
        outcome, _ = play(LOSES, found.shortest, str(seed))
        assert outcome.violation == found.violation

    def test_it_tries_no_more_often_than_it_may(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        played: list[Scenario] = []

        def counted(order: Order, scenario: Scenario, name: str) -> object:
            played.append(scenario)
            return play(order, scenario, name)

        monkeypatch.setattr("simulator.campaign.shortening.play", counted)
        shortened(LOSES, seed, Violation("I6", "", 0.0), budget=4)
        assert len(played) <= 5


def test_what_is_written_for_a_replay_is_played_by_the_stage_as_it_was_in_the_campaign(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seed = opening()
    with monkeypatch.context() as planted:
        plant(planted)
        found = shortened(LOSES, seed, Violation("I6", "", 0.0), budget=6)
    text = written(found.shortest)
    read = fitted(parse_scenario(yaml.safe_load(text)), quickstart())
    stage = SimulatedStage(quickstart(), read, seed, Latencies.read(COMPRESSED))
    stage.begin()
    play_on(read, stage, Narrator())
    stage.close()
    schedule = Schedule(quickstart(), found.shortest, str(seed), Latencies.read(COMPRESSED))
    journal = [(at, each.kind, each.text) for at, each in schedule.play().journal]
    table = stage._world.table
    seen = [(at, each.kind, each.text) for at, each in zip(table.journal_times, table.journal, strict=True)]
    least = min(len(journal), len(seen))
    assert seen[:least] == journal[:least]
    assert any(kind == "INCIDENT_OPENED" for _, kind, _ in seen[:least])


def test_a_timeline_tells_the_schedule_what_was_done_and_the_journal_in_the_order_of_time() -> None:
    drawn = draw(LOSES.topology, opening(), LOSES.kinds)
    outcome, _ = play(LOSES, drawn, str(opening()))
    told = list(lines(drawn, outcome))
    assert told[0] == written(drawn)
    times = [float(line.split()[0]) for line in told[1:-1]]
    assert times == sorted(times)
    assert any("-- fault region_down" in line for line in told)
    assert any("incident opened:" in line for line in told)
    assert told[-1].startswith("held; ")


def test_a_timeline_ends_with_the_violation() -> None:
    outcome = Outcome("0", Violation("I6", WHY, 42.0), zero=20.0)
    *_, last = lines(draw(LOSES.topology, 0, LOSES.kinds), outcome)
    assert last == f"VIOLATED I6 at 22.000 s: {WHY}"
