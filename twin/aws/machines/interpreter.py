"""Walks from state to state, in an execution and in its branches."""

import json
from collections.abc import Callable
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import stepfunctions

from twin.aws.machines import limits
from twin.aws.machines.scope import CURRENT

Context = dict[str, Any]
Next = tuple[Any, str | None]
Execute = Callable[[dict[str, Any], Any, dict[str, Any], Context], Next]
Reached = Callable[[str, Any], None]
Left = Callable[[str, str, str], None]
ExecutionError = stepfunctions._ExecutionError


def _nobody(_state: str, _given: Any) -> None:
    """Tell nobody."""


class Interpreter:
    """The kinds of states, and the way from one to the next.

    ``left`` hear the region, the execution's name and the state each time one is left, in the thread that leaves
    it and before the next state is entered.
    """

    def __init__(self) -> None:
        self.kinds: dict[str, Execute] = {"Wait": wait, "Pass": _pass, "Choice": _choice}
        self.left: list[Left] = []

    def walk(  # noqa: PLR0917  (the signature of what it stands in for)
        self,
        states: dict[str, Any],
        start: str,
        given: Any,
        execution: dict[str, Any],
        context: Context,
        reached: Reached = _nobody,
    ) -> Any:
        """Run states from ``start`` to an end, and return the output; ``reached`` hears of each with its input."""
        name: str | None = start
        while name is not None:
            CURRENT.get().check()
            reached(name, given)
            if name not in states:
                raise ExecutionError("States.Runtime", f"There is no state '{name}'.")
            state = states[name]
            kind = state["Type"]
            context["State"] = {"Name": name, "EnteredTime": now_iso(), "RetryCount": 0}
            _tell(execution, f"{kind}StateEntered", "stateEnteredEventDetails", name, input=given)
            if kind == "Fail":
                raise ExecutionError(*stepfunctions._fail_state_error(state, given, context))
            if kind == "Succeed":
                output = stepfunctions._apply_input_path(state, given, context)
                given, after = stepfunctions._apply_output_path(state, output, context), None
            else:
                given, after = self._execute(kind, state, given, execution, context)
            _tell(execution, f"{kind}StateExited", "stateExitedEventDetails", name, output=given)
            for hear in self.left:
                hear(CURRENT.get().region, str(execution["name"]), name)
            name = after
        return given

    def _execute(
        self, kind: str, state: dict[str, Any], given: Any, execution: dict[str, Any], context: Context
    ) -> Next:
        if kind not in self.kinds:
            raise ExecutionError("States.Runtime", f"There are no states of type '{kind}'.")
        return self.kinds[kind](state, given, execution, context)


def wait(state: dict[str, Any], given: Any, _execution: dict[str, Any], context: Context) -> Next:
    """Run a Wait state: seconds or a time, given directly or by path."""
    effective = stepfunctions._apply_input_path(state, given, context)
    seconds = limits.seconds(state, "Seconds", effective, context)
    if seconds is None:
        until = state.get("Timestamp") or stepfunctions._resolve_path(state["TimestampPath"], effective)
        at, now = stepfunctions._parse_ts(until), stepfunctions._parse_ts(now_iso())
        if at is None:
            raise ExecutionError("States.Runtime", f"'{until}' is not a time.")
        seconds = (at - now).total_seconds()
    CURRENT.get().sleep(seconds)
    return stepfunctions._apply_output_path(state, effective, context), stepfunctions._next_or_end(state)


def _pass(state: dict[str, Any], given: Any, _execution: dict[str, Any], context: Context) -> Next:
    found: Next = stepfunctions._execute_pass(state, given, context)
    return found


def _choice(state: dict[str, Any], given: Any, _execution: dict[str, Any], context: Context) -> Next:
    try:
        found: Next = stepfunctions._execute_choice(state, given, context)
    except ExecutionError as exc:
        if exc.error == "States.NoChoiceMatched":
            # Reserved for later: AWS reports States.Runtime, which nothing catches.
            raise ExecutionError("States.Runtime", exc.cause) from exc
        raise
    return found


def _tell(execution: dict[str, Any], kind: str, field: str, name: str, **told: Any) -> None:
    details = {"name": name} | {key: json.dumps(value) for key, value in told.items()}
    stepfunctions._add_event(execution, kind, {field: details})
