"""Our interpreter as the second engine is run: in virtual time, with branches beside each other, on the same script."""

from collections.abc import Mapping
from typing import Any

from simulator.asl import Event, Interpreter, Kind, MachineFailed, MachineTimedOut
from simulator.kernel import Kernel
from tests.unit.simulator.asl.machines import EXECUTION
from tests.unit.simulator.asl.scripts import Fault, Script, Trace

TASK_SECONDS = 0.01
LONGEST_SECONDS = 100_000.0


class Functions(dict[str, str]):
    """``PromoteDatabaseArn`` → ``PromoteDatabase``."""

    def __missing__(self, key: str) -> str:
        return key.removesuffix("Arn")


def run(definition: Mapping[str, Any], document: Any, script: Script) -> tuple[Trace, set[str]]:
    """Execute a machine; returns the trace, and the Map and Parallel states of which a branch failed, by place."""
    trace, broken = Trace(asked=script.asked), set[str]()
    kernel = Kernel()

    def invoke(function: str, payload: Any, _limit: float) -> Any:
        answer = script.answer(function, payload)
        kernel.sleep(TASK_SECONDS)
        if isinstance(answer, Fault):
            raise MachineFailed(answer.error, answer.cause)
        return answer

    def sleep(seconds: float) -> None:
        trace.pauses.append(seconds)
        kernel.sleep(seconds)

    def observe(event: Event) -> None:
        if event.kind in {Kind.ENTERED, Kind.LEFT}:
            trace.step(event.place, event.kind.value, event.state, event.document)
        else:
            broken.add(f"{event.place}/{event.state}" if event.place else event.state)

    interpreter = Interpreter(
        definition, invoke, sleep, Functions(), observe=observe, together=kernel.together, now=lambda: kernel.now
    )

    def play() -> None:
        try:
            trace.output = interpreter.execute(document, EXECUTION)
        except MachineTimedOut as failed:
            trace.status, trace.error = "TIMED_OUT", failed.error
        except MachineFailed as failed:
            trace.status, trace.error, trace.cause = "FAILED", failed.error, failed.cause

    kernel.actor(play, "execution")
    kernel.run(LONGEST_SECONDS)
    return trace, broken
