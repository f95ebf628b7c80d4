"""Our five machines, path by path, in two engines: every Choice, every Retry, every Catch.

Retries that go on for hours are cut to a few, in both engines alike; pauses and waits stay as they are.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from simulator.asl.language import all_states
from tests.unit.simulator.asl import our_engine
from tests.unit.simulator.asl.agreement import agreed
from tests.unit.simulator.asl.scripts import Fault, Script

MACHINES = Path(__file__).parents[4] / "state_machines"
NAMES = ("database_failover", "failback", "failover", "rollback", "switchover")
MOST_TRIES = 3
BROKEN = Fault("StaleTermError", "the term is over")
Answers = Mapping[str, Sequence[Any]]

BEGUN = {
    "mode": "ACT",
    "incident": {"id": "i-1", "term": 7},
    "topology": {"product": "demo"},
    "gates": {"approval": "NONE", "veto": "NONE"},
    "databases": [{"database": "orders"}, {"database": "users"}],
    "caches": [{"cache": "sessions"}],
    "budget": {
        "step_seconds": 15,
        "promote_seconds": 60,
        "veto_seconds": 25,
        "archive_seconds": 120,
        "bake_seconds": 30,
    },
}
ENDS = {
    "database_failover": "FAILED_OVER",
    "failback": "REJOINED",
    "failover": "FAILED_OVER",
    "rollback": "COMPENSATED",
    "switchover": "SWITCHED_OVER",
}


def usual(name: str, **answers: Sequence[Any]) -> Answers:
    """Answers with which a machine comes to its good end, but for those that are given."""
    return {
        "OpenIncident": [BEGUN],
        "RevokeLease": [{"wait_seconds": 31}],
        "FenceSource": [{"fenced": name == "switchover", "wait_seconds": 30, "limit_seconds": 45}],
        "CloseIncident": [{"outcome": ENDS[name]}],
        "WeighFailure": [{"stand": "BEFORE"}],
        "ClearEvacuation": [{"outcome": "COMPENSATED"}],
        **answers,
    }


def routes(name: str) -> dict[str, Answers]:
    """Ways through a machine; those that its Choices do not have are as the usual one."""
    asking = {**BEGUN, "gates": {"approval": "REQUIRED", "veto": "ASKED"}}
    early = next(each for each in ("ChooseTarget", "RegrantLease", "RejoinDatabase") if f"${{{each}Arn}}" in text(name))
    return {
        "usual": usual(name),
        "fenced": usual(name, FenceSource=[{"fenced": True, "wait_seconds": 0, "limit_seconds": 15}]),
        "one that cannot be fenced": usual(
            name, **{"FenceSource users": [{"fenced": False, "wait_seconds": 30, "limit_seconds": 45}]}
        ),
        "nothing to move": usual(name, OpenIncident=[{**BEGUN, "databases": [], "caches": []}]),
        "a dry run": usual(name, OpenIncident=[{**BEGUN, "mode": "DRY_RUN", "plan": ["ShiftTraffic"]}]),
        "refused": usual(name, OpenIncident=[BROKEN]),
        "people are asked": usual(name, OpenIncident=[asking], AwaitApproval=[Fault("ApprovalMissingError"), {}]),
        "vetoed": usual(name, OpenIncident=[asking], AskVeto=[Fault("VetoedError")]),
        "consent comes late": usual(name, ChooseTarget=[*[Fault("ConsentMissingError")] * 3, {}]),
        "undone": usual(name, **{early: [BROKEN]}, CloseIncident=[BROKEN]),
        "undone, and nobody can be told": usual(name, **{early: [BROKEN]}, AnnounceOutcome=[BROKEN]),
        "too late to undo": usual(name, **{early: [BROKEN]}, WeighFailure=[{"stand": "AFTER"}]),
        "half undone": usual(name, **{early: [BROKEN], "ClearEvacuation": [BROKEN]}),
        "nobody knows the stand": usual(name, **{early: [BROKEN]}, WeighFailure=[BROKEN]),
        "neither undone nor held": usual(name, **{early: [BROKEN], "RegrantLease": [BROKEN]}, HoldForOperator=[BROKEN]),
        "held past the point of no return": usual(name, PromoteDatabase=[BROKEN], VerifyTarget=[BROKEN]),
        "trouble with the caches": usual(name, PromoteCache=[BROKEN]),
        "trouble with the replication": usual(name, CheckReplication=[BROKEN]),
        "trouble beside the way": usual(name, PromoteCache=[BROKEN], CheckReplication=[BROKEN]),
        "another outcome": usual(name, CloseIncident=[{"outcome": "ELSE"}], ClearEvacuation=[{"outcome": "ELSE"}]),
    }


@cache
def text(name: str) -> str:
    return (MACHINES / f"{name}.asl.json").read_text("utf-8")


@cache
def machine(name: str) -> dict[str, Any]:
    """A machine whose retriers try a few times only."""
    definition: dict[str, Any] = json.loads(text(name))
    for _, state in all_states(definition):
        for rule in state.get("Retry", ()):
            rule["MaxAttempts"] = min(rule["MaxAttempts"], MOST_TRIES)
    return definition


def tasks() -> Iterator[tuple[str, str]]:
    for name in NAMES:
        for state, fields in all_states(json.loads(text(name))):
            if fields["Type"] == "Task":
                yield name, state


@cache
def route_to(name: str, state: str) -> Answers:
    """The first way on which a task is asked."""
    for answers in routes(name).values():
        trace, _ = our_engine.run(machine(name), {"subject": "us-east-1"}, Script(answers))
        if any(step[1] == state for steps in trace.steps.values() for step in steps):
            return answers
    raise AssertionError(f"no route of {name} leads to {state}")


def failing(name: str, state: str, *faults: Fault, item: str = "") -> Answers:
    """The way to a task that fails with these and then answers as always; after ``BROKEN`` it never does."""
    function = fields_of(name, state)["Parameters"]["FunctionName"][2:-4]
    answers = dict(route_to(name, state))
    usually = [] if faults[-1] is BROKEN else answers.get(function, [{}])
    return {**answers, f"{function} {item}" if item else function: [*faults, *usually]}


def fields_of(name: str, state: str) -> Mapping[str, Any]:
    return dict(all_states(machine(name)))[state]


def recovering(name: str, state: str) -> Answers:
    """Each retrier counts for itself, so that each can be used up by errors of its own."""
    rules = fields_of(name, state)["Retry"]
    return failing(name, state, *[Fault(error) for rule in rules for error in rule["ErrorEquals"][:MOST_TRIES]])


def used_up(name: str, state: str) -> list[Answers]:
    """For each retrier: an error of it, once more than it tries."""
    rules = fields_of(name, state)["Retry"]
    return [failing(name, state, *[Fault(rule["ErrorEquals"][-1])] * (MOST_TRIES + 1)) for rule in rules]


def of_one_item(name: str, state: str) -> Answers:
    """The task fails for one item of a Map beside others; as for all, where it is in none."""
    return failing(name, state, Fault("States.Timeout"), BROKEN, item="users")


def same_way(name: str, answers: Answers) -> None:
    agreed(machine(name), {"subject": "us-east-1"}, Script(answers))


@pytest.mark.parametrize("route", list(routes("failover")))
@pytest.mark.parametrize("name", NAMES)
def test_both_engines_take_the_same_way(name: str, route: str) -> None:
    same_way(name, routes(name)[route])


@pytest.mark.parametrize(("name", "state"), list(tasks()))
class TestBothEnginesTakeTheSameWay:
    def test_when_a_task_fails_and_recovers(self, name: str, state: str) -> None:
        same_way(name, recovering(name, state))

    def test_when_its_tries_are_used_up(self, name: str, state: str) -> None:
        for answers in used_up(name, state):
            same_way(name, answers)

    def test_when_it_fails_with_what_nobody_retries(self, name: str, state: str) -> None:
        same_way(name, failing(name, state, BROKEN))

    def test_when_it_fails_for_one_item_beside_others(self, name: str, state: str) -> None:
        same_way(name, of_one_item(name, state))


def transitions(definition: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Every way from a state to the next that a machine has."""
    found = set()
    for state, fields in all_states(definition):
        rules = [*fields.get("Catch", ()), *fields.get("Choices", ())]
        following = [fields.get("Next"), fields.get("Default"), *(rule["Next"] for rule in rules)]
        found |= {(state, each) for each in following if each is not None}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_these_ways_are_all_that_a_machine_has(name: str) -> None:
    ways = list(routes(name).values())
    for each, state in tasks():
        if each == name:
            ways += [recovering(name, state), *used_up(name, state), failing(name, state, BROKEN)]
    taken = set()
    for answers in ways:
        trace, _ = our_engine.run(machine(name), {"subject": "us-east-1"}, Script(answers))
        for steps in trace.steps.values():
            for (left, state, _document), (entered, following, _given) in pairwise(steps):
                taken |= {(state, following)} if (left, entered) == ("left", "entered") else set()
    assert transitions(machine(name)) - taken == set()
