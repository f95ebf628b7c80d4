"""Step Functions: once by name and input, still without power, stopped, redriven, and no faster than it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from failover.errors import ReplicaNotReadyError
from rehearsal.facts import ExecutionState
from simulator.world.executions import Execution, NotTaken
from simulator.world.functions import DIED
from simulator.world.world import World
from tests.products import EU, US
from tests.unit.simulator.world_inside.deployed import Handler, instead, paged, pages, waits, world

RUNNING, SUCCEEDED, FAILED = ExecutionState.RUNNING, ExecutionState.SUCCEEDED, ExecutionState.FAILED


def task(function: str, **more: Any) -> dict[str, Any]:
    camel = "".join(part.capitalize() for part in function.split("_"))
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": f"${{{camel}Arn}}", "Payload.$": "$"},
        "TimeoutSeconds": 15,
        "ResultPath": None,
        **more,
    }


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


BOTH = {
    "Type": "Parallel",
    "Branches": [machine(Left=task("take_time", End=True)), machine(Right=task("send_page", End=True))],
    "End": True,
}
EACH = {
    "Type": "Map",
    "ItemsPath": "$.items",
    "ItemProcessor": machine(One=task("take_time", End=True)),
    "End": True,
}
MACHINES = {
    "one": machine(TakeTime=task("take_time", Next="SendPage"), SendPage=task("send_page", End=True)),
    "waits": machine(Waits={"Type": "Wait", "Seconds": 5, "Next": "SendPage"}, SendPage=task("send_page", End=True)),
    "passes": machine(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "C"}, C={"Type": "Succeed"}),
    "both": machine(Both=BOTH),
    "each": machine(Each=EACH),
}


class Stage:
    """A world whose Step Functions has machines of the test."""

    def __init__(self, folder: Path) -> None:
        for name, written in MACHINES.items():
            (folder / f"{name}.asl.json").write_text(json.dumps(written), "utf-8")
        self.world: World = world()
        self.world.executions.machines = folder
        self.told: list[tuple[str, ExecutionState]] = []
        self.world.executions.ended = lambda execution: self.told.append((execution.name, execution.state))

    def start(self, name: str, document: Any = None, *, region: str = EU) -> Execution:
        return self.world.executions.start(region, name, f"{name}-1", document or {"items": [1, 2]})

    def run(self, until: float) -> None:
        self.world.kernel.run(until)

    def at(self, moment: float, act: Any) -> None:
        self.world.kernel.now_or_later(moment, act)


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Handler]:
    found: dict[str, Handler] = {"take_time": waits(3.0), "send_page": pages("sent")}
    instead(monkeypatch, found)
    return found


@pytest.fixture
def stage(tmp_path: Path, handlers: dict[str, Handler]) -> Stage:
    return Stage(tmp_path)


def test_it_runs_its_functions_in_its_own_region_and_succeeds(stage: Stage) -> None:
    execution = stage.start("one")
    stage.run(20.0)
    assert execution.state is SUCCEEDED
    assert [each.region for each in stage.world.recorder.pages] == [EU]
    assert stage.told == [("one-1", RUNNING), ("one-1", SUCCEEDED)]


def test_the_same_name_and_input_is_the_same_execution_while_it_runs(stage: Stage) -> None:
    execution = stage.start("one")
    stage.run(1.0)
    assert stage.start("one") is execution
    stage.run(20.0)
    with pytest.raises(NotTaken, match="ExecutionAlreadyExists"):
        stage.start("one")
    assert paged(stage.world) == ["sent"]


def test_the_same_name_with_another_input_is_refused(stage: Stage) -> None:
    stage.start("one")
    with pytest.raises(NotTaken, match="ExecutionAlreadyExists"):
        stage.start("one", {"another": "input"})


def test_each_region_has_names_of_its_own(stage: Stage) -> None:
    assert stage.start("one") is not stage.start("one", region=US)
    stage.run(20.0)
    assert sorted(each.region for each in stage.world.recorder.pages) == [EU, US]


def test_what_was_given_to_it_cannot_be_changed_afterwards(stage: Stage) -> None:
    document = {"items": [1]}
    execution = stage.start("one", document)
    document["items"].append(2)
    assert execution.document == {"items": [1]}


def test_entering_a_state_takes_a_transition(stage: Stage) -> None:
    execution = stage.start("passes")
    stage.run(20.0)
    begins, transition = (stage.world.latencies.of(f"states.{name}").p50 for name in ("start", "transition"))
    assert transition > 0
    assert execution.ended == pytest.approx(begins + 3 * transition)


def test_it_tells_of_each_state_that_it_enters_and_leaves(stage: Stage) -> None:
    told: list[str] = []
    executions = stage.world.executions
    executions.entered = lambda _execution, state: told.append(f"> {state}")
    executions.exited = lambda _execution, state: told.append(f"{state} >")
    executions.left = lambda region, state: told.append(f"{state} left in {region}")
    stage.start("passes")
    stage.run(20.0)
    assert told[:3] == ["> A", "A >", f"A left in {EU}"]
    assert told[-1] == f"C left in {EU}"


def test_a_function_that_fails_fails_it_by_its_name(stage: Stage, handlers: dict[str, Handler]) -> None:
    def fails(_event: Any, _context: Any) -> None:
        raise ReplicaNotReadyError("no such thing")

    handlers["take_time"] = fails
    execution = stage.start("one")
    stage.run(20.0)
    assert (execution.state, execution.error) == (FAILED, "ReplicaNotReadyError")
    assert "no such thing" in execution.cause
    assert paged(stage.world) == []


def test_a_function_that_does_not_answer_in_the_states_time_fails_it(
    stage: Stage, handlers: dict[str, Handler]
) -> None:
    handlers["take_time"] = waits(40.0)
    execution = stage.start("one")
    stage.run(60.0)
    assert (execution.state, execution.error) == (FAILED, "States.Timeout")
    assert execution.ended is not None
    assert 15.0 <= execution.ended < 16.0


class TestPower:
    """An execution outlives the functions that it calls, and stands still without power."""

    def test_it_stands_still_and_goes_on_where_it_stood(self, stage: Stage) -> None:
        execution = stage.start("waits")
        stage.at(1.0, lambda: stage.world.executions.lose_power(EU))
        stage.at(30.0, lambda: stage.world.executions.have_power(EU))
        stage.run(29.0)
        assert execution.state is RUNNING
        assert paged(stage.world) == []
        stage.run(40.0)
        assert execution.state is SUCCEEDED
        assert execution.ended is not None and execution.ended > 30.0

    def test_other_regions_go_on(self, stage: Stage) -> None:
        execution = stage.start("waits", region=US)
        stage.world.executions.lose_power(EU)
        stage.run(20.0)
        assert execution.state is SUCCEEDED

    @pytest.mark.parametrize("name", ["both", "each"])
    def test_its_branches_stand_still_as_well(self, stage: Stage, name: str) -> None:
        execution = stage.start(name)
        stage.at(0.2, lambda: stage.world.executions.lose_power(EU))
        stage.at(30.0, lambda: stage.world.executions.have_power(EU))
        stage.run(29.0)
        entered = [each.state for each in execution.events]
        assert len(entered) == 3, "the state, and both of its branches"
        stage.run(60.0)
        assert execution.state is SUCCEEDED
        assert execution.ended is not None and execution.ended >= 30.0

    def test_a_function_that_its_region_took_with_it_has_died_for_it(self, stage: Stage) -> None:
        execution = stage.start("one")

        def lose() -> None:
            stage.world.executions.lose_power(EU)
            stage.world.functions.lose_power(EU)

        stage.at(1.5, lose)
        stage.at(30.0, lambda: stage.world.executions.have_power(EU))
        stage.run(60.0)
        assert (execution.state, execution.error) == (FAILED, DIED)


class TestStopping:
    """What operators do to it."""

    def test_one_that_is_stopped_goes_no_further_and_its_function_ends_what_it_does(
        self, stage: Stage, handlers: dict[str, Handler]
    ) -> None:
        def late(event: Any, context: Any) -> None:
            waits(5.0)(event, context)
            pages("the function's")(event, context)

        handlers["take_time"] = late
        execution = stage.start("one")
        stage.at(2.0, lambda: stage.world.executions.stop(execution))
        stage.run(30.0)
        assert (execution.state, execution.cause) == (FAILED, "stopped")
        assert execution.ended == 2.0
        assert paged(stage.world) == ["the function's"]

    def test_one_that_has_ended_is_not_stopped(self, stage: Stage) -> None:
        execution = stage.start("one")
        stage.run(30.0)
        stage.world.executions.stop(execution)
        assert execution.state is SUCCEEDED

    def test_one_that_failed_goes_on_from_the_state_that_failed(
        self, stage: Stage, handlers: dict[str, Handler]
    ) -> None:
        calls: list[str] = []
        pages_, slow = handlers["send_page"], handlers["take_time"]

        def counted(event: Any, context: Any) -> Any:
            calls.append("take_time")
            return slow(event, context)

        def fails(_event: Any, _context: Any) -> None:
            raise ReplicaNotReadyError("not yet")

        handlers.update(take_time=counted, send_page=fails)
        execution = stage.start("one")
        stage.run(20.0)
        assert execution.state is FAILED
        handlers["send_page"] = pages_
        stage.world.executions.redrive(execution)
        assert (execution.state, execution.error, execution.ended) == (RUNNING, None, None)
        stage.run(40.0)
        assert execution.state is SUCCEEDED
        assert calls == ["take_time"]

    @pytest.mark.parametrize("until", [1.0, 30.0], ids=["runs", "has succeeded"])
    def test_one_that_has_not_failed_is_not_redriven(self, stage: Stage, until: float) -> None:
        execution = stage.start("one")
        stage.run(until)
        with pytest.raises(NotTaken, match="ExecutionNotRedrivable"):
            stage.world.executions.redrive(execution)


def test_a_dry_run_is_one_that_says_so(stage: Stage) -> None:
    assert stage.start("one", {"dry_run": True}).dry_run
    assert not stage.start("passes", {"dry_run": "true"}).dry_run
