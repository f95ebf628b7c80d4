"""What was asked, offered and carried is counted where it was due, and never looks better than users had it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from rehearsal.form import Load, Scenario, parse_scenario
from rehearsal.form.expectations import Expectation
from rehearsal.history import History, Outcome, Write
from rehearsal.judging_afterwards import judge_afterwards
from rehearsal.load import EVERYBODY, by_group, phases
from rehearsal.measures import Measures, Recovery, Rpo
from rehearsal.milestones import Milestones
from rehearsal.player import play
from rehearsal.report import Judgement, Report
from rehearsal.sightings import Trace
from tests.products import AP, EU, US
from tests.unit.rehearsal.fake_stage import FakeStage, failed_over

MEASURES = Measures(Milestones(), Recovery(), Rpo(0, 0), None, {})


def write(group: str, due: float, seconds: float, outcome: Outcome = Outcome.ACKNOWLEDGED, late: float = 0.0) -> Write:
    return Write(group, round(due * 100), due + late, due + late + seconds, outcome, due_at=due)


TEN = [write(EU, each / 2, (each + 1) / 100) for each in range(20)]
"""Two a second for ten seconds, each ten milliseconds slower than the one before."""


def test_latencies_are_by_nearest_rank_and_rates_by_what_was_due() -> None:
    found = by_group([*TEN, write(EU, 10.0, 9.0), write(US, -1.0, 9.0)], 0.0, 10.0)
    assert set(found) == {EU, EVERYBODY}
    load = found[EU]
    assert load == found[EVERYBODY]
    assert (load.asked_per_second, load.offered_per_second, load.carried_per_second) == (2.0, 2.0, 2.0)
    assert (load.latency_p50_seconds, load.latency_p95_seconds, load.latency_max_seconds) == (0.1, 0.19, 0.2)
    assert (load.share, load.failed_share) == (1.0, 0.0)


def test_a_latency_counts_from_when_the_write_was_due_and_not_from_when_its_client_came_to_it() -> None:
    load = by_group([write(EU, 1.0, 0.01, late=1.5)], 0.0, 10.0)[EU]
    assert load.latency_max_seconds == 1.51


def test_what_clients_could_not_send_is_neither_carried_nor_the_products_failure() -> None:
    unsent = [write(EU, 0.25 + each, 0.0, Outcome.UNSENT, late=3.0) for each in range(5)]
    failed = [write(EU, 0.3 + each, 2.0, Outcome.FAILED) for each in range(5)]
    load = by_group([*TEN, *unsent, *failed], 0.0, 10.0)[EU]
    assert (load.asked, load.offered, load.acknowledged) == (30, 25, 20)
    assert (load.asked_per_second, load.offered_per_second, load.carried_per_second) == (3.0, 2.5, 2.0)
    assert (load.failed_share, round(load.share, 3)) == (0.2, 0.667)
    assert load.latency_max_seconds == 0.2
    assert "20 of 30 (5 not sent)" in load.told()


@pytest.mark.parametrize(
    ("wanted", "so"),
    [
        ({"share": 0.8}, True),
        ({"share": 0.81}, False),
        ({"p95": "200ms"}, True),
        ({"p95": "180ms"}, False),
        ({"longest": "200ms"}, True),
        ({"longest": "190ms"}, False),
        ({"share": 0.8, "p95": "180ms"}, False),
        ({"share": 1, "of": US}, True),
        ({"share": 0.01, "of": [US, AP]}, False),
        ({"p95": "1h", "of": AP}, False),
    ],
)
def test_what_is_carried_is_judged_of_each_group(wanted: dict[str, Any], *, so: bool) -> None:
    failed = [write(EU, each / 2, 2.0, Outcome.FAILED) for each in range(5)]
    load = by_group([*TEN, *failed, write(US, 1.0, 0.01)], 0.0, 10.0)
    words = Expectation.model_validate({"carried": wanted})
    assert all(each.holds for each in judge_afterwards(words, MEASURES, load, {EU, US})) is so


@pytest.mark.parametrize(
    "load", [{}, by_group([write(EU, 1.0, 2.0, Outcome.FAILED)], 0.0, 9.0)], ids=["none", "failed"]
)
def test_nothing_due_and_nothing_acknowledged_are_not_carried(load: Any) -> None:
    words = Expectation.model_validate({"carried": {"p95": "1h"}})
    assert not any(each.holds for each in judge_afterwards(words, MEASURES, load, set(load) - {EVERYBODY}))


def test_a_group_that_stopped_writing_has_carried_nothing_though_all_others_have() -> None:
    words = Expectation.model_validate({"carried": {"share": 0.99}})
    found = judge_afterwards(words, MEASURES, by_group(TEN, 0.0, 10.0), {EU, US})
    assert [(each.holds, each.observed.partition(",")[0]) for each in found] == [
        (True, f"carried {EU}: 20 of 20"),
        (False, f"carried no write was due of {US}"),
    ]


def scenario(*steps: dict[str, Any]) -> Scenario:
    return parse_scenario({"proves": "it", "steps": steps})


LOST = {"at": "5s", "fault": {"region_down": US}, "mark": "lost"}
SERVED = {"by": "60s", "expect": {"writer": EU, "served": True}, "mark": "served"}


def carried(until: str, share: float = 0.99, **more: Any) -> dict[str, Any]:
    return {"until": until, "expect": {"carried": {"share": share, **more.pop("of", {})}}, **more}


def test_a_play_is_divided_at_the_fault_and_when_everybody_was_served_again() -> None:
    report = play(scenario(LOST, SERVED, {"at": "80s", "expect": {"served": True}}), failed_over())
    before, outage, after = report.measures.load
    assert [(each.name.value, each.since, each.until) for each in (before, outage)] == [
        ("before", 0.0, 5.0),
        ("outage", 5.0, 52.5),
    ]
    assert (after.name.value, after.since) == ("after", 52.5)
    assert before.clients[EVERYBODY].share == after.clients[EVERYBODY].share == 1.0
    assert 0 < outage.clients[EU].share < 1
    assert set(outage.clients) == {US, EU, AP, EVERYBODY}


def test_a_play_in_which_nothing_breaks_has_one_part_and_one_that_never_heals_no_end() -> None:
    quiet = play(scenario({"at": "20s", "expect": {"served": True}}), FakeStage()).measures.load
    assert [each.name.value for each in quiet] == ["before"]
    cut = scenario({"at": "5s", "fault": {"clients_cut": US}}, {"at": "20s", "expect": {"served": True}})
    assert [each.name.value for each in play(cut, FakeStage()).measures.load] == ["before", "outage"]
    healed = scenario(
        {"at": "5s", "fault": {"clients_cut": US}},
        {"at": "9s", "heal": "all"},
        {"at": "20s", "expect": {"served": True}},
    )
    assert [(each.since, each.name.value) for each in play(healed, FakeStage()).measures.load] == [
        (0.0, "before"),
        (5.0, "outage"),
        (9.0, "after"),
    ]


def asked(*writes: Write, fault: float | None = None) -> list[tuple[str, int]]:
    """How many writes were due in each part of a play that has these."""
    parts = phases(History(20.0, writes), Trace(), Milestones(fault=fault))
    return [(each.name.value, each.clients[EVERYBODY].asked) for each in parts]


def test_nobody_wrote_and_there_is_no_load() -> None:
    assert asked() == []


def test_the_last_write_that_was_due_is_of_the_last_part() -> None:
    assert asked(*TEN) == [("before", 20)]
    assert asked(*TEN, fault=5.0) == [("before", 10), ("outage", 10)]
    assert asked(write(EU, 5.0, 0.01), write(US, 5.0, 0.01)) == [("before", 2)]


def test_a_group_that_stops_in_a_play_breaks_what_is_expected_of_each() -> None:
    class Stopping(FakeStage):
        def history(self) -> History:
            told = super().history()
            return replace(told, writes=[each for each in told.writes if each.group != US or each.due < 3.0])

    report = play(scenario({"at": "4s", "expect": {"writer": US}}, carried("9s")), Stopping())
    assert report.expectations[1].observed == f"carried no write was due of {US}"
    assert report.verdict is Judgement.BROKEN


class TestTheTimeOfAStep:
    """``carried`` speaks of the writes that were due from the step before, or a mark, until the step's own time."""

    def played(self, *steps: dict[str, Any]) -> Report:
        return play(scenario(*steps), failed_over())

    def test_the_load_before_a_fault_and_after_a_recovery_is_carried(self) -> None:
        report = self.played(carried("4s"), LOST, SERVED, carried("10s", after="served"))
        assert report.verdict is Judgement.HELD, [each.observed for each in report.expectations]
        assert f"carried {EU}: 16 of 16" in report.expectations[0].observed

    def test_what_is_not_carried_in_an_outage_breaks_the_play(self) -> None:
        report = self.played(carried("4s"), LOST, carried("20s", after="lost"), SERVED)
        assert [each.held for each in report.expectations] == [True, False, True]
        assert report.verdict is Judgement.BROKEN

    def test_until_counts_from_the_step_before(self) -> None:
        report = self.played({"at": "2s", "expect": {"writer": US}}, carried("4s"), {**LOST, "mark": "lost"}, SERVED)
        assert f"carried {EU}: 8 of 8" in report.expectations[1].observed


def test_a_load_has_rates_of_its_own_for_groups_and_grows_from_second_0_on() -> None:
    load = Load.model_validate({"writes_per_second": 4, "groups": {EU: 8}, "grows": {"times": 5, "within": "40s"}})
    assert [load.rate(US, at) for at in (-5.0, 0.0, 20.0, 40.0, 99.0)] == [4.0, 4.0, 12.0, 20.0, 20.0]
    assert (load.rate(EU, 20.0), load.highest(EU)) == (24.0, 40.0)
    assert Load().highest(EU) == 5.0


def test_the_document_has_every_part_with_every_group() -> None:
    report = play(scenario(LOST, SERVED, {"at": "80s", "expect": {"served": True}}), failed_over())
    load = json.loads(json.dumps(report.as_json()))["load"]
    assert load["virtual"] is False
    assert [each["name"] for each in load["phases"]] == ["before", "outage", "after"]
    assert load["phases"][0]["clients"][EU]["carried_per_second"] == 4.0
    assert {"asked_per_second", "offered_per_second", "failed_share", "latency_p95_seconds"} < set(
        load["phases"][1]["clients"]["*"]
    )
