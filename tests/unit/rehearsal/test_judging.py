"""What each word means, on facts that differ in one thing."""

from dataclasses import replace
from typing import Any

import pytest

from failover.records import IncidentState
from rehearsal.facts import Copy, Execution, ExecutionState, Facts, Gate, Group
from rehearsal.form.expectations import AFTERWARDS, Expectation
from rehearsal.history import Verdict
from rehearsal.judging import MOMENT, judge
from rehearsal.judging_afterwards import WHOLE, judge_afterwards
from rehearsal.measures import Measures, Recovery, Rpo
from rehearsal.milestones import Milestones
from tests.products import AP, EU, US
from tests.unit.rehearsal.fake_stage import HEALTHY, all_of, copies, facts, groups, journalled

WRITING = Copy(Gate.OPEN, refuses=False, acknowledged_at=9.5)
STEADY = all_of(
    facts(at=10.0), copies(us=WRITING), facts(groups={each: Group((each,), each, 9.5) for each in (US, EU, AP)})
)(HEALTHY)


def running(state: ExecutionState, name: str = "failover-1") -> Execution:
    return Execution(name, "failover", EU, state)


def holds(words: dict[str, Any], seen: Facts = STEADY) -> bool:
    return all(finding.holds for finding in judge(Expectation.model_validate(words), seen))


def test_every_word_has_a_meaning() -> None:
    assert {*MOMENT, *AFTERWARDS} == set(Expectation.model_fields)
    assert {*WHOLE, "carried"} == AFTERWARDS


OPENED = journalled(5, "INCIDENT_OPENED", rule="R330")(STEADY)
HELD_BACK = journalled(5, "DECISION", rule="R250")(STEADY)
ENDED = ExecutionState.FAILED
VETOED = replace(running(ENDED), error="VetoedError")
UP_TO_DATE = facts(disturbed_at=9.0)(STEADY)


@pytest.mark.parametrize(
    ("words", "seen", "so"),
    [
        ({"writer": US}, STEADY, True),
        ({"writer": [EU, US]}, STEADY, True),
        ({"writer": "none"}, STEADY, False),
        ({"writer": US}, copies(us=replace(WRITING, gate=Gate.CLOSED))(STEADY), False),
        ({"writer": "none"}, copies(us=replace(WRITING, acknowledged_at=7.0))(STEADY), True),
        ({"writer": "none"}, copies(us=replace(WRITING, acknowledged_at=None))(STEADY), True),
        ({"writer": [US, EU, "none"]}, copies(eu=WRITING)(STEADY), False),
        ({"served": True}, STEADY, True),
        ({"served": False}, STEADY, False),
        ({"served": True}, UP_TO_DATE, True),
        ({"served": True}, facts(disturbed_at=9.6)(STEADY), False),
        ({"served": True}, facts(groups={**STEADY.groups, EU: Group((EU,), EU, 9.0, failed_at=9.2)})(STEADY), False),
        ({"served": True}, facts(groups={**STEADY.groups, EU: Group((EU,), EU)})(STEADY), False),
        ({"refuses_writes": EU}, STEADY, True),
        ({"refuses_writes": [EU, US]}, STEADY, False),
        ({"refuses_writes": EU}, copies(eu=Copy(Gate.CLOSED, refuses=None))(STEADY), False),
        ({"gate": {US: "open", EU: "closed"}}, STEADY, True),
        ({"gate": {"*": "closed"}}, STEADY, False),
        ({"gate": {US: "closed"}}, copies(us=Copy(Gate.DOWN))(STEADY), False),
        ({"gate": {"eu-north-1": "closed"}}, STEADY, False),
        ({"refuses_writes": "eu-north-1"}, STEADY, False),
        ({"traffic": {US: US}}, STEADY, True),
        ({"traffic": {"*": [EU, AP]}}, STEADY, False),
        ({"traffic": {"*": [EU, AP]}}, groups(us=(EU, AP))(STEADY), True),
        ({"traffic": {US: EU}}, groups(us=(EU, AP))(STEADY), False),
        ({"traffic": {US: EU}}, groups(us=())(STEADY), False),
        ({"no_traffic": US}, STEADY, False),
        ({"no_traffic": US}, groups(us=(EU,))(STEADY), True),
        ({"no_traffic": US}, facts(groups={US: Group((EU,), reached=US)})(STEADY), False),
        ({"decision": "R330"}, OPENED, True),
        ({"decision": ["R320", "R330"]}, OPENED, True),
        ({"decision": "R330"}, STEADY, False),
        ({"no_decision": True}, STEADY, True),
        ({"no_decision": True}, HELD_BACK, True),
        ({"no_decision": True}, OPENED, False),
        ({"promotions": 0}, STEADY, True),
        ({"promotions": 1}, facts(promoted={EU: 1})(STEADY), True),
        ({"promotions": {EU: 1, AP: 0}}, facts(promoted={EU: 1})(STEADY), True),
        ({"promotions": 1}, facts(promoted={EU: 1, AP: 1})(STEADY), False),
        ({"targets": 0}, STEADY, True),
        ({"targets": 1}, facts(asked=frozenset({EU}))(STEADY), True),
        ({"targets": 1}, facts(asked=frozenset({EU, AP}))(STEADY), False),
        ({"incident": "none"}, STEADY, True),
        ({"incident": "none"}, facts(incidents=1)(STEADY), False),
        ({"incident": "closed"}, facts(incidents=1)(STEADY), True),
        ({"incident": "open"}, facts(incident=IncidentState.OPEN, incidents=1)(STEADY), True),
        ({"incident": ["holding", "waiting"]}, facts(incident=IncidentState.HOLDING, incidents=1)(STEADY), True),
        ({"incident": "closed"}, facts(incident=IncidentState.OPEN, incidents=2)(STEADY), False),
        ({"executions": "none"}, STEADY, True),
        ({"executions": "succeeded"}, STEADY, False),
        ({"executions": "none"}, facts(executions=[running(ExecutionState.FAILED)])(STEADY), False),
        ({"executions": "succeeded"}, facts(executions=[running(ExecutionState.SUCCEEDED)])(STEADY), True),
        (
            {"executions": "succeeded"},
            facts(executions=[running(ExecutionState.SUCCEEDED), running(ExecutionState.FAILED, "b")])(STEADY),
            False,
        ),
        (
            {"executions": {"any": "failed"}},
            facts(executions=[running(ExecutionState.SUCCEEDED), running(ExecutionState.FAILED, "b")])(STEADY),
            True,
        ),
        ({"executions": ["running", "waiting"]}, facts(executions=[running(ExecutionState.WAITING)])(STEADY), True),
        ({"executions": {"machine": "failback", "none": True}}, facts(executions=[running(ENDED)])(STEADY), True),
        ({"executions": {"machine": "failback", "all": "running"}}, facts(executions=[running(ENDED)])(STEADY), False),
        ({"executions": {"machine": "failover", "all": "failed"}}, facts(executions=[running(ENDED)])(STEADY), True),
        ({"execution_error": "VetoedError"}, STEADY, False),
        ({"execution_error": "VetoedError"}, facts(executions=[VETOED])(STEADY), True),
        ({"execution_error": ["AbortedByOperatorError"]}, facts(executions=[VETOED])(STEADY), False),
        ({"journal": "INCIDENT_OPENED"}, OPENED, True),
        ({"journal": ["FENCED", "INCIDENT_OPENED"]}, OPENED, True),
        ({"journal": "FENCED"}, OPENED, False),
        ({"term": 0}, STEADY, True),
        ({"term": 2}, facts(term=1)(STEADY), False),
        ({"unprotected": "none"}, STEADY, True),
        ({"unprotected": "none"}, facts(unprotected=frozenset({"orders"}))(STEADY), False),
        ({"unprotected": ["orders"]}, facts(unprotected=frozenset({"orders"}))(STEADY), True),
        ({"paged": False}, STEADY, True),
        ({"paged": True}, facts(pages=2)(STEADY), True),
        ({"api_calls": {"route53": 0}}, STEADY, True),
        ({"api_calls": {"route53": 0, "rds": 2}}, facts(calls={"rds": 2})(STEADY), True),
        ({"api_calls": {"route53": 0}}, facts(calls={"route53": 1})(STEADY), False),
        ({"any_of": [{"writer": EU}, {"writer": US, "served": True}]}, STEADY, True),
        ({"any_of": [{"writer": EU}, {"writer": US, "served": False}]}, STEADY, False),
        ({"writer": US, "served": False}, STEADY, False),
    ],
)
def test_a_word_says(words: dict[str, Any], seen: Facts, *, so: bool) -> None:
    assert holds(words, seen) is so


def test_a_mapping_says_one_thing_for_each_of_its_keys() -> None:
    findings = judge(Expectation.model_validate({"traffic": {"*": US}}), STEADY)
    assert [(each.holds, each.observed) for each in findings] == [
        (True, f"traffic {US}: {US}"),
        (False, f"traffic {EU}: {EU}"),
        (False, f"traffic {AP}: {AP}"),
    ]


@pytest.mark.parametrize(
    ("words", "so"),
    [
        ({"lost_writes": 2}, True),
        ({"lost_writes": 1}, False),
        ({"rto_seconds": 60}, True),
        ({"rto_seconds": 40}, False),
        ({"rpo_seconds": 9}, True),
        ({"rpo_seconds": 8}, False),
        ({"write_pause_seconds": 5}, True),
        ({"write_pause_seconds": 4}, False),
        ({"invariants": "I1"}, True),
        ({"invariants": "hold"}, False),
        ({"invariants": ["I1", "I3"]}, False),
    ],
)
def test_what_is_judged_when_the_play_is_over(words: dict[str, Any], *, so: bool) -> None:
    invariants = {"I1": Verdict(holds=True, checked="all"), "I2": Verdict(holds=False, checked="all", why="broke")}
    measures = Measures(Milestones(), Recovery(50.0), Rpo(100, 2, 3.0, 8.5), None, invariants, 4.5)
    assert all(each.holds for each in judge_afterwards(Expectation.model_validate(words), measures, {}, ())) is so


def test_nothing_measured_is_not_good_enough_but_nothing_lost_is() -> None:
    measures = Measures(Milestones(), Recovery(), Rpo(100, 0), None, {})

    def so(**words: Any) -> bool:
        return all(each.holds for each in judge_afterwards(Expectation.model_validate(words), measures, {}, ()))

    assert not so(rto_seconds=1000)
    assert not so(write_pause_seconds=1000)
    assert not so(invariants="hold")
    assert so(rpo_seconds=0, lost_writes=0)
