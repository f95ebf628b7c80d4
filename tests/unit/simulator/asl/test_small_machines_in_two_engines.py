"""One small machine per construct, in two engines. Where the second is wrong, the rule is said beside it."""

from typing import Any

import pytest

from tests.unit.simulator.asl import our_engine, second_engine
from tests.unit.simulator.asl.agreement import agreed
from tests.unit.simulator.asl.machines import Machine, machine, task
from tests.unit.simulator.asl.scripts import Fault, Script

DONE: Machine = {"Type": "Succeed"}
BUSY, BROKEN, LATE = Fault("BusyError"), Fault("BrokenError"), Fault("States.Timeout")
THROTTLED = Fault("Lambda.TooManyRequestsException")
GIVEN = {
    "n": 1,
    "name": "x",
    "yes": True,
    "nothing": None,
    "inner": {"deep": {"er": [1, {"two": 2}]}, "cause": "c"},
    "items": ["a", "b", "c"],
    "people": [{"database": "a", "age": 1}, {"database": "b", "age": 2}],
    "none": [],
    "wait_seconds": 7,
    "limit_seconds": 9,
}


def all_caught(result_path: str | None, following: str = "C") -> list[Machine]:
    return [{"ErrorEquals": ["States.ALL"], "ResultPath": result_path, "Next": following}]


def over(inner: Machine, **fields: Any) -> Machine:
    """A Map over the document's items, whose iterations are one machine."""
    return {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **inner},
        **({} if "Next" in fields else {"End": True}),
        **fields,
    }


def beside(*branches: Machine, **fields: Any) -> Machine:
    return {"Type": "Parallel", "Branches": list(branches), **({} if "Next" in fields else {"End": True}), **fields}


def chosen(*rules: Machine) -> Machine:
    return machine(
        C={"Type": "Choice", "Choices": [{**rule, "Next": f"R{i}"} for i, rule in enumerate(rules)], "Default": "D"},
        D={"Type": "Pass", "Result": "default", "End": True},
        **{f"R{i}": {"Type": "Pass", "Result": i, "End": True} for i, _ in enumerate(rules)},
    )


def retried(*rules: Machine, **fields: Any) -> Machine:
    return machine(A=task(Retry=list(rules), **fields), C=DONE)


SMALL: dict[str, tuple[Machine, dict[str, list[Any]]]] = {
    # Documents: Parameters, ResultSelector, ResultPath, OutputPath, in this order.
    "the payload is the document": (machine(A=task()), {"Step": [...]}),
    "a payload from a template": (
        machine(
            A=task(
                Parameters={
                    "FunctionName": "${StepArn}",
                    "Payload": {"a.$": "$.inner.deep", "b": [1, {"c.$": "$.n"}], "who.$": "$$.Execution.Id", "d": {}},
                }
            )
        ),
        {"Step": [...]},
    ),
    "a result is selected": (machine(A=task(ResultSelector={"n.$": "$.Payload.n", "k": 1})), {"Step": [{"n": [1]}]}),
    "a result is dropped": (machine(A=task(ResultPath=None)), {"Step": [{"n": 1}]}),
    "a result is placed": (machine(A=task(ResultPath="$.made")), {"Step": [{"n": 1}]}),
    "a result is placed deep": (machine(A=task(ResultPath="$.inner.new.er")), {"Step": [{"n": 1}]}),
    "a result replaces a part": (machine(A=task(ResultPath="$.inner.deep")), {"Step": [{"n": 1}]}),
    "an output is cut out": (machine(A=task(OutputPath="$.Payload")), {"Step": [{"n": 1}]}),
    "selected, placed, cut out": (
        machine(A=task(ResultSelector={"p.$": "$.Payload"}, ResultPath="$.made", OutputPath="$.made.p")),
        {"Step": [{"n": 1}]},
    ),
    "results that are no objects": (
        machine(A=task(ResultPath="$.a", Next="B"), B=task(ResultPath="$.b")),
        {"Step": [None, [1, "two", 3.5, False]]},
    ),
    "a limit at a path": (
        machine(A={k: v for k, v in task(TimeoutSecondsPath="$.limit_seconds").items() if k != "TimeoutSeconds"}),
        {"Step": [LATE]},
    ),
    # Pass, Wait, Succeed, Fail.
    "a pass with a result": (machine(P={"Type": "Pass", "Result": {"r": [1]}, "ResultPath": "$.r", "End": True}), {}),
    "a pass with parameters": (
        machine(P={"Type": "Pass", "Parameters": {"a.$": "$.n", "b": "$.n"}, "ResultPath": "$.made", "End": True}),
        {},
    ),
    "a pass that drops": (machine(P={"Type": "Pass", "Result": 1, "ResultPath": None, "Next": "S"}, S=DONE), {}),
    "a wait": (machine(W={"Type": "Wait", "Seconds": 3600, "Next": "S"}, S=DONE), {}),
    "a wait at a path": (machine(W={"Type": "Wait", "SecondsPath": "$.wait_seconds", "End": True}), {}),
    "a fail": (machine(F={"Type": "Fail", "Error": "E", "Cause": "c"}), {}),
    "a fail at paths": (machine(F={"Type": "Fail", "ErrorPath": "$.name", "CausePath": "$.inner.cause"}), {}),
    "a fail of what was caught": (
        machine(
            A=task(Catch=all_caught("$.failure", "F")),
            F={"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"},
        ),
        {"Step": [BROKEN]},
    ),
    # Choice.
    "a string that is equal": (chosen({"Variable": "$.name", "StringEquals": "x"}), {}),
    "a string that is not": (chosen({"Variable": "$.name", "StringEquals": "X"}), {}),
    "the first rule of two": (
        chosen({"Variable": "$.name", "StringEquals": "x"}, {"Variable": "$.yes", "BooleanEquals": True}),
        {},
    ),
    "a boolean": (
        chosen({"Variable": "$.yes", "BooleanEquals": False}, {"Variable": "$.yes", "BooleanEquals": True}),
        {},
    ),
    "a number is no boolean": (chosen({"Variable": "$.n", "BooleanEquals": True}), {}),
    "a boolean is no string": (chosen({"Variable": "$.yes", "StringEquals": "true"}), {}),
    "null is neither": (
        chosen({"Variable": "$.nothing", "BooleanEquals": False}, {"Variable": "$.nothing", "StringEquals": ""}),
        {},
    ),
    # Retry.
    "an error that nobody expects": (machine(A=task()), {"Step": [BROKEN]}),
    "the defaults of a retrier": (retried({"ErrorEquals": ["BusyError"]}), {"Step": [BUSY]}),
    "a retrier that recovers": (retried({"ErrorEquals": ["BusyError"], "MaxAttempts": 5}), {"Step": [BUSY, BUSY, 1]}),
    "no attempts": (retried({"ErrorEquals": ["BusyError"], "MaxAttempts": 0}), {"Step": [BUSY, 1]}),
    "pauses with a ceiling": (
        retried({"ErrorEquals": ["BusyError"], "IntervalSeconds": 3, "MaxDelaySeconds": 10, "MaxAttempts": 4}),
        {"Step": [BUSY]},
    ),
    "pauses with jitter": (
        retried({"ErrorEquals": ["BusyError"], "IntervalSeconds": 2, "BackoffRate": 1.5, "JitterStrategy": "FULL"}),
        {"Step": [BUSY]},
    ),
    "each retrier counts for itself": (
        retried(
            {"ErrorEquals": ["BusyError"], "MaxAttempts": 2},
            {"ErrorEquals": ["BrokenError"], "IntervalSeconds": 10, "MaxAttempts": 2},
        ),
        {"Step": [BUSY, BROKEN, BUSY, BROKEN, 1]},
    ),
    "a retrier that is used up is not followed by the next": (
        retried({"ErrorEquals": ["BusyError"], "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 5}),
        {"Step": [BUSY, BUSY, 1]},
    ),
    "States.ALL retries a time-out": (retried({"ErrorEquals": ["States.ALL"]}), {"Step": [LATE, 1]}),
    "States.Timeout retries a time-out": (retried({"ErrorEquals": ["States.Timeout"]}), {"Step": [LATE, LATE, 1]}),
    "States.TaskFailed retries no time-out": (retried({"ErrorEquals": ["States.TaskFailed"]}), {"Step": [LATE, 1]}),
    "States.TaskFailed retries a function's error": (
        retried({"ErrorEquals": ["States.TaskFailed"]}),
        {"Step": [BUSY, 1]},
    ),
    "what Lambda itself says": (
        retried({"ErrorEquals": ["Lambda.TooManyRequestsException", "Sandbox.Timedout"]}),
        {"Step": [THROTTLED, Fault("Sandbox.Timedout"), 1]},
    ),
    "tries before it catches": (
        retried({"ErrorEquals": ["BusyError"], "MaxAttempts": 1}, Catch=all_caught("$.why")),
        {"Step": [BUSY]},
    ),
    "entering anew counts anew": (
        machine(
            A=task(Retry=[{"ErrorEquals": ["BusyError"], "MaxAttempts": 1}], Catch=all_caught(None, "W")),
            W={"Type": "Wait", "Seconds": 60, "Next": "A"},
        ),
        {"Step": [BUSY, BUSY, BUSY, 1]},
    ),
    # Catch.
    "a catcher replaces the document": (machine(A=task(Catch=all_caught("$")), C=DONE), {"Step": [BROKEN]}),
    "a catcher without a path": (
        machine(A=task(Catch=[{"ErrorEquals": ["BrokenError"], "Next": "C"}], ResultPath="$.never"), C=DONE),
        {"Step": [BROKEN]},
    ),
    "a catcher places the error": (machine(A=task(Catch=all_caught("$.inner.why")), C=DONE), {"Step": [LATE]}),
    "a catcher drops the error": (machine(A=task(Catch=all_caught(None)), C=DONE), {"Step": [BROKEN]}),
    "the first catcher that matches": (
        machine(
            A=task(
                Catch=[
                    {"ErrorEquals": ["BusyError"], "Next": "B"},
                    {"ErrorEquals": ["LateError", "BrokenError"], "Next": "C"},
                    *all_caught("$", "D"),
                ]
            ),
            B=DONE,
            C=DONE,
            D=DONE,
        ),
        {"Step": [BROKEN]},
    ),
    "a catcher's document is not cut out": (
        machine(A=task(OutputPath="$.Payload", Catch=all_caught("$.why")), C=DONE),
        {"Step": [BROKEN]},
    ),
    "States.TaskFailed catches no time-out": (
        machine(A=task(Catch=[{"ErrorEquals": ["States.TaskFailed"], "Next": "C"}]), C=DONE),
        {"Step": [LATE]},
    ),
    # Map.
    "a map": (machine(M=over(machine(I=task(OutputPath="$.Payload")))), {"Step": [...]}),
    "a map over nothing": (machine(M=over(machine(I=task()), ItemsPath="$.none", ResultPath="$.made")), {}),
    "a map two at once": (machine(M=over(machine(I=task()), MaxConcurrency=2, ResultPath="$.made")), {"Step": [...]}),
    "a map with more at once than items": (machine(M=over(machine(I=task()), MaxConcurrency=40)), {"Step": [...]}),
    "a map with items of its own making": (
        machine(
            M=over(
                machine(I=task(ResultPath=None)),
                ItemsPath="$.people",
                ItemSelector={"database.$": "$$.Map.Item.Value.database", "i.$": "$$.Map.Item.Index", "n.$": "$.n"},
                ResultSelector={"second.$": "$"},
            )
        ),
        {"Step": [...]},
    ),
    "a map of several states": (
        machine(
            M=over(
                machine(
                    I={"Type": "Pass", "Parameters": {"name.$": "$"}, "Next": "J"},
                    J={
                        "Type": "Choice",
                        "Choices": [{"Variable": "$.name", "StringEquals": "b", "Next": "K"}],
                        "Default": "L",
                    },
                    K={"Type": "Wait", "Seconds": 3, "Next": "L"},
                    L=DONE,
                )
            )
        ),
        {},
    ),
    "a map whose item fails": (
        machine(M=over(machine(I=task()), Catch=all_caught("$.why")), C=DONE),
        {"Step": [...], "Step b": [BROKEN]},
    ),
    "a map whose item fails, one at a time": (
        machine(M=over(machine(I=task()), MaxConcurrency=1)),
        {"Step": [...], "Step b": [BROKEN]},
    ),
    "a map whose item catches": (
        machine(M=over(machine(I=task(Catch=all_caught(None, "S")), S=DONE))),
        {"Step": [...], "Step b": [BROKEN]},
    ),
    "a map whose item fails by a state": (
        machine(M=over(machine(F={"Type": "Fail", "Error": "E", "Cause": "c"}), Catch=all_caught("$.why")), C=DONE),
        {},
    ),
    "a map that is tried again": (
        machine(M=over(machine(I=task()), MaxConcurrency=1, Retry=[{"ErrorEquals": ["BusyError"]}])),
        {"Step": [...], "Step a": [BUSY, BUSY, ...]},
    ),
    "one map after another": (
        machine(
            M=over(machine(I=task()), ResultPath="$.made", Next="N"),
            N=over(machine(J=task("Other")), ItemsPath="$.people"),
        ),
        {"Step": [...], "Other": [...]},
    ),
    "a map in a map": (
        machine(
            M=over(
                machine(N=over(machine(I=task()), ItemsPath="$.inner")),
                ItemSelector={"inner.$": "$.items", "outer.$": "$$.Map.Item.Value"},
            )
        ),
        {"Step": [...]},
    ),
    # Parallel.
    "branches beside each other": (
        machine(P=beside(machine(A=task()), machine(B=task("Other"), C=DONE), machine(D=DONE), ResultPath="$.made")),
        {"Step": [1], "Other": [2]},
    ),
    "branches with parameters": (
        machine(
            P=beside(machine(A=task(OutputPath="$.Payload")), Parameters={"x.$": "$.n"}, ResultSelector={"r.$": "$"})
        ),
        {"Step": [...]},
    ),
    "a branch that fails": (
        machine(P=beside(machine(A=task()), machine(B=task("Other")), Catch=all_caught("$.why")), C=DONE),
        {"Other": [BROKEN]},
    ),
    "a branch that fails, uncaught": (
        machine(P=beside(machine(A=task()), machine(B=task("Other")))),
        {"Other": [BROKEN]},
    ),
    "a branch that is tried again": (
        machine(P=beside(machine(A=task()), Retry=[{"ErrorEquals": ["BusyError"], "IntervalSeconds": 4}])),
        {"Step": [BUSY, BUSY, 1]},
    ),
    "a map in a branch": (
        machine(P=beside(machine(M=over(machine(I=task()))), machine(B=task("Other")))),
        {"Step": [...], "Other": [{}]},
    ),
    # Paths that lead nowhere: States.Runtime, which ends an execution.
    "a payload at no path": (machine(A=task(Parameters={"FunctionName": "${StepArn}", "Payload.$": "$.no"})), {}),
    "an output at no path": (machine(A=task(OutputPath="$.Payload.no")), {"Step": [{}]}),
    "a wait at no path": (machine(W={"Type": "Wait", "SecondsPath": "$.no", "End": True}), {}),
    "a wait for a fraction": (machine(W={"Type": "Wait", "SecondsPath": "$.name", "End": True}), {}),
    "a fail at no path": (machine(F={"Type": "Fail", "ErrorPath": "$.no", "Cause": "c"}), {}),
    "items at no path": (machine(M=over(machine(I=task()), ItemsPath="$.no")), {}),
}


@pytest.mark.parametrize("name", list(SMALL))
def test_both_engines_run_it_alike(name: str) -> None:
    definition, answers = SMALL[name]
    agreed(definition, GIVEN, Script(answers))


NOT_FOUND = {"FunctionName": "${StepArn}", "Payload.$": "$.no"}
RUNTIME = "States.Runtime"
WRONG: dict[str, tuple[Machine, str | None]] = {
    # "Handling errors in Step Functions workflows", States.Runtime: it cannot be retried, and ends the execution
    # always; a catcher of States.ALL does not catch it. The second engine catches it, by any name.
    "States.ALL does not catch States.Runtime": (
        machine(A=task(Parameters=NOT_FOUND, Catch=all_caught("$.why")), C=DONE),
        None,
    ),
    "no name catches States.Runtime": (
        machine(A=task(Parameters=NOT_FOUND, Catch=[{"ErrorEquals": [RUNTIME], "Next": "C"}]), C=DONE),
        None,
    ),
    "a Map does not catch it either": (
        machine(M=over(machine(I=task(Parameters=NOT_FOUND)), Catch=all_caught("$.why")), C=DONE),
        None,
    ),
    "a result that cannot be placed is not caught": (
        machine(A=task(ResultPath="$.n.below", Catch=all_caught("$.why")), C=DONE),
        None,
    ),
    # Step Functions ends such an execution ("the choice state's condition path references an invalid value"), which
    # is why there is IsPresent. The second engine takes the next rule.
    "a choice at no path": (chosen({"Variable": "$.no", "StringEquals": "x"}), None),
    # states-language.net, "Fail State": what CausePath leads to must be a string. The second engine puts in anything.
    "a cause that is no string": (machine(F={"Type": "Fail", "Error": "E", "CausePath": "$.items"}), "E"),
    # states-language.net, "Wait State": seconds are an integer. To Python, in which the second is written, true is 1.
    "a wait for true": (machine(W={"Type": "Wait", "SecondsPath": "$.yes", "End": True}), None),
    # States.QueryEvaluationError belongs to JSONata; here it is a path that does not lead to an array.
    "items that are no array": (machine(M=over(machine(I=task()), ItemsPath="$.name")), "States.QueryEvaluationError"),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_the_second_engine_is_wrong_and_ours_keeps_the_rule(name: str) -> None:
    definition, their_error = WRONG[name]
    ours, _ = our_engine.run(definition, GIVEN, Script())
    theirs = second_engine.run(definition, GIVEN, Script())
    assert (ours.status, ours.error) == ("FAILED", RUNTIME)
    assert theirs.error == their_error
