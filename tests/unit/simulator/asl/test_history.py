"""What an execution tells of itself: each state with its place and its documents, and spans made of it."""

from collections.abc import Callable
from typing import Any

from simulator.asl import spans
from tests.unit.simulator.asl.machines import EXECUTION, Machine, machine, run, task
from tests.unit.simulator.asl.timed import Timed


class BusyError(Exception):
    """May succeed later."""


CAUGHT = [{"ErrorEquals": ["BusyError"], "ResultPath": "$.why", "Next": "C"}]
WHY = {"Error": "BusyError", "Cause": "later"}


def busy_twice() -> Callable[[Any, Callable[[float], None]], Any]:
    left = [1, 2]

    def step(_payload: Any, sleep: Callable[[float], None]) -> str:
        sleep(1.0)
        if left:
            left.pop()
            raise BusyError("later")
        return "done"

    return step


def told(timed: Timed) -> list[tuple[float, str, str, str, Any]]:
    return [(each.at, each.kind.value, each.place, each.state, each.document) for each in timed.events]


def test_each_state_is_told_when_it_is_entered_and_left_with_its_documents() -> None:
    timed = Timed(
        machine(A=task(ResultPath="$.a", Next="S"), S={"Type": "Succeed"}), {"Step": lambda _p, sleep: sleep(2)}
    )
    out = {"k": 1, "a": {"StatusCode": 200, "Payload": None}}
    assert told(timed.run({"k": 1})) == [
        (0.0, "entered", "", "A", {"k": 1}),
        (2.0, "left", "", "A", out),
        (2.0, "entered", "", "S", out),
        (2.0, "left", "", "S", out),
    ]


def test_each_try_that_failed_is_told_and_a_state_that_was_caught_is_left() -> None:
    retry = [{"ErrorEquals": ["BusyError"], "MaxAttempts": 1, "IntervalSeconds": 5}]
    timed = Timed(machine(A=task(Retry=retry, Catch=CAUGHT), C={"Type": "Succeed"}), {"Step": busy_twice()})
    assert told(timed.run({"k": 1}))[:4] == [
        (0.0, "entered", "", "A", {"k": 1}),
        (1.0, "tried", "", "A", WHY),
        (7.0, "tried", "", "A", WHY),
        (7.0, "left", "", "A", {"k": 1, "why": WHY}),
    ]


def test_a_state_that_nobody_catches_is_told_as_failed_with_all_around_it() -> None:
    inner = machine(M={"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": machine(A=task()), "End": True})
    timed = Timed(machine(P={"Type": "Parallel", "Branches": [inner], "End": True}), {"Step": busy_twice()})
    timed.run({"items": [1]})
    assert [each[2:] for each in told(timed) if each[1] == "failed"] == [
        ("P[0]/M[0]", "A", WHY),
        ("P[0]", "M", WHY),
        ("", "P", WHY),
    ]


def test_visits_of_one_state_are_told_apart() -> None:
    loop = [{"ErrorEquals": ["BusyError"], "ResultPath": None, "Next": "A"}]
    timed = Timed(machine(A=task(Catch=loop)), {"Step": busy_twice()}).run()
    assert [(each.visit, each.kind.value) for each in timed.events if each.kind.value != "tried"] == [
        (1, "entered"),
        (1, "left"),
        (2, "entered"),
        (2, "left"),
        (3, "entered"),
        (3, "left"),
    ]


class TestSpans:
    def test_are_from_entering_to_leaving_in_the_order_of_entering(self) -> None:
        branches = [machine(A={"Type": "Wait", "Seconds": 5, "End": True}), machine(B=task())]
        definition = machine(P={"Type": "Parallel", "Branches": branches, "Next": "S"}, S={"Type": "Succeed"})
        timed = Timed(definition, {"Step": lambda _payload, sleep: sleep(2)}).run()
        made = spans(timed.events, "eu-west-1", timed.ended)
        assert [(each.state, each.entered, each.left, each.failed) for each in made] == [
            ("P", 0.0, 5.0, False),
            ("A", 0.0, 5.0, False),
            ("B", 0.0, 2.0, False),
            ("S", 5.0, 5.0, False),
        ]
        assert {(each.execution, each.region) for each in made} == {(EXECUTION, "eu-west-1")}

    def test_end_with_the_execution_where_a_state_was_stopped(self) -> None:
        branches = [machine(A={"Type": "Wait", "Seconds": 50, "End": True}), machine(B=task())]
        timed = Timed(machine(P={"Type": "Parallel", "Branches": branches, "End": True}), {"Step": busy_twice()}).run()
        made = spans(timed.events, "eu-west-1", timed.ended)
        assert [(each.state, each.left, each.failed) for each in made] == [
            ("P", 1.0, True),
            ("A", 1.0, True),
            ("B", 1.0, True),
        ]

    def test_are_open_while_the_execution_runs(self) -> None:
        timed = Timed(machine(W={"Type": "Wait", "Seconds": 50, "End": True}), {}).run(until=10.0)
        (made,) = spans(timed.events, "eu-west-1", timed.ended)
        assert (made.left, made.failed) == (None, False)


def looping(seconds: int, **fields: Any) -> Machine:
    return machine(W={"Type": "Wait", "Seconds": seconds, "Next": "A"}, A=task(Next="W", **fields))


class TestAFullHistory:
    """Step Functions fails an execution whose history would have more than 25,000 events."""

    def test_ends_an_execution_that_goes_round_and_round(self) -> None:
        """A round is seven events: both states entered and left, the task scheduled, started and ended."""
        ended = run(looping(1), step=lambda _payload: 1)
        assert (ended.error, ended.calls["step"]) == ("States.Runtime", (25_000 - 2) // 7)

    def test_cannot_be_caught(self) -> None:
        inner = looping(1)
        catch = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]
        definition = machine(
            P={"Type": "Parallel", "Branches": [inner], "Catch": catch, "End": True}, C={"Type": "Succeed"}
        )
        assert run(definition, step=lambda _payload: 1).error == "States.Runtime"

    def test_counts_each_try(self) -> None:
        retry = [{"ErrorEquals": ["BusyError"], "MaxAttempts": 99_999, "BackoffRate": 1.0}]

        def step(_payload: Any) -> None:
            raise BusyError("later")

        ended = run(machine(A=task(Retry=retry)), step=step)
        assert (ended.error, ended.calls["step"]) == ("States.Runtime", (25_000 - 4) // 3)
