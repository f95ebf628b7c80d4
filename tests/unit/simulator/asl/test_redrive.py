"""A redriven execution goes on where it ended: what succeeded is not done again."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.asl import NotRedrivableError, Progress
from tests.unit.simulator.asl.machines import EXECUTION, Machine, machine, task
from tests.unit.simulator.asl.timed import Play, Timed


class BusyError(Exception):
    """May succeed later."""


class World:
    """Functions that fail for some payloads until they are mended."""

    def __init__(self, *broken: Any) -> None:
        self.broken = set(broken)

    def step(self, payload: Any, sleep: Callable[[float], None]) -> Any:
        sleep(1.0)
        if payload in self.broken:
            raise BusyError("later")
        return payload


def names(timed: Timed) -> list[str]:
    return [function for _, function, _, _ in timed.called]


def test_it_goes_on_at_the_state_that_failed_with_the_same_input() -> None:
    world = World(2)
    definition = machine(
        A=task("First", OutputPath="$.Payload", Next="B"),
        B=task("Second", OutputPath="$.Payload", Next="C"),
        C=task("Third", OutputPath="$.Payload"),
    )
    functions = {"First": lambda _payload, _sleep: 2, "Second": world.step, "Third": world.step}
    timed = Timed(definition, functions).run(1)
    assert (timed.error, timed.progress.state, timed.progress.document) == ("BusyError", "B", 2)
    world.broken.clear()
    timed.redrive()
    assert (timed.error, timed.output) == (None, 2)
    assert names(timed) == ["First", "Second", "Second", "Third"]
    assert [each.visit for each in timed.events if each.kind.value == "entered"] == [1, 2, 3, 4]


def test_retries_are_counted_anew() -> None:
    world = World(1)
    retry = [{"ErrorEquals": ["BusyError"], "MaxAttempts": 2}]
    timed = Timed(machine(A=task(Retry=retry)), {"Step": world.step}).run(1)
    assert len(timed.called) == 3
    timed.redrive()
    assert (timed.error, len(timed.called)) == ("BusyError", 6)


def test_a_fail_state_fails_again() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "F"}]
    timed = Timed(machine(A=task(Catch=catch), F={"Type": "Fail", "Error": "E"}), {"Step": World(1).step}).run(1)
    timed.redrive()
    assert (timed.error, len(timed.called)) == ("E", 1)


class TestBranches:
    """Only those that failed or were stopped, each from the state in which it stood."""

    def over(self, **fields: Any) -> Machine:
        branch = machine(A=task("First", OutputPath="$.Payload", Next="B"), B=task("Second", OutputPath="$.Payload"))
        return machine(M={"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": branch, "End": True, **fields})

    def run(self, world: World, definition: Machine, *items: Any) -> Timed:
        quick: dict[str, Play] = {"First": lambda payload, _sleep: payload, "Second": world.step}
        return Timed(definition, quick).run({"items": list(items)})

    def test_of_a_map_only_the_item_that_failed_is_worked_on(self) -> None:
        world = World("b")
        timed = self.run(world, self.over(MaxConcurrency=1), "a", "b", "c")
        world.broken.clear()
        timed.redrive()
        assert timed.output == ["a", "b", "c"]
        assert [(function, payload) for _, function, payload, _ in timed.called] == [
            ("First", "a"),
            ("Second", "a"),
            ("First", "b"),
            ("Second", "b"),
            ("Second", "b"),
            ("First", "c"),
            ("Second", "c"),
        ]

    def test_those_that_were_stopped_go_on_too(self) -> None:
        world = World("b")

        def slow(payload: Any, sleep: Callable[[float], None]) -> Any:
            sleep(9.0 if payload == "a" else 0.0)
            return world.step(payload, sleep)

        timed = Timed(self.over(), {"First": lambda payload, _sleep: payload, "Second": slow}).run(
            {"items": ["a", "b"]}
        )
        assert timed.ended == 1.0
        world.broken.clear()
        timed.redrive()
        assert timed.output == ["a", "b"]
        assert names(timed) == ["First", "First", "Second", "Second", "Second", "Second"]

    def test_of_a_parallel_only_the_branch_that_failed_is_worked_on(self) -> None:
        world = World(1)
        branches = [machine(A=task("First", OutputPath="$.Payload")), machine(B=task("Second", OutputPath="$.Payload"))]
        definition = machine(P={"Type": "Parallel", "Branches": branches, "End": True})
        timed = Timed(definition, {"First": lambda _payload, _sleep: "kept", "Second": world.step}).run(1)
        world.broken.clear()
        timed.redrive()
        assert (timed.output, names(timed)) == (["kept", 1], ["First", "Second", "Second"])

    def test_a_state_that_is_tried_again_after_a_redrive_begins_with_all_its_branches(self) -> None:
        world = World("b")
        timed = self.run(world, self.over(MaxConcurrency=1), "a", "b")
        timed.interpreter.machine["States"]["M"]["Retry"] = [{"ErrorEquals": ["BusyError"], "MaxAttempts": 1}]
        timed.called.clear()
        timed.redrive()
        assert [payload for _, function, payload, _ in timed.called if function == "First"] == ["a", "b"]


def test_an_execution_that_was_stopped_goes_on_where_it_stood() -> None:
    timed = Timed(machine(A=task(ResultPath=None, Next="W"), W={"Type": "Wait", "Seconds": 60, "End": True}), {})
    timed.functions["Step"] = World().step
    actor = timed.start(lambda: timed.interpreter.execute(1, EXECUTION, timed.progress))
    timed.kernel.run(30.0)
    actor.kill()
    timed.redrive()
    assert (timed.ended, timed.output, len(timed.called)) == (30.0 + 60.0, 1, 1)


def test_what_has_succeeded_or_not_begun_cannot_be_redriven() -> None:
    timed = Timed(machine(A=task()), {"Step": World().step}).run(1)
    with pytest.raises(NotRedrivableError, match="has succeeded"):
        timed.interpreter.redrive(timed.progress, EXECUTION)
    with pytest.raises(NotRedrivableError, match="has not begun"):
        timed.interpreter.redrive(Progress(), EXECUTION)
