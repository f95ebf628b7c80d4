"""The player does what is due, watches what it is told to watch, and goes on whatever fails."""

from typing import Any

import pytest

from rehearsal.facts import Copy, Gate
from rehearsal.form import Event, Operation, Scenario, parse_scenario
from rehearsal.player import play
from rehearsal.report import Judgement, Report
from rehearsal.stage import StageError
from rehearsal.telling import Line, LineKind, StepEnded, Told
from rehearsal.watching import Watch
from tests.products import AP, EU, US
from tests.unit.rehearsal.fake_stage import FakeStage, all_of, copies, facts, failed_over

LOSE = {"region_down": US}


def scenario(*steps: dict[str, Any]) -> Scenario:
    return parse_scenario({"proves": "it", "steps": [*steps]}, name="mine")


def played(stage: FakeStage, *steps: dict[str, Any]) -> Report:
    return play(scenario(*steps), stage)


def outcomes(report: Report) -> list[tuple[bool, float | None]]:
    return [(each.held, each.seen_at) for each in report.expectations]


def test_faults_heals_and_operations_happen_on_time_and_in_order() -> None:
    stage = FakeStage()
    played(
        stage,
        {"at": "1s", "fault": LOSE},
        {"at": "1s", "fault": {"api_down": "route53"}},
        {"at": "2.6s", "operator": {"consent": "orders"}},
        {"at": "3s", "heal": LOSE},
        {"at": "4s", "heal": "all"},
        {"at": "5s", "expect": {"paged": False}},
    )
    assert stage.done == [
        (1.0, "apply region_down us-east-1"),
        (1.0, "apply api_down route53"),
        (2.6, "operate consent orders"),
        (3.0, "heal region_down us-east-1"),
        (4.0, "heal api_down route53"),
    ]
    assert stage.clock == 5.0


def test_by_comes_true_in_time_or_is_broken_at_its_deadline() -> None:
    stage = FakeStage({3.0: facts(pages=1)})
    report = played(stage, {"by": "5s", "expect": {"paged": True}}, {"by": "4s", "expect": {"targets": 1}})
    assert outcomes(report) == [(True, 3.0), (False, None)]
    assert report.verdict is Judgement.BROKEN
    assert stage.clock == 4.0


def test_at_is_judged_at_its_moment_only() -> None:
    stage = FakeStage({2.0: facts(pages=1)})
    report = played(stage, {"at": "1s", "expect": {"paged": True}}, {"at": "3s", "expect": {"paged": True}})
    assert outcomes(report) == [(False, 1.0), (True, 3.0)]


def test_until_is_broken_by_the_first_violation_and_the_play_goes_on() -> None:
    stage = FakeStage({2.0: facts(pages=1), 3.0: facts(pages=0)})
    report = played(
        stage,
        {"until": "6s", "expect": {"paged": False}},
        {"until": "6s", "never": {"paged": True, "targets": 1}},
        {"by": "8s", "expect": {"paged": False}},
        {"at": "9s", "expect": {"served": True}},
    )
    assert outcomes(report) == [(False, 2.0), (False, 2.0), (True, 0.0), (True, 9.0)]
    assert report.expectations[1].observed == "paged 1 times"


def test_what_must_stay_is_watched_from_the_moment_of_the_step_before_it() -> None:
    stage = FakeStage({2.0: facts(pages=1), 5.0: facts(pages=0)})
    report = played(stage, {"by": "4s", "expect": {"paged": True}}, {"until": "4.5s", "expect": {"paged": True}})
    assert outcomes(report) == [(True, 2.0), (True, None)]


def test_a_mark_moves_what_counts_from_it() -> None:
    stage = FakeStage({2.0: facts(pages=1), 4.0: facts(pages=0)})
    report = played(
        stage,
        {"by": "10s", "expect": {"paged": True}, "mark": "paged"},
        {"at": "1s", "after": "paged", "operator": {"consent": "orders"}},
        {"until": "1.75s", "after": "paged", "expect": {"paged": True}, "mark": "quiet"},
        {"by": "1s", "after": "quiet", "expect": {"paged": False}},
    )
    assert stage.done == [(3.0, "operate consent orders")]
    assert outcomes(report) == [(True, 2.0), (True, None), (True, 4.0)]


def test_a_mark_that_failed_stands_at_its_deadline() -> None:
    stage = FakeStage()
    report = played(
        stage,
        {"by": "2s", "expect": {"paged": True}, "mark": "paged"},
        {"at": "1s", "after": "paged", "operator": {"consent": "orders"}},
        {"at": "2s", "after": "paged", "expect": {"served": True}},
    )
    assert stage.done == [(3.0, "operate consent orders")]
    assert outcomes(report) == [(False, None), (True, 4.0)]


def test_what_must_stay_until_a_fault_is_judged_before_the_fault() -> None:
    class Brittle(FakeStage):
        def apply(self, fault: Any) -> None:
            super().apply(fault)
            self.facts_now = all_of(copies(us=Copy(Gate.DOWN)), facts(up={US: False, EU: True, AP: True}))(
                self.facts_now
            )

    report = played(
        Brittle(),
        {"at": "1s", "mark": "warm"},
        {"until": "2s", "after": "warm", "expect": {"writer": US}},
        {"at": "3s", "fault": LOSE},
        {"at": "3s", "expect": {"writer": "none"}},
    )
    assert outcomes(report) == [(True, None), (True, 3.0)]


def test_served_means_since_the_fault() -> None:
    class Slow(FakeStage):
        def apply(self, fault: Any) -> None:
            super().apply(fault)
            self.clock += 0.7

    report = played(Slow(), {"at": "2s", "fault": {"api_down": "rds"}}, {"by": "9s", "expect": {"served": True}})
    assert outcomes(report) == [(True, 2.95)]  # not at 2.7, when the newest acknowledgement was from before


def test_it_ends_as_soon_as_nothing_is_left_to_see() -> None:
    stage = FakeStage()
    played(stage, {"by": "60s", "expect": {"writer": US}})
    assert stage.clock < 1


def test_everything_is_told_while_it_happens() -> None:
    told: list[Told] = []
    play(
        scenario({"at": "5s", "fault": LOSE}, {"by": "60s", "expect": {"writer": EU, "served": True}}),
        failed_over(),
        told.append,
    )
    ends = [(each.number, each.total, each.held) for each in told if isinstance(each, StepEnded)]
    assert ends == [(1, 2, None), (2, 2, True)]
    lines = [each for each in told if isinstance(each, Line)]
    assert [each.at for each in lines] == sorted(each.at for each in lines)
    assert {LineKind.FAULT, LineKind.REGION, LineKind.GATE, LineKind.WRITER, LineKind.TRAFFIC, LineKind.JOURNAL} == {
        each.kind for each in lines
    }
    assert [each.text for each in lines if each.kind is LineKind.WRITER] == [
        "us-east-1 writes orders",
        "nobody writes orders",
        "eu-west-1 writes orders",
    ]


def test_a_stage_that_cannot_do_it_ends_the_play() -> None:
    class Unable(FakeStage):
        def apply(self, fault: Any) -> None:
            raise StageError(f"{fault.line()}: not on this stage")

    with pytest.raises(StageError, match="not on this stage"):
        played(Unable(), {"at": "1s", "fault": LOSE}, {"at": "2s", "expect": {"served": True}})


def test_a_stage_that_is_looked_at_a_moment_late_is_not_punished_for_it() -> None:
    class Late(FakeStage):
        def facts(self) -> Any:
            self.clock += 0.1
            return super().facts()

    report = played(Late({1.0: facts(pages=1)}), {"by": "1s", "expect": {"paged": True}})
    assert [each.held for each in report.expectations] == [True]


@pytest.mark.parametrize("refuses", [True, False])
def test_an_operation_that_must_be_refused_is_refused_or_the_play_ends(*, refuses: bool) -> None:
    class Strict(FakeStage):
        def operate(self, operation: Any) -> None:
            if refuses:
                raise StageError(f"{operation.line()}: too late")

    steps = [{"at": "1s", "operator": {"abort": {"refused": True}}}, {"at": "2s", "expect": {"paged": False}}]
    if refuses:
        report = played(Strict(), *steps)
        assert report.verdict is Judgement.HELD
        assert any("too late" in line.text for line in report.timeline)
    else:
        with pytest.raises(StageError, match="was not refused"):
            played(Strict(), *steps)


@pytest.mark.parametrize("refuses", [True, False])
def test_whether_an_operation_is_refused_may_not_matter(*, refuses: bool) -> None:
    class Refusing(FakeStage):
        def operate(self, operation: Operation) -> None:
            if refuses:
                raise StageError("it is too late")

    steps = [{"at": "1s", "operator": {"abort": {"refused": "either"}}}, {"at": "2s", "expect": {"paged": False}}]
    assert played(Refusing(), *steps).verdict is Judgement.HELD


def test_a_step_upon_an_event_is_done_at_the_very_moment() -> None:
    stage = FakeStage(events={"FENCED": 3.125})
    played(
        stage,
        {"at": "0s", "upon": {"journal": "FENCED", "by": "9s"}, "fault": LOSE, "mark": "lost"},
        {"at": "1s", "upon": {"journal": "FENCED", "by": "9s"}, "fault": {"api_down": "route53"}},
        {"at": "2s", "after": "lost", "heal": LOSE},
        {"at": "6s", "expect": {"paged": False}},
    )
    assert stage.done == [
        (3.125, f"apply region_down {US}"),
        (4.125, "apply api_down route53"),
        (5.125, f"heal region_down {US}"),
    ]


@pytest.mark.parametrize("came", [{}, {"FENCED": 20.0}])
def test_an_event_that_has_not_come_by_its_time_counts_as_come(came: dict[str, float]) -> None:
    stage = FakeStage(events=came)
    steps = [{"at": "0s", "upon": {"journal": "FENCED", "by": "7.125s"}, "fault": LOSE}]
    played(stage, *steps, {"at": "30s", "expect": {"paged": False}})
    assert stage.done == [(7.125, f"apply region_down {US}")]


def test_an_event_that_comes_late_counted_as_come_before() -> None:
    event = Event.model_validate({"journal": "FENCED", "by": "7s"})
    watch = Watch(awaited=[event])
    watch.hear(lambda _: 7.2, 7.25)
    assert watch.came == {event: 7.0}


def test_what_is_watched_upon_an_event_is_watched_from_there_on() -> None:
    stage = FakeStage({1.0: facts(pages=1), 3.0: facts(pages=0), 5.0: facts(pages=1)}, events={"FENCED": 2.0})
    upon = {"journal": "FENCED", "by": "9s"}
    report = played(stage, {"until": "0.9s", "upon": upon, "expect": {"paged": True}})
    assert outcomes(report) == [(True, None)]
    again = FakeStage({1.0: facts(pages=1), 3.0: facts(pages=0)}, events={"FENCED": 2.0})
    assert outcomes(played(again, {"until": "2s", "upon": upon, "expect": {"paged": True}})) == [(False, 3.0)]


def test_a_stage_that_cannot_play_a_step_says_so_before_anything_begins() -> None:
    class Unready(FakeStage):
        def prepare(self, scenario: Scenario) -> None:
            raise StageError("no")

    stage = Unready()
    with pytest.raises(StageError):
        played(stage, {"at": "0s", "fault": LOSE}, {"at": "2s", "expect": {"paged": False}})
    assert not stage.done
