"""What the interpreter does not know is refused before a machine runs: a construct that is ignored proves nothing."""

from copy import deepcopy
from typing import Any

import pytest

from simulator.asl import UnknownConstructError
from simulator.asl.language import refuse_unknown
from tests.unit.simulator.asl.machines import machine, task

SOUND = machine(
    A=task(
        ResultPath="$.a",
        Next="M",
        Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}],
        Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "F"}],
    ),
    M={
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": {"each.$": "$$.Map.Item.Value"},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **machine(I=task())},
        "Next": "C",
    },
    C={"Type": "Choice", "Choices": [{"Variable": "$.a", "StringEquals": "x", "Next": "F"}], "Default": "W"},
    W={"Type": "Wait", "Seconds": 1, "Next": "P"},
    P={"Type": "Pass", "Next": "S"},
    S={"Type": "Succeed"},
    F={"Type": "Fail", "ErrorPath": "$.failure.Error"},
)


def test_what_is_known_is_accepted() -> None:
    refuse_unknown(SOUND)


def at(*path: str | int, value: Any) -> dict[str, Any]:
    """The sound machine with one thing changed."""
    changed = deepcopy(SOUND)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


INSIDE = ("States", "M", "ItemProcessor", "States", "I")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (at("QueryLanguage", value="JSONata"), "QueryLanguage"),
        (at("States", "A", "QueryLanguage", value="JSONata"), "QueryLanguage"),
        (at("States", "A", "Assign", value={"x.$": "$.y"}), "Assign"),
        (at("States", "A", "HeartbeatSeconds", value=5), "HeartbeatSeconds"),
        (at("States", "A", "Resource", value="arn:aws:states:::sns:publish"), "sns:publish is not"),
        (at("States", "A", "Resource", value="arn:aws:states:::lambda:invoke.waitForTaskToken"), "waitForTaskToken"),
        (at("States", "A", "Retry", 0, "Whenever", value=1), "its Retry.*Whenever"),
        (at("States", "A", "Catch", 0, "Assign", value={}), "its Catch.*Assign"),
        (at("States", "A", "Parameters", "Payload.$", value="States.Format('{}', $.x)"), "dotted reference paths"),
        (at("States", "A", "Parameters", "Payload.$", value="$.items[0]"), "dotted reference paths"),
        (at("States", "A", "Parameters", "Payload.$", value="$..name"), "dotted reference paths"),
        (at("States", "A", "ResultPath", value="$.a[*].b"), "dotted reference paths"),
        (
            at("States", "M", "ItemProcessor", "ProcessorConfig", "Mode", value="DISTRIBUTED"),
            "DISTRIBUTED is not INLINE",
        ),
        (at("States", "M", "ItemReader", value={}), "ItemReader"),
        (at("States", "M", "ToleratedFailureCount", value=1), "ToleratedFailureCount"),
        (at("States", "M", "ItemsPath", value="$.items[0:2]"), "dotted reference paths"),
        (at("States", "C", "Choices", 0, "And", value=[]), "is not one of"),
        (at("States", "C", "Choices", 0, value={"Variable": "$.a", "NumericEquals": 1, "Next": "F"}), "NumericEquals"),
        (at("States", "C", "Choices", 0, value={"Variable": "$.a", "Next": "F"}), "is not one of"),
        (at("States", "C", value={k: v for k, v in SOUND["States"]["C"].items() if k != "Default"}), "without Default"),
        (at("States", "A", "Retry", 0, "ErrorEquals", value=["States.ALL", "BusyError"]), "alone, and last"),
        (at("States", "A", "Catch", value=[*SOUND["States"]["A"]["Catch"] * 2]), "alone, and last"),
        (at("States", "A", "Retry", 0, "JitterStrategy", value="HALF"), "HALF is not FULL or NONE"),
        (at("States", "A", "InputPath", value="$.x"), "InputPath"),
        (at("States", "A", "Parameters", "Qualifier", value="7"), "Qualifier"),
        (at("States", "A", "Parameters", value={"FunctionName": "${StepArn}"}), "FunctionName and a Payload"),
        (at("States", "A", "Parameters", "Payload.$", value="$$.State.Name"), "dotted reference paths"),
        (at("States", "A", "TimeoutSecondsPath", value="$.x"), "or with two"),
        (at("States", "M", "ItemProcessor", "TimeoutSeconds", value=7), "ItemProcessor.*TimeoutSeconds"),
        (at("States", "W", value={"Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "Next": "P"}), "Timestamp"),
        (at("States", "P", "InputPath", value="$.x"), "InputPath"),
        (at("States", "P", "Type", value="Activity"), "type Activity is not one of"),
        (at("States", "S", "OutputPath", value="$.x"), "OutputPath"),
        (at(*INSIDE, "Type", value="Activity"), "I: type Activity"),
        (at(*INSIDE, "Parameters", "Payload.$", value="States.UUID()"), "I: .*dotted reference paths"),
    ],
)
def test_anything_else_is_refused_with_its_place(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UnknownConstructError, match=message):
        refuse_unknown(wrong)


def test_a_task_without_a_time_limit_is_refused() -> None:
    wrong = deepcopy(SOUND)
    del wrong["States"]["A"]["TimeoutSeconds"]
    with pytest.raises(UnknownConstructError, match="A: a task without a time limit"):
        refuse_unknown(wrong)
