"""Task states in JSONPath: time limits, retries, catchers, and answers that come from outside.

What MiniStack lacks: TimeoutSecondsPath, HeartbeatSeconds, MaxDelaySeconds, JitterStrategy; an error of the
function behind a waitForTaskToken fails the task; results over 256 KiB are States.DataLimitExceeded.
"""

import json
import random
import time
from datetime import datetime
from typing import Any, Final

from ministack.core.responses import new_uuid
from ministack.services import stepfunctions

from twin.aws.machines import limits
from twin.aws.machines.errors import Retries
from twin.aws.machines.scope import CURRENT, Scope

MOST_BYTES: Final = 262_144
_CALLBACK: Final = ".waitForTaskToken"
_ACTIVITY: Final = ":activity:"
Next = tuple[Any, str | None]
ExecutionError = stepfunctions._ExecutionError


def execute(state: dict[str, Any], raw: Any, execution: dict[str, Any], context: dict[str, Any]) -> Next:
    """Run a Task state; return its output and the next state."""
    retries = Retries(state.get("Retry", ()), random.Random())  # noqa: S311  (jitter)
    while True:
        context["State"]["RetryCount"] = retries.count
        try:
            result = _attempt(state, raw, execution, context)
            return _output(state, raw, result, context), stepfunctions._next_or_end(state)
        except ExecutionError as exc:
            resource = state["Resource"]
            kind = "TaskTimedOut" if exc.error == "States.Timeout" else "TaskFailed"
            stepfunctions._add_event(
                execution,
                kind,
                {
                    f"{kind[0].lower()}{kind[1:]}EventDetails": {
                        "error": exc.error,
                        "cause": exc.cause,
                        "resource": resource,
                    }
                },
            )
            wait = retries.wait_before_next(exc.error)
            if wait is None:
                return limits.caught(state, raw, context, exc)
        CURRENT.get().sleep(wait)


def _attempt(state: dict[str, Any], raw: Any, execution: dict[str, Any], context: dict[str, Any]) -> Any:
    scope, resource = CURRENT.get(), state["Resource"]
    scope.check()
    given = stepfunctions._apply_input_path(state, raw, context)
    seconds = limits.seconds(state, "TimeoutSeconds", given, context)
    heartbeat = limits.seconds(state, "HeartbeatSeconds", given, context)
    if resource.endswith(_CALLBACK):
        context["Task"] = {"Token": new_uuid()}
    effective = stepfunctions._apply_parameters(state, given, context)
    details = {"resourceType": "lambda" if "lambda" in resource else "states", "resource": resource}
    stepfunctions._add_event(execution, "TaskScheduled", {"taskScheduledEventDetails": details})
    if resource.endswith(_CALLBACK):
        result = _called_back(
            scope, resource, effective, context["Task"]["Token"], seconds=seconds, heartbeat=heartbeat
        )
    elif _ACTIVITY in resource:
        result = stepfunctions._invoke_resource(resource, effective)
    else:
        result = _asked(scope, resource, effective, seconds)
    told = json.dumps(result)
    if len(told.encode()) > MOST_BYTES:
        raise ExecutionError("States.DataLimitExceeded", f"The state returned more than {MOST_BYTES} bytes.")
    stepfunctions._add_event(
        execution, "TaskSucceeded", {"taskSucceededEventDetails": {"output": told, "resource": resource}}
    )
    return result


def _asked(scope: Scope, resource: str, effective: Any, seconds: float | None) -> Any:
    outcome = scope.run(lambda: stepfunctions._invoke_resource(resource, effective), seconds)
    if outcome.interrupted:
        # The service lost its region while it waited for an answer.
        raise ExecutionError("Lambda.SdkClientException", "The connection was lost before the answer came.")
    if outcome.late:
        raise ExecutionError("States.Timeout", f"The task ran longer than {seconds} seconds.")
    if outcome.error is not None:
        raise outcome.error
    return outcome.value


def _called_back(
    scope: Scope, resource: str, effective: Any, token: str, *, seconds: float | None, heartbeat: float | None
) -> Any:
    """Ask, then wait for SendTaskSuccess or SendTaskFailure with the token."""
    told: dict[str, Any] = {"event": _Answered(), "result": None, "error": None, "heartbeat": None}
    stepfunctions._task_tokens[token] = told
    end = None if seconds is None else time.monotonic() + seconds
    try:
        _asked(scope, resource.removesuffix(_CALLBACK), effective, seconds)
        while not told["event"].answered:
            beat = None if heartbeat is None else told["event"].since(told["heartbeat"]) + heartbeat
            nearest = min((each for each in (end, beat) if each is not None), default=None)
            if scope.wait_for(lambda: told["event"].answered or told["event"].beaten(told["heartbeat"]), nearest):
                continue
            if nearest == end:
                raise ExecutionError("States.Timeout", f"No answer with the task's token within {seconds} seconds.")
            raise ExecutionError("States.HeartbeatTimeout", f"No heartbeat within {heartbeat} seconds.")
    finally:
        stepfunctions._task_tokens.pop(token, None)
    if told["error"]:
        raise ExecutionError(told["error"]["Error"], told["error"]["Cause"])
    return json.loads(told["result"]) if isinstance(told["result"], str) else told["result"]


class _Answered:
    """Stands in for the event that MiniStack's SendTask actions set, and remembers the heartbeat seen last."""

    def __init__(self) -> None:
        self.answered = False
        self._begun = time.monotonic()
        self._seen: str | None = None

    def set(self) -> None:
        self.answered = True

    def beaten(self, heartbeat: str | None) -> bool:
        """Whether a heartbeat came that was not seen yet."""
        return heartbeat != self._seen

    def since(self, heartbeat: str | None) -> float:
        """Return when (``time.monotonic``) the task was last alive."""
        self._seen = heartbeat
        if heartbeat is None:
            return self._begun
        ago = time.time() - datetime.fromisoformat(heartbeat.replace("Z", "+00:00")).timestamp()
        return time.monotonic() - ago


def _output(state: dict[str, Any], raw: Any, result: Any, context: dict[str, Any]) -> Any:
    selected = stepfunctions._apply_result_selector(state, result)
    return stepfunctions._apply_output_path(state, stepfunctions._apply_result_path(state, raw, selected), context)
