"""A second engine: the interpreter of the States Language in moto, which is LocalStack's, by other hands than ours.

It reads machines with a grammar of its own and works with threads. Here it runs without its API, its waits take no
time, and Lambda is a script. Its jitter is the longest pause, as our interpreter's is by default.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest import mock

from moto.stepfunctions.parser import utils
from moto.stepfunctions.parser.api import StateMachineType
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.component.common.retry import jitter_strategy_decl, retrier_decl
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.evaluation_details import AWSExecutionDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path

from tests.unit.simulator.asl.machines import EXECUTION
from tests.unit.simulator.asl.scripts import Fault, Script, Trace

Machine = Mapping[str, Any]
Event = dict[str, Any]
READ_PATH, READ_REFERENCE = cache(json_path.parse), cache(result_path.parse)
WAITS_SECONDS = 20.0
"""How long a branch that was stopped may take to notice; it takes milliseconds."""


def run(definition: Machine, document: Any, script: Script) -> Trace:
    """Execute a machine in the second engine."""
    trace = Trace(asked=script.asked)
    env = _environment(document)
    with _scripted(script, trace):
        _program(json.dumps(definition)).eval(env)
        for thread in utils.TMP_THREADS:
            thread.join(WAITS_SECONDS)  # a branch that was stopped must not go on with the real Lambda
        utils.TMP_THREADS.clear()
    _end(trace, env)
    _steps(trace, definition, env.event_manager.get_event_history())
    return trace


@cache
def _program(definition: str) -> Any:
    return AmazonStateLanguageParser.parse(definition)[0]


def _environment(document: Any) -> Environment:
    execution = {"Id": EXECUTION, "Input": document, "Name": "one", "RoleArn": "r", "StartTime": "2026-01-01T00:00:00Z"}
    env = Environment(
        aws_execution_details=AWSExecutionDetails(account="111122223333", region="eu-west-1", role_arn="r"),
        execution_type=StateMachineType.STANDARD,
        context={"Execution": execution, "StateMachine": {"Id": "m", "Name": "m"}},
        event_history_context=EventHistoryContext.of_program_start(),
        cloud_watch_logging_session=None,
        activity_store={},
    )
    env.states.reset(input_value=document)
    return env


@contextmanager
def _scripted(script: Script, trace: Trace) -> Iterator[None]:
    """Give the engine Lambda and time.

    Most of its work is taken away too: it logs whole programs, and reads each path anew. And a component's key, under
    which retries are counted, is made here at once: moto makes it when it is first asked for, and two iterations of a
    Map that ask at the same time get two.
    """

    def invoke(parameters: Any, **_rest: Any) -> Any:
        function = parameters["FunctionName"].removeprefix("${").removesuffix("Arn}")
        answer = script.answer(function, json.loads(parameters["Payload"]))
        if not isinstance(answer, Fault):
            return {"StatusCode": 200, "Payload": answer}
        if answer.error == "States.Timeout":
            raise EvalTimeoutError
        return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": json.loads(answer.cause)}

    class Clock:
        sleep = trace.pauses.append

    class Chance:
        @staticmethod
        def uniform(_least: float, most: float) -> float:
            return most

    def wait(_self: Any, env: Any, wait_seconds: int) -> None:
        trace.pauses.append(wait_seconds)

    with (
        mock.patch.object(lambda_eval_utils, "_invoke_lambda_function", invoke),
        mock.patch.object(retrier_decl, "time", Clock),
        mock.patch.object(jitter_strategy_decl, "random", Chance),
        mock.patch.object(WaitFunction, "_wait_interval", wait),
        mock.patch.object(json_path, "parse", READ_PATH),
        mock.patch.object(result_path, "parse", READ_REFERENCE),
        mock.patch.object(EvalComponent, "heap_key", property(lambda component: str(id(component)))),
        mock.patch.object(EvalComponent, "_log_failure_event_exception", lambda *_a, **_k: None),
        mock.patch.object(EvalComponent, "_log_exception", lambda *_a, **_k: None),
    ):
        yield


def _end(trace: Trace, env: Environment) -> None:
    state = env.program_state()
    if isinstance(state, ProgramEnded):
        trace.output = env.states.get_input()
    elif isinstance(state, ProgramError):
        told = state.error or {}
        trace.status, trace.error, trace.cause = "FAILED", told.get("error", ""), told.get("cause", "")
    else:
        trace.status = type(state).__name__


def _steps(trace: Trace, definition: Machine, events: list[Event]) -> None:
    by_id = {each["id"]: each for each in events}
    places = dict(_places(definition, ""))
    for event in events:
        for kind in ("Entered", "Exited"):
            if event["type"].endswith(f"State{kind}"):
                details = event[f"state{kind}EventDetails"]
                name = details["name"]
                document = json.loads(details["input" if kind == "Entered" else "output"])
                place = _iterated(places[name], event, by_id)
                trace.step(place, "entered" if kind == "Entered" else "left", name, document)


def _places(machine: Machine, where: str) -> Iterator[tuple[str, str]]:
    """Yield each state's name with its branch; of a Map's iterations the number is not known yet."""
    for name, state in machine["States"].items():
        yield name, where
        inside = f"{where}/{name}" if where else name
        for index, branch in enumerate(state.get("Branches", ())):
            yield from _places(branch, f"{inside}[{index}]")
        if "ItemProcessor" in state:
            yield from _places(state["ItemProcessor"], f"{inside}[*]")


def _iterated(place: str, event: Event, by_id: Mapping[int, Event]) -> str:
    """Put in the number of each Map's iteration: that which began last on the way back from this event."""
    numbers: dict[str, int] = {}
    before = event
    while "*" in place and before["previousEventId"] in by_id:
        before = by_id[before["previousEventId"]]
        if before["type"] == "MapIterationStarted":
            details = before["mapIterationStartedEventDetails"]
            numbers.setdefault(details["name"], details["index"])
    steps = place.split("/") if place else []
    return "/".join(step.replace("*", str(numbers[step[:-3]])) if "*" in step else step for step in steps)
