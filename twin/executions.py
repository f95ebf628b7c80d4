"""The executions of the state machines, as Step Functions tells of them to an operator."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from failover.adapters.aws.clients import client
from failover.procedures.requests import Machine
from rehearsal.facts import Execution, ExecutionState
from rehearsal.history import StateSpan

if TYPE_CHECKING:
    from twin.twin import Twin

ENDED = {
    "RUNNING": ExecutionState.RUNNING,
    "SUCCEEDED": ExecutionState.SUCCEEDED,
    "FAILED": ExecutionState.FAILED,
    "TIMED_OUT": ExecutionState.FAILED,
    "ABORTED": ExecutionState.FAILED,
}


class Executions:
    """What was last known of each execution; a region that is down tells nothing new."""

    def __init__(self, twin: "Twin") -> None:
        self._twin = twin
        self._known: dict[str, tuple[Execution, str]] = {}

    def refresh(self) -> None:
        """Look at what runs in every control region that is up."""
        for each in self._twin.aws.machines.executions():
            if not self._twin.aws.outages.is_down(each.region):
                state, machine = ENDED[each.status], self._named(each.machine)
                told = Execution(each.name, machine, each.region, state, each.error, each.dry_run)
                self._known[each.arn] = (told, each.arn)

    def all(self) -> list[Execution]:
        """Every execution since the twin began, as last known."""
        return [execution for execution, _ in dict(self._known).values()]

    def spans(self, began: float) -> Iterator[StateSpan]:
        """Yield every state of every execution that can be asked for; ``began`` is second 0 in Unix seconds."""
        for execution, arn in dict(self._known).values():
            if self._twin.aws.outages.is_down(execution.region):
                continue
            pages = client("stepfunctions", execution.region).get_paginator("get_execution_history")
            events = [event for page in pages.paginate(executionArn=arn) for event in page["events"]]
            yield from _spans(execution, events, began)

    def arn_of(self, execution: Execution) -> str:
        """Return the ARN of an execution that is known."""
        return next(arn for known, arn in self._known.values() if known.name == execution.name)

    def _named(self, deployed: str) -> str:
        """Return a state machine's name as its file has it, which is how scenarios call it."""
        return next((each for each in Machine if self._twin.names.machine(each) == deployed), deployed)


def _spans(execution: Execution, events: list[dict[str, Any]], began: float) -> Iterator[StateSpan]:
    """A state is left when it says so; one that fails with its execution was left at the execution's end."""
    entered: dict[str, list[float]] = {}
    failed_at: float | None = None
    for event in events:
        at = event["timestamp"].timestamp() - began
        kind = event["type"]
        if kind.endswith("StateEntered"):
            entered.setdefault(event["stateEnteredEventDetails"]["name"], []).append(at)
        elif kind.endswith("StateExited"):
            name = event["stateExitedEventDetails"]["name"]
            if entered.get(name):
                yield StateSpan(execution.name, execution.region, name, entered[name].pop(0), at)
        elif kind in ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"):
            failed_at = at
    for name, times in entered.items():
        for at in times:
            yield StateSpan(execution.name, execution.region, name, at, failed_at, failed=failed_at is not None)
