"""What a campaign counts, how it is written, and that it can be gone on with."""

import json
from collections import Counter

import pytest

from simulator.campaign import Played, Summary
from simulator.campaign.summary import KEPT, percentiles
from simulator.campaign.telling import table
from simulator.measures import Recovery
from simulator.schedule import Violation


def played(seed: int, what: str | None = None, *pauses: float) -> Played:
    return Played(
        seed,
        Violation(what, f"why of {seed}", 12.34567) if what is not None else None,
        virtual_seconds=180.0,
        events=5000,
        faults=Counter({"region_down": 1, "slow": 2}),
        covered=Counter({("FenceSource", "region_down"): 1, ("FenceSource", ""): 2}),
        endings=Counter({("failover", "succeeded"): 1}),
        recoveries=tuple(Recovery("orders", each, each / 10) for each in pauses),
    )


@pytest.fixture
def summary() -> Summary:
    found = Summary(next_seed=40)
    for each in (played(40, None, 12.3), played(41, "I3", 30.0, 40.2), played(42, "stuck"), played(43, "error")):
        found.add(each)
    found.real_seconds = 10.0
    found.memory_mib = {2000: 123.4}
    return found


def test_it_counts_everything_once(summary: Summary) -> None:
    told = summary.as_json()
    assert (told["schedules"], told["next_seed"], told["events"]) == (4, 44, 20_000)
    assert (told["violations"], told["stuck"], told["errors"]) == (1, 1, 1)
    assert told["virtual_hours"] == 0.2
    assert told["faults"] == {"region_down": 4, "slow": 8}
    assert told["coverage"] == {"FenceSource x no fault": 8, "FenceSource x region_down": 4}
    assert told["endings"] == {"failover: succeeded": 4}
    assert told["schedules_per_second"] == 0.4


def test_it_tells_each_violation_with_its_seed(summary: Summary) -> None:
    assert summary.as_json()["found"] == [
        {"seed": 41, "what": "I3", "at": 12.346, "why": "why of 41"},
        {"seed": 42, "what": "stuck", "at": 12.346, "why": "why of 42"},
        {"seed": 43, "what": "error", "at": 12.346, "why": "why of 43"},
    ]


@pytest.mark.parametrize(("what", "clean"), [(None, True), ("I1", False), ("stuck", False), ("error", False)])
def test_it_is_clean_when_nothing_was_violated(what: str | None, clean: bool) -> None:
    found = Summary()
    found.add(played(1, what))
    assert found.is_clean is clean


def test_of_very_many_violations_the_first_are_told_and_all_are_counted() -> None:
    found = Summary()
    for seed in range(KEPT + 5):
        found.add(played(seed, "I1"))
    assert len(found.violations) == KEPT
    assert found.violated == KEPT + 5


def test_what_was_written_is_read_again(summary: Summary) -> None:
    text = json.dumps(summary.as_json())
    assert json.dumps(Summary.resumed(json.loads(text)).as_json()) == text


def test_one_that_goes_on_counts_as_if_it_had_never_stopped(summary: Summary) -> None:
    resumed = Summary.resumed(json.loads(json.dumps(summary.as_json())))
    for each in (summary, resumed):
        each.add(played(44, "I1", 0.1, 99.0))
        each.real_seconds = 11.0
    assert resumed.as_json() == summary.as_json()


def test_one_that_was_written_without_memory_can_be_gone_on_with(summary: Summary) -> None:
    told = summary.as_json()
    del told["memory_mib"]
    assert Summary.resumed(told).schedules == 4


class TestPercentiles:
    """Shares of what was measured."""

    def test_of_nothing_there_are_none(self) -> None:
        assert percentiles(Counter()) is None
        assert Summary().as_json()["rto_seconds"] is None

    def test_they_are_the_upper_bounds_of_their_buckets(self) -> None:
        buckets = Counter({10: 50, 20: 45, 30: 4, 40: 1})
        assert percentiles(buckets) == {"p50": 5.0, "p95": 10.0, "p99": 15.0, "max": 20.0}

    def test_one_alone_is_all_of_them(self) -> None:
        assert percentiles(Counter({3: 1})) == {"p50": 1.5, "p95": 1.5, "p99": 1.5, "max": 1.5}

    def test_they_bound_what_was_measured(self, summary: Summary) -> None:
        rto = summary.as_json()["rto_seconds"]
        assert rto["p50"] >= 30.0
        assert 40.2 <= rto["max"] <= 41.0


def test_people_are_told_the_same(summary: Summary) -> None:
    told = {
        str(left): str(right) for left, right in zip(*(column.cells for column in table(summary).columns), strict=True)
    }
    assert told["schedules"] == "4 in 10 s, 0.4 a second"
    assert told["violations"].startswith("1 ")
    assert told["stuck"].startswith("1 ")
    assert told["errors"].startswith("1 ")
    assert "failover: succeeded 4" in told["executions"]
    assert told["nobody could write for"].endswith("max 40.5 s")


def test_people_are_told_when_no_writer_ever_changed() -> None:
    columns = table(Summary()).columns
    assert "never happened" in [str(each) for each in columns[1].cells]
