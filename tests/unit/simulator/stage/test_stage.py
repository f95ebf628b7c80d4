"""A drill in virtual time: what is seen of it, what is told of it, and that looking changes nothing."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import Any

import pytest

from failover.records import IncidentState
from rehearsal.facts import ExecutionState, Gate
from rehearsal.form import Scenario, parse_scenario
from rehearsal.form.faults import RegionDown
from rehearsal.form.operations import Abort, Acknowledge
from rehearsal.page import page_of
from rehearsal.player import play
from rehearsal.report import Judgement, Report
from rehearsal.stage import StageError
from simulator.latencies import COMPRESSED, Latencies
from simulator.schedule import Schedule
from simulator.schedules import draw
from simulator.stage import SimulatedStage
from tests.products import AP, EU, US, quickstart

TIMINGS = {"probe": "2s", "misses": 2, "dwell": "3s", "lease": "10s", "margin": "1s", "renew": "2s", "ttl": "5s"}
LOST: list[dict[str, Any]] = [{"at": "5s", "fault": {"region_down": US}, "mark": "lost"}]
SERVED = {"by": "60s", "after": "lost", "expect": {"writer": [EU, AP], "served": True, "incident": "closed"}}
LATENCIES = Latencies.read(COMPRESSED)


def scenario(*steps: dict[str, Any]) -> Scenario:
    return parse_scenario({"proves": "something", "timings": TIMINGS, "steps": list(steps)})


def stage(told: Scenario, seed: int = 1, **more: Any) -> SimulatedStage:
    made = SimulatedStage(quickstart(), told, seed, LATENCIES, **more)
    made.begin()
    made.prepare(told)
    return made


def played(told: Scenario, seed: int = 1) -> Report:
    return play(told, stage(told, seed))


def test_second_0_finds_a_product_that_is_served_and_watched() -> None:
    facts = stage(scenario(*LOST, SERVED)).facts()
    assert facts.at == 0.0
    assert facts.up == {US: True, EU: True, AP: True}
    assert {region: copy.gate for region, copy in facts.databases["orders"].items()} == {
        US: Gate.OPEN,
        EU: Gate.CLOSED,
        AP: Gate.CLOSED,
    }
    assert [facts.databases["orders"][each].refuses for each in (US, EU)] == [False, True]
    assert {name: group.answers for name, group in facts.groups.items()} == {each: (each,) for each in (US, EU, AP)}
    assert all(-1.0 < (group.acknowledged_at or -9.0) < 0.5 for group in facts.groups.values())
    assert (facts.incident, facts.incidents, facts.pages, facts.executions) == (None, 0, 0, [])
    assert {each.entry.kind for each in facts.journal} == {"INITIALISED", "VOTE"}
    assert all(each.at < 0.0 for each in facts.journal)


def test_a_region_is_lost_and_the_report_is_that_of_a_drill() -> None:
    told = scenario(*LOST, SERVED, {"at": "60s", "after": "lost", "expect": {"invariants": "hold"}})
    watched = stage(told)
    report = play(told, watched)
    facts = watched.facts()
    document = report.as_json()
    assert report.verdict is Judgement.HELD, document["expectations"]
    assert document["seeds"] == {"schedule": 1}
    parts = document["rto_parts"]
    assert None not in parts.values()
    assert sum(parts.values()) == pytest.approx(document["rto_seconds"], abs=0.01)
    assert all(verdict["holds"] for verdict in document["invariants"].values())
    assert [each.region for each in report.history.promotions if each.done_at is not None] in ([EU], [AP])
    promoting = next(span for span in report.history.states if span.state == "PromoteDatabase")
    moments = report.measures.moments
    assert (moments.no_return or 99.0) < report.history.promotions[0].at < (moments.admitted or 0.0)
    assert (moments.no_return or 99.0) < promoting.entered < (moments.admitted or 0.0)
    assert all(0.0 < each.ended_at - each.sent_at < 2.5 for each in report.history.writes)
    assert max(each.sent_at for each in report.history.writes) < report.length_seconds - 4.0
    assert not [name for name in ("I1", "I4", "I6", "I9", "I13") if " 0 looked" in report.invariants[name].checked]
    assert "<svg" in page_of(report)
    assert (facts.incidents, facts.promoted, facts.unprotected) == (
        1,
        dict.fromkeys(facts.asked, 1),
        frozenset({"orders"}),
    )
    assert (facts.up[US], facts.databases["orders"][US].gate) == (False, Gate.DOWN)
    assert (facts.databases["orders"][US].acknowledged_at or 0.0) == pytest.approx(5.0, abs=0.5)
    assert facts.pages == 1
    assert 0 < facts.calls["rds"] < 20


def test_a_seed_is_one_play_and_another_seed_another() -> None:
    told = scenario(*LOST, SERVED)
    once, again, other = (json.dumps(played(told, seed).as_json()) for seed in (7, 7, 8))
    assert once == again
    assert once != other


@pytest.mark.parametrize("seed", range(6))
def test_a_drawn_schedule_is_the_same_on_the_stage_as_in_a_campaign(seed: int) -> None:
    drawn = draw(quickstart(), seed)
    schedule = Schedule(quickstart(), drawn, str(seed), LATENCIES, goes_on=True)
    outcome = schedule.play()
    ends = schedule.director.ends_at
    looked = stage(drawn, seed, writes_per_second=1.0)
    play(drawn, looked)
    table = looked._world.table
    expected = list(takewhile(lambda each: each[0] < ends, outcome.journal))
    assert table.journal[: len(expected)] == [entry for _, entry in expected]
    # The stage adds up its times in other pieces: the last digit of a float may differ.
    assert table.journal_times[: len(expected)] == pytest.approx([at for at, _ in expected], abs=1e-9)
    assert len(expected) > 6


def test_a_step_is_due_in_the_moment_of_its_event() -> None:
    event = {"journal": "LEASE_REVOKED", "by": "60s"}
    cut = {"at": "0s", "upon": event, "fault": {"region_down": AP}, "mark": "second"}
    told = scenario(*LOST, cut, {"at": "1s", "after": "second", "expect": {"served": False}})
    watched = stage(told)
    report = play(told, watched)
    moment = watched.moment_of(told.events[0])
    revoked = next(each.at for each in report.history.journal if each.entry.kind == "LEASE_REVOKED")
    assert moment == pytest.approx(revoked, abs=1e-6)
    assert [each.at for each in report.trace.faults] == pytest.approx([5.0, revoked], abs=1e-6)


def test_an_operator_waits_for_the_answer_and_hears_a_refusal() -> None:
    told = stage(scenario(*LOST, SERVED))
    before = told.now()
    told.operate(Acknowledge(region=US, reason="by hand"))
    assert before < told.now() < before + 2.0
    with pytest.raises(StageError, match=r"abort .*was refused: .*no incident"):
        told.operate(Abort(reason="a mistake"))


def test_what_may_be_refused_or_not_takes_no_time() -> None:
    told = stage(scenario(*LOST, SERVED))
    told.operate(Abort(reason="perhaps", refused="either"))
    assert told.now() == 0.0


def test_a_fault_that_nobody_can_play_is_refused_before_anything_begins() -> None:
    told = scenario(*LOST, SERVED)
    made = stage(told)
    made._world.faults.kinds = {each: doing for each, doing in made._world.faults.kinds.items() if each != RegionDown}
    with pytest.raises(StageError, match="cannot play region_down us-east-1"):
        made.prepare(told)


def test_writes_that_no_replica_had_are_lost_and_counted() -> None:
    lag = {"at": "0s", "fault": {"replica_lag": {"database": "orders"}}}
    report = played(scenario(lag, *LOST, SERVED))
    old = [each for each in report.history.writes if each.committed_in == US and each.lost]
    assert old
    assert all(each.ended_at > -0.5 for each in old)
    kept = [each for each in report.history.writes if each.committed_in == US and each.ended_at < -1.0]
    assert kept
    assert not any(each.lost for each in kept)
    assert report.rpo.lost == len(old)
    assert 3.0 < (report.rpo.oldest_lost_age_seconds or 0.0) < 6.0


def test_a_broken_invariant_is_told_at_the_end_and_the_play_goes_on() -> None:
    told = scenario({"at": "10s", "expect": {"invariants": "hold"}})
    made = stage(told)
    copy = made._world.copies["orders", EU]
    copy.become_primary()
    copy.admit(9, copy.clock.now().timestamp() + 30.0)
    report = play(told, made)
    assert report.verdict is Judgement.BROKEN
    assert report.length_seconds > 10.0
    assert not report.invariants["I1"].holds
    assert "gates in" in report.invariants["I1"].why


def test_an_execution_waits_while_its_incident_does() -> None:
    told = parse_scenario(
        {
            "proves": "something",
            "timings": TIMINGS | {"automation": "approve"},
            "steps": [*LOST, {"by": "30s", "after": "lost", "expect": {"incident": "waiting", "paged": True}}],
        }
    )
    made = stage(told)
    assert play(told, made).verdict is Judgement.HELD
    facts = made.facts()
    assert facts.incident is IncidentState.WAITING
    assert [each.state for each in facts.executions] == [ExecutionState.WAITING]


def test_nobody_acts_any_more_when_it_is_closed() -> None:
    made = stage(scenario(*LOST, SERVED))
    assert made._world.kernel.living
    made.close()
    made.close()
    assert not made._world.kernel.living


def test_the_topology_has_the_times_of_the_scenario() -> None:
    assert stage(scenario(*LOST, SERVED)).topology.lease.lease_seconds == 10.0


def test_load_that_is_not_carried_breaks_a_play_whose_latencies_are_virtual() -> None:
    def carried(share: float, **more: str) -> dict[str, Any]:
        return {"until": "20s", "expect": {"carried": {"share": share, "p95": "1s"}}, **more}

    slow = {"at": "20s", "fault": {"slow": {"what": "application", "region": US, "seconds": 1.5}}, "mark": "slow"}
    report = played(scenario(carried(1.0), slow, carried(0.5, after="slow")))
    assert [each.held for each in report.expectations] == [True, False]
    assert report.history.virtual
    before, outage = report.measures.load
    assert before.clients[US].share == 1.0
    assert before.clients[US].asked_per_second == pytest.approx(5.0, abs=0.1)
    assert (outage.clients[US].latency_p50_seconds or 0.0) > 1.5
