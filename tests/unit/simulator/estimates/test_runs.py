"""A play's report becomes figures, and the disaster that is played is another one with each seed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from failover.topology import Automation
from rehearsal.facts import Journalled
from rehearsal.form import fitted, parse_scenario, with_timings
from rehearsal.player import play
from rehearsal.report import Report
from simulator.estimates import Estimate, Run, estimate, losing_the_primary
from tests.products import EU, US, quickstart
from tests.unit.rehearsal.fake_stage import FakeStage, failed_over

SERVED = parse_scenario(
    {
        "proves": "served again",
        "steps": [
            {"at": "5s", "fault": {"region_down": US}},
            {"by": "60s", "expect": {"writer": EU, "served": True, "incident": "closed"}},
        ],
    }
)


@pytest.fixture(scope="module")
def report() -> Report:
    return play(SERVED, failed_over())


def bounded(report: Report, *bounds: str) -> Report:
    """Return a report whose promotions were allowed on these bounds."""
    line = next(each for each in report.history.journal if each.entry.kind == "PROMOTING")
    others = tuple(each for each in report.history.journal if each is not line)
    told = [Journalled(line.at, replace(line.entry, facts={"loss_bound": bound})) for bound in bounds]
    return replace(report, history=replace(report.history, journal=(*others, *told)))


def test_a_run_is_what_its_report_says(report: Report) -> None:
    run = Run.of(7, report)
    assert (run.seed, run.rule, run.ended) == (7, "R330", True)
    assert run.recovery_seconds == report.measures.recovery.rto_seconds
    assert sum(run.parts.values()) == pytest.approx(run.recovery_seconds)


def test_the_greatest_bound_counts_and_an_unknown_one_is_none(report: Report) -> None:
    assert Run.of(1, bounded(report, "20.0 s", "21.4 s")).bound_seconds == 21.4
    assert Run.of(1, bounded(report, "20.0 s", "unknown")).bound_seconds is None
    assert Run.of(1, bounded(report)).bound_seconds is None


def test_who_was_never_served_has_no_recovery() -> None:
    run = Run.of(1, play(SERVED, FakeStage()))
    assert not run.ended
    assert run.rule == ""


def test_an_estimate_plays_once_with_each_seed(report: Report) -> None:
    asked: list[int] = []
    ended: list[None] = []

    def playing(_topology: object, seeds: Sequence[int]) -> Iterator[Run]:
        asked.extend(seeds)
        return (Run.of(seed, report) for seed in seeds)

    found = estimate(quickstart(), playing, range(3, 6), lambda: ended.append(None))
    assert (asked, len(ended), [run.seed for run in found.runs]) == ([3, 4, 5], 3, [3, 4, 5])
    assert found.recovery.p95 == report.measures.recovery.rto_seconds
    assert found.own is not None
    assert found.own.p50 == report.measures.control_plane_share_seconds
    assert found.as_json()["plays"] == 3


def test_a_part_that_took_no_time_leaves_the_rest() -> None:
    parts = {"detect": 10.0, "decide": 12.0, "fence": 0.0, "promote": 30.0, "shift": 0.0, "client_ttl": 8.0}
    found = Estimate.of(quickstart(), [Run(1, 60.0, parts)])
    assert found.without("promote") == 30
    assert found.by_size[:3] == ["promote", "decide", "detect"]


class TestLosingThePrimary:
    def test_it_fits_the_topology_and_nobody_is_asked(self) -> None:
        topology = quickstart()
        observing = replace(topology, policy=replace(topology.policy, automation=Automation.OBSERVE))
        scenario = fitted(losing_the_primary(observing, 1), observing)
        assert with_timings(observing, scenario.timings).policy.automation is Automation.AUTOMATIC

    def test_the_region_is_lost_at_any_time_of_a_minute_and_the_same_with_the_same_seed(self) -> None:
        at = [losing_the_primary(quickstart(), seed).steps[0].at for seed in range(200)]
        assert at == [losing_the_primary(quickstart(), seed).steps[0].at for seed in range(200)]
        assert min(each for each in at if each is not None) < 22
        assert max(each for each in at if each is not None) > 78

    def test_a_product_of_one_region_can_be_asked_as_well(self) -> None:
        topology = quickstart()
        alone = replace(topology, regions=topology.regions[:1])
        assert losing_the_primary(alone, 1).steps[1].expect is not None
