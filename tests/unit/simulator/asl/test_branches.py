"""Map and Parallel in virtual time: branches run beside each other, and the first failure ends the others."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.simulator.asl.machines import Machine, machine, task
from tests.unit.simulator.asl.timed import Timed


class BusyError(Exception):
    """May succeed later."""


def over(items: list[Any], **fields: Any) -> Machine:
    """A Map whose iterations are two tasks each."""
    return machine(
        G={"Type": "Pass", "Result": items, "ResultPath": "$.items", "Next": "M"},
        M={
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": machine(A=task(OutputPath="$.Payload", Next="B"), B=task("Last", OutputPath="$.Payload")),
            **({} if "Next" in fields else {"End": True}),
            **fields,
        },
        Caught={"Type": "Succeed"},
    )


def takes(seconds: Any, sleep: Callable[[float], None]) -> Any:
    """A function that takes as many seconds as its payload says."""
    sleep(seconds)
    return seconds


def at_once(payload: Any, _sleep: Callable[[float], None]) -> Any:
    return payload


@pytest.mark.parametrize(
    ("fields", "ended"),
    [({}, 9.0), ({"MaxConcurrency": 0}, 9.0), ({"MaxConcurrency": 1}, 15.0), ({"MaxConcurrency": 2}, 10.0)],
)
def test_items_are_worked_on_so_many_at_once(fields: dict[str, Any], ended: float) -> None:
    """With two at once the third begins when the first of them has ended: 1 + 9 seconds beside 5."""
    told = Timed(over([5, 1, 9], **fields), {"Step": takes, "Last": at_once}).run()
    assert (told.output, told.ended) == ([5, 1, 9], ended)


def test_branches_of_a_parallel_begin_together() -> None:
    branches = [machine(A=task("Slow")), machine(B=task("Fast"), C=task("Fast"))]
    branches[1]["States"]["B"] = task("Fast", Next="C", ResultPath=None)
    definition = machine(P={"Type": "Parallel", "Branches": branches, "ResultPath": None, "End": True})
    functions = {"Slow": lambda _payload, sleep: sleep(7.0), "Fast": lambda _payload, sleep: sleep(2.0)}
    told = Timed(definition, functions).run({"kept": 1})
    assert [(at, function) for at, function, _, _ in told.called] == [(0.0, "Slow"), (0.0, "Fast"), (2.0, "Fast")]
    assert (told.output, told.ended) == ({"kept": 1}, 7.0)


class TestAFailure:
    def failing(self, payload: Any, sleep: Callable[[float], None]) -> Any:
        sleep(payload)
        if payload == 2:
            raise BusyError("later")
        return payload

    def test_ends_the_state_at_once_and_stops_the_other_branches(self) -> None:
        told = Timed(over([5, 2, 1]), {"Step": self.failing, "Last": at_once}).run()
        assert (told.error, told.ended) == ("BusyError", 2.0)
        assert [payload for _, function, payload, _ in told.called if function == "Last"] == [1]

    def test_leaves_alone_what_the_stopped_ones_had_asked_for(self) -> None:
        """Step Functions waits no more, but nobody stops a function that was invoked."""
        done: list[Any] = []

        def step(payload: Any, sleep: Callable[[float], None]) -> Any:
            result = self.failing(payload, sleep)
            done.append(payload)
            return result

        Timed(over([5, 2]), {"Step": step, "Last": at_once}).run()
        assert done == [5]

    def test_lets_no_further_item_begin(self) -> None:
        told = Timed(over([2, 3, 4], MaxConcurrency=1), {"Step": self.failing, "Last": at_once}).run()
        assert [payload for _, _, payload, _ in told.called] == [2]

    def test_is_caught_while_the_stopped_ones_stay_stopped(self) -> None:
        caught = [{"ErrorEquals": ["BusyError"], "ResultPath": "$.why", "Next": "Later"}]
        definition = over([5, 2], Catch=caught)
        definition["States"]["Later"] = {"Type": "Wait", "Seconds": 60, "Next": "Caught"}
        told = Timed(definition, {"Step": self.failing, "Last": at_once}).run()
        assert (told.error, told.ended) == (None, 62.0)
        assert [function for _, function, _, _ in told.called] == ["Step", "Step"]

    def test_is_tried_again_with_all_items(self) -> None:
        definition = over([1, 2], Retry=[{"ErrorEquals": ["BusyError"], "MaxAttempts": 1, "IntervalSeconds": 10}])
        told = Timed(definition, {"Step": self.failing, "Last": at_once}).run()
        assert [(at, payload) for at, name, payload, _ in told.called if name == "Step"] == [
            (0, 1),
            (0, 2),
            (12, 1),
            (12, 2),
        ]


def test_a_branch_changes_nothing_of_what_the_others_see() -> None:
    inner = {"Type": "Pass", "Result": 1, "ResultPath": "$.shared.mine", "End": True}
    branches = [machine(A=inner), machine(B={"Type": "Wait", "Seconds": 5, "End": True})]
    definition = machine(P={"Type": "Parallel", "Branches": branches, "End": True})
    told = Timed(definition, {}).run({"shared": {"theirs": 0}})
    assert told.output == [{"shared": {"theirs": 0, "mine": 1}}, {"shared": {"theirs": 0}}]
