# ruff: noqa: E501 (a mistake stands on one line)
"""A scenario is written in a few lines, and every mistake in one is told with its place and its fix."""

import json
import re
from typing import Any

import pytest

from failover.decision import RULES
from rehearsal.form import FAULTS, OPERATIONS, Load, Scenario, ScenarioError, fitted, parse_scenario, read_scenario
from rehearsal.form.durations import seconds_of, spoken
from rehearsal.form.expectations import Expectation
from rehearsal.form.faults import NetworkCut, RegionDown
from tests.unit.rehearsal.fake_stage import TOPOLOGY

HELD = {"at": "9s", "expect": {"served": True}}
FAULT_LINES: dict[str, Any] = {
    "region_down": {"region": "us-east-1", "calls": "hang"},
    "database_down": {"database": "orders", "region": "us-east-1"},
    "network_cut": {"from": "us-east-1", "to": "*"},
    "replica_lag": {"database": "orders", "region": "eu-west-1", "seconds": 90},
    "slow": {"region": "us-east-1", "what": "database", "seconds": 0.5, "grows": "30s"},
    "api_down": "route53",
    "api_throttled": {"service": "rds", "share": 0.5},
    "observer_down": "eu-west-1",
    "guard_dead": "us-east-1",
    "functions_down": "us-east-1",
    "promotion_refused": {"times": 2, "error": "InvalidDBInstanceState"},
    "promotion_unanswered": {"region": "eu-west-1"},
    "executor_killed": "PromoteDatabase",
    "clock_skew": {"region": "eu-west-1", "seconds": -30},
    "flapping": {"region": "us-east-1", "period": "20s"},
    "region_down_after": "RevokeLease",
    "database_read_only": {"database": "orders", "region": "us-east-1"},
    "disk_full": {"database": "orders", "region": "us-east-1"},
    "events": {"how": "stale", "seconds": 7200},
    "store_replica_down": "eu-central-1",
    "clients_cut": {"region": "us-east-1", "observers": True},
    "answers": {"what": "database_service", "how": "wrong", "region": "eu-west-1"},
    "requests": {"service": "dynamodb", "how": "late", "seconds": 3, "times": 2},
    "invocations": {"how": "timed_out", "step": "PromoteDatabase"},
    "executor_frozen": {"step": "ChooseTarget", "write": 1, "seconds": 20},
    "functions_frozen": "eu-west-1",
    "promotion_slow": {"seconds": 90},
    "capacity_missing": "eu-west-1",
}
OPERATION_LINES: dict[str, Any] = {
    "consent": "orders",
    "pause": {"reason": "a deployment", "for": "10m"},
    "resume": None,
    "start_execution": {
        "machine": "switchover",
        "region": "eu-west-1",
        "subject": "us-east-1",
        "input": {"dry_run": True},
    },
    "approval": {"reason": "it is so", "refuses": True},
    "abort": "a mistake",
    "skip": "PrepareCapacity",
    "acknowledge": {"region": "us-east-1", "for": "10m"},
    "hand_promotion": {"database": "orders", "region": "eu-west-1"},
    "stop_execution": "eu-west-1",
    "redrive": {"machine": "failback", "refused": "either"},
    "veto": "it is ours",
    "deploying": {"region": "us-east-1", "ended": True},
}


def scenario(*steps: dict[str, Any], **more: Any) -> Scenario:
    return parse_scenario({"proves": "something", "steps": [*steps], **more})


def mistakes(*steps: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(ScenarioError) as error:
        scenario(*steps, **more)
    return [(each.path, str(each)) for each in error.value.mistakes]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("2m", 120), ("1m30s", 90), ("250ms", 0.25), ("1h", 3600), ("0s", 0), ("2.5s", 2.5)],
)
def test_durations_carry_their_unit(text: str, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["10", "", "s", "10 s", "-1s", "1s30m", 10, 1.5, "10s "])
def test_what_is_no_duration_is_refused(text: object) -> None:
    ((path, told),) = mistakes({"at": text, "expect": {"served": True}})
    assert path == "steps[0].at"
    assert "write the unit" in told


@pytest.mark.parametrize(
    ("seconds", "words"), [(8.25, "8.2 s"), (60, "60 s"), (125, "2 m 5 s"), (120, "2 m"), (0, "0 s")]
)
def test_seconds_are_spoken_as_people_do(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


@pytest.mark.parametrize("kind", FAULTS)
def test_every_kind_of_fault_is_one_line(kind: str) -> None:
    read = scenario({"at": "1s", "fault": {kind: FAULT_LINES[kind]}}, HELD)
    assert type(read.steps[0].fault) is FAULTS[kind]  # type: ignore[index]
    assert read.steps[0].told().startswith(f"at 1 s: fault {kind}")


@pytest.mark.parametrize("kind", OPERATIONS)
def test_every_kind_of_operation_is_one_line(kind: str) -> None:
    read = scenario({"at": "1s", "operator": {kind: OPERATION_LINES[kind]}}, HELD)
    assert type(read.steps[0].operator) is OPERATIONS[kind]  # type: ignore[index]


def test_a_heal_names_the_fault_that_it_mends() -> None:
    read = scenario(
        {"at": "1s", "fault": {"region_down": "us-east-1"}},
        {"at": "2s", "heal": {"region_down": {"region": "us-east-1"}}},
        {"at": "3s", "heal": "all"},
        HELD,
    )
    assert read.steps[1].heal == RegionDown(region="us-east-1") == read.steps[0].fault
    assert read.steps[2].heal == "all"


def test_a_cut_is_said_in_one_of_three_ways() -> None:
    assert NetworkCut.model_validate({"observer": "eu-west-1"}).observer == "eu-west-1"
    for bad in ({}, {"from": "a"}, {"from": "a", "to": "b", "isolate": "c"}, {"isolate": "a", "observer": "b"}):
        assert mistakes({"at": "1s", "fault": {"network_cut": bad}}, HELD)[0][0] == "steps[0].fault.network_cut"


@pytest.mark.parametrize(
    ("step", "path", "fix"),
    [
        ({"at": "1s", "fualt": {"region_down": "a"}}, "steps[0].fualt", "did you mean 'fault'"),
        ({"at": "1s", "fault": {"region_dwn": "a"}}, "steps[0].fault.region_dwn", "did you mean 'region_down'"),
        ({"at": "1s", "fault": {"region_down": {"region": "a", "cals": 1}}}, "steps[0].fault.region_down.cals", "'calls'"),
        ({"at": "1s", "fault": {"region_down": {"region": "a", "calls": "no"}}}, "steps[0].fault.region_down.calls", "hang"),
        ({"at": "1s", "fault": {"region_down": {}}}, "steps[0].fault.region_down.region", "add it"),
        ({"at": "1s", "fault": {"region_down": "a", "guard_dead": "a"}}, "steps[0].fault", "a step of its own"),
        ({"at": "1s", "fault": {"slow": {"region": "a", "seconds": 0}}}, "steps[0].fault.slow.seconds", "more than 0"),
        ({"at": "1s", "fault": {"api_throttled": {"service": "rds", "share": 2}}}, "steps[0].fault.api_throttled.share", "at most 1"),
        ({"at": "1s", "fault": {"flapping": {"region": "a", "period": 20}}}, "steps[0].fault.flapping.period", "write the unit"),
        ({"at": "1s", "operator": {"consnt": "a"}}, "steps[0].operator.consnt", "did you mean 'consent'"),
        ({"at": "1s", "heal": {"region_down": "a"}}, "steps[0].heal", "repeat the fault"),
        ({"at": "1s", "by": "2s", "expect": {"served": True}}, "steps[0]", "one time"),
        ({"expect": {"served": True}}, "steps[0]", "one time"),
        ({"at": "1s"}, "steps[0]", "one action"),
        ({"at": "1s", "fault": {"guard_dead": "a"}, "expect": {"served": True}}, "steps[0]", "one action"),
        ({"by": "1s", "fault": {"guard_dead": "a"}}, "steps[0]", "happen at a moment"),
        ({"by": "1s", "never": {"served": True}}, "steps[0]", "never true"),
        ({"at": "1s", "after": "lost", "expect": {"served": True}}, "steps[0].after", "none is set before"),
        ({"at": "1s", "mark": "Lost one", "expect": {"served": True}}, "steps[0].mark", "mark"),
        ({"at": "1s", "expect": {}}, "steps[0].expect", "at least one word"),
        ({"at": "1s", "expect": {"wrter": "a"}}, "steps[0].expect.wrter", "did you mean 'writer'"),
        ({"at": "1s", "expect": {"writer": []}}, "steps[0].expect.writer", "at least 1"),
        ({"at": "1s", "expect": {"writer": 3}}, "steps[0].expect.writer", "list"),
        ({"at": "1s", "expect": {"served": "yes sir"}}, "steps[0].expect.served", "bool"),
        ({"at": "1s", "expect": {"gate": {"a": "ajar"}}}, "steps[0].expect.gate.a", "open, closed, down"),
        ({"at": "1s", "expect": {"decision": "R1"}}, "steps[0].expect.decision[0]", "R330"),
        ({"at": "1s", "expect": {"no_decision": False}}, "steps[0].expect.no_decision", "True"),
        ({"at": "1s", "expect": {"incident": "opn"}}, "steps[0].expect.incident[0]", "did you mean 'open'"),
        ({"at": "1s", "expect": {"executions": "done"}}, "steps[0].expect.executions.all[0]", "succeeded"),
        ({"at": "1s", "expect": {"executions": {}}}, "steps[0].expect.executions", "all, any or none"),
        ({"at": "1s", "expect": {"promotions": -1}}, "steps[0].expect.promotions.*", "at least 0"),
        ({"at": "1s", "expect": {"targets": "one"}}, "steps[0].expect.targets", "whole number"),
        ({"at": "1s", "expect": {"api_calls": {"route53": "none"}}}, "steps[0].expect.api_calls.route53", "whole number"),
        ({"at": "1s", "expect": {"invariants": ["I99"]}}, "steps[0].expect.invariants[0]", "I16"),
        ({"at": "1s", "expect": {"any_of": [{"served": True}]}}, "steps[0].expect.any_of", "at least 2"),
        ({"at": "1s", "expect": {"any_of": [{"served": True}, {"lost_writes": 0}]}}, "steps[0].expect", "beside any_of"),
        ({"until": "1s", "never": {"lost_writes": 0}}, "steps[0]", "write it as expect"),
        ({"at": "1s", "expect": {"carried": {"share": 1}}}, "steps[0]", "write it as until"),
        ({"until": "1s", "expect": {"carried": {}}}, "steps[0].expect.carried", "write at least one"),
        ({"until": "1s", "expect": {"carried": {"share": 99}}}, "steps[0].expect.carried.share", "at most 1"),
        ({"until": "1s", "expect": {"carried": {"p95": 0.5}}}, "steps[0].expect.carried.p95", "write the unit"),
        ({"at": "1s", "fault": {"answers": {"what": "resolver", "how": "wrong"}}}, "steps[0].fault.answers", "stale, late"),
        ({"at": "1s", "fault": {"answers": {"what": "health", "how": "stale", "seconds": 9}}}, "steps[0].fault.answers", "leave seconds out"),
        ({"at": "1s", "fault": {"requests": {"service": "rds", "seconds": 9}}}, "steps[0].fault.requests", "leave seconds out"),
        ({"at": "1s", "operator": {"resume": {"refused": "perhaps"}}}, "steps[0].operator.resume.refused", "either"),
        ({"at": "1s", "upon": {"journal": "FENCED"}, "fault": {"guard_dead": "a"}}, "steps[0].upon.by", "add it"),
        ({"at": "1s", "upon": {"by": "9s"}, "fault": {"guard_dead": "a"}}, "steps[0].upon", "exactly one of"),
        ({"at": "1s", "upon": {"left": "A", "entered": "B", "by": "9s"}, "expect": {"served": True}}, "steps[0].upon", "one event"),
        ({"at": "1s", "upon": {"written": "table", "by": "9s"}, "expect": {"served": True}}, "steps[0].upon.written", "journal"),
    ],
)  # fmt: skip
def test_every_mistake_is_told_with_its_place_and_its_fix(step: dict[str, Any], path: str, fix: str) -> None:
    found = mistakes(step, HELD)
    assert [each for each, _ in found] == [path]
    assert fix in found[0][1]
    assert "scenario: " in found[0][1]


def test_all_mistakes_are_told_at_once() -> None:
    steps = [{"at": "1", "expect": {"wrter": "a"}}, {"at": "2s", "fault": {"no": "x"}}]
    found = mistakes(*steps, topolgy="x", load={"writes_per_second": 0})
    assert [path for path, _ in found] == [
        "load.writes_per_second",
        "steps[0].at",
        "steps[0].expect.wrter",
        "steps[1].fault.no",
        "topolgy",
    ]


def test_an_unknown_word_is_refused_with_the_list_of_words() -> None:
    ((_, told),) = mistakes({"at": "1s", "expect": {"xyzzy": 1}})
    assert all(word in told for word in Expectation.model_fields)


def test_steps_are_in_the_order_of_time() -> None:
    late, early = {"at": "9s", "expect": {"served": True}}, {"at": "3s", "expect": {"served": True}}
    assert [path for path, _ in mistakes(late, early)] == ["steps[1].at"]


def test_a_mark_is_set_once_and_before_it_is_used() -> None:
    twice = {"at": "1s", "mark": "lost"}
    assert [path for path, _ in mistakes(twice, twice, HELD)] == ["steps[1].mark"]
    used = {"by": "1s", "after": "lsot", "expect": {"served": True}}
    ((path, told),) = mistakes(twice, used)
    assert path == "steps[1].after"
    assert "did you mean 'lost'" in told


def test_a_scenario_that_expects_nothing_proves_nothing() -> None:
    assert mistakes({"at": "1s", "fault": {"guard_dead": "a"}})[0][0] == "steps"


def test_names_that_the_topology_lacks_are_told() -> None:
    read = scenario(
        {"at": "1s", "fault": {"region_down": "us-west-2"}},
        {"at": "2s", "operator": {"consent": "order"}},
        {"at": "3s", "expect": {"writer": ["none", "eu-west-2"], "traffic": {"*": "eu-west-1", "paris": "eu-west-1"}}},
        {"until": "4s", "expect": {"carried": {"share": 0.9, "of": ["eu-west-1", "oslo"]}}},
    )
    read = read.model_copy(update={"load": Load(groups={"rome": 3.0})})
    with pytest.raises(ScenarioError) as error:
        fitted(read, TOPOLOGY)
    assert [(each.path, each.value) for each in error.value.mistakes] == [
        ("load.groups", "'rome'"),
        ("steps[0].fault.region_down.region", "'us-west-2'"),
        ("steps[1].operator.consent.database", "'order'"),
        ("steps[2].expect.writer", "'eu-west-2'"),
        ("steps[2].expect.traffic", "'paris'"),
        ("steps[3].expect.carried.of", "'oslo'"),
    ]


def test_steps_and_states_that_no_machine_has_are_told() -> None:
    read = scenario(
        {"at": "1s", "fault": {"executor_frozen": "PromoteDatabse"}},
        {
            "at": "2s",
            "upon": {"left": "FenceSorce", "region": "us-west-2", "by": "9s"},
            "fault": {"region_down_after": "Bake"},
        },
        HELD,
    )
    with pytest.raises(ScenarioError) as error:
        fitted(read, TOPOLOGY)
    assert [(each.path, each.fix) for each in error.value.mistakes] == [
        ("steps[0].fault.executor_frozen.step", "did you mean 'PromoteDatabase'?"),
        ("steps[1].upon.region", "did you mean 'eu-west-2'?"),
        ("steps[1].upon.left", "did you mean 'FenceSource'?"),
    ]


def test_a_time_counts_from_a_mark_or_from_an_event() -> None:
    event = {"journal": "FENCED", "by": "60s"}
    both = {"at": "1s", "after": "lost", "upon": event, "expect": {"served": True}}
    assert mistakes({"at": "1s", "mark": "lost"}, both)[0][0] == "steps[1]"
    late, early = ({"at": at, "upon": event, "expect": {"served": True}} for at in ("9s", "3s"))
    assert [path for path, _ in mistakes(late, early)] == ["steps[1].at"]


def test_a_file_names_itself_in_each_mistake(tmp_path: Any) -> None:
    path = tmp_path / "mine.yaml"
    with pytest.raises(ScenarioError, match=r"mine\.yaml: the file"):
        read_scenario(path)
    for text, told in (
        ("proves: [", "mine.yaml: the file: cannot be read (got broken YAML on line 1"),
        ("proves: x\nproves: y\nsteps: []\n", "proves: cannot be read (got it again on line 2, first on line 1)"),
        ("- a list\n", "mine.yaml: the file: cannot be read (got a list)"),
        ("? [a]\n: b\n", "cannot be read (got a list as a key on line 1)"),
        ("proves: " + "[" * 4000, "nested too deeply"),
    ):
        path.write_text(text)
        with pytest.raises(ScenarioError, match=re.escape(told)):
            read_scenario(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match="text in UTF-8"):
        read_scenario(path)
    path.write_text(json.dumps({"proves": "x", "steps": [HELD]}))
    assert read_scenario(path).name == "mine"


def test_the_rules_that_may_be_expected_are_the_decision_table() -> None:
    for rule in RULES:
        assert scenario({"at": "1s", "expect": {"decision": rule.id}}).steps[0].expect is not None
