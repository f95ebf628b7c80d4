"""Time limits, of tasks and of a whole machine, and pauses by chance."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.simulator.asl.machines import failing, machine, run, task
from tests.unit.simulator.asl.timed import Timed

ALL = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]


class BusyError(Exception):
    """May succeed later."""


def takes(seconds: float) -> Callable[[Any, Callable[[float], None]], Any]:
    return lambda _payload, sleep: sleep(seconds)


def limited(seconds: int, **states: Any) -> dict[str, Any]:
    return {**machine(**states), "TimeoutSeconds": seconds}


def test_a_task_that_takes_too_long_fails_when_its_time_is_over() -> None:
    retry = [{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1, "IntervalSeconds": 3}]
    told = Timed(machine(A=task(Retry=retry)), {"Step": takes(15.5)}).run()
    assert (told.error, told.ended) == ("States.Timeout", 15.0 + 3.0 + 15.0)


class TestTheMachinesOwnLimit:
    def test_ends_a_wait(self) -> None:
        told = Timed(limited(60, W={"Type": "Wait", "Seconds": 600, "End": True}), {}).run()
        assert (told.error, told.ended) == ("TIMED_OUT", 60.0)

    def test_ends_a_task_that_nobody_can_catch(self) -> None:
        definition = limited(5, A=task(Catch=ALL, Retry=[{"ErrorEquals": ["States.ALL"]}]), Caught={"Type": "Succeed"})
        told = Timed(definition, {"Step": takes(15.5)}).run()
        assert (told.error, told.ended, told.called[0][3]) == ("TIMED_OUT", 5.0, 5.0)

    def test_enters_no_further_state(self) -> None:
        told = Timed(limited(5, A=task(Catch=ALL), Caught={"Type": "Succeed"}), {"Step": takes(15.5)}).run()
        assert (told.error, {each.state for each in told.events}) == ("TIMED_OUT", {"A"})

    def test_ends_the_pause_of_a_retry(self) -> None:
        definition = limited(5, A=task(Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 60}]))
        told = Timed(definition, {"Step": takes(0.0)}).run()
        assert told.error is None
        slow = Timed(definition, {}).run()  # an unknown function fails with KeyError
        assert (slow.error, slow.ended) == ("TIMED_OUT", 5.0)

    def test_ends_every_branch(self) -> None:
        branch = machine(W={"Type": "Wait", "Seconds": 600, "End": True})
        parallel = {"Type": "Parallel", "Branches": [branch, branch], "Catch": ALL, "End": True}
        told = Timed(limited(60, P=parallel, Caught={"Type": "Succeed"}), {}).run()
        assert (told.error, told.ended) == ("TIMED_OUT", 60.0)

    def test_does_not_end_what_is_done_in_time(self) -> None:
        told = Timed(limited(60, W={"Type": "Wait", "Seconds": 59, "End": True}), {}).run()
        assert (told.error, told.ended) == (None, 59.0)

    def test_begins_anew_with_a_redrive(self) -> None:
        told = Timed(limited(60, A=task(ResultPath=None, Next="W"), W={"Type": "Wait", "Seconds": 50, "End": True}), {})
        told.functions["Step"] = takes(14.0)
        assert told.run().error == "TIMED_OUT"
        assert told.redrive().error is None
        assert [function for _, function, _, _ in told.called] == ["Step"]


class TestJitter:
    def paused(self, chance: Callable[[], float], **rule: Any) -> list[float]:
        retry = [{"ErrorEquals": ["BusyError"], "IntervalSeconds": 4, "MaxAttempts": 3, **rule}]
        definition = machine(A=task(Retry=retry))
        told = run(definition, step=failing(3, BusyError("later")), chance=chance)
        return told.slept

    def test_is_any_part_of_the_pause(self) -> None:
        assert self.paused(lambda: 0.25, JitterStrategy="FULL") == [1.0, 2.0, 4.0]

    def test_is_a_part_of_what_the_ceiling_leaves(self) -> None:
        assert self.paused(lambda: 0.5, JitterStrategy="FULL", MaxDelaySeconds=6) == [2.0, 3.0, 3.0]

    @pytest.mark.parametrize("rule", [{}, {"JitterStrategy": "NONE"}])
    def test_is_none_unless_it_is_asked_for(self, rule: dict[str, Any]) -> None:
        assert self.paused(lambda: 0.25, **rule) == [4.0, 8.0, 16.0]

    def test_is_the_same_for_the_same_chance(self) -> None:
        first, second = (self.paused(random.Random(7).random, JitterStrategy="FULL") for _ in range(2))
        assert first == second
        assert first != self.paused(random.Random(8).random, JitterStrategy="FULL")


def test_pauses_that_grow_for_ever_stay_numbers() -> None:
    retry = [{"ErrorEquals": ["BusyError"], "MaxDelaySeconds": 10, "MaxAttempts": 2000}]
    told = run(machine(A=task(Retry=retry)), step=failing(2000, BusyError("later")))
    assert (told.error, told.slept[-1]) == (None, 10.0)
