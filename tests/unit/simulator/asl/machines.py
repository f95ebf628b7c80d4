"""Small machines, and functions that answer what a test says."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.asl import Interpreter, MachineFailed

Machine = dict[str, Any]
EXECUTION = "arn:aws:states:eu-west-1:111122223333:execution:m:one"


def task(function: str = "Step", **fields: Any) -> Machine:
    """A Lambda task with a time limit, that ends the machine unless it is told otherwise."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": f"${{{function}Arn}}", "Payload.$": "$"},
        "TimeoutSeconds": 15,
        **({} if "Next" in fields else {"End": True}),
        **fields,
    }


def machine(**states: Machine) -> Machine:
    """A machine that begins with the first state."""
    return {"StartAt": next(iter(states)), "States": states}


@dataclass
class Run:
    """What happened in an execution."""

    output: Any = None
    error: str | None = None
    cause: str | None = None
    entered: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    called: list[tuple[str, Any, float]] = field(default_factory=list)

    @property
    def calls(self) -> Counter[str]:
        return Counter(function for function, _, _ in self.called)


def run(
    definition: Machine,
    document: Any = None,
    *,
    chance: Callable[[], float] = lambda: 1.0,
    **functions: Callable[[Any], Any],
) -> Run:
    """Execute a machine; ``step=…`` is what the function of ``${StepArn}`` does with its payload."""
    told = Run()

    def invoke(function: str, payload: Any, limit: float) -> Any:
        told.called.append((function, payload, limit))
        return functions[function](payload)

    names = {f"{name.title().replace('_', '')}Arn": name for name in functions}
    interpreter = Interpreter(definition, invoke, told.slept.append, names, told.entered.append, chance=chance)
    try:
        told.output = interpreter.execute({} if document is None else document, EXECUTION)
    except MachineFailed as failed:
        told.error, told.cause = failed.error, failed.cause
    return told


def failing(times: int, error: Exception, then: Any = "done") -> Callable[[Any], Any]:
    """A function that fails so often, and then answers."""
    left = [error] * times

    def call(_payload: Any) -> Any:
        if left:
            raise left.pop()
        return then

    return call
