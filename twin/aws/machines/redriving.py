"""RedriveExecution, which MiniStack lacks: an execution that ended without success goes on where it ended.

Step Functions API reference, RedriveExecution, and "Restarting state machine executions with redrive": it keeps its
id, its input and its history, begins with the state that did not succeed, and counts its retries anew; a Fail state
is entered again and fails again. On AWS only the branches and iterations of a Parallel or Map state that failed are
run again; here the whole state is.
"""

from collections.abc import Callable
from typing import Any, Final

from ministack.core.responses import error_response_json, json_response, now_iso
from ministack.services import stepfunctions

REDRIVABLE: Final = ("FAILED", "TIMED_OUT", "ABORTED")
PLACE: Final = "_reached"
"""Where an execution keeps the name and the input of the top state that it entered last."""
Execution = dict[str, Any]


def redrive(data: dict[str, Any], run: Callable[[Execution], None]) -> Any:
    """Answer RedriveExecution; ``run`` starts the execution again."""
    arn = data.get("executionArn", "")
    execution = stepfunctions._executions.get(arn)
    if execution is None:
        return error_response_json("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'", 400)
    if execution["status"] not in REDRIVABLE:
        text = f"Execution is {execution['status']} and cannot be redriven: '{arn}'"
        return error_response_json("ExecutionNotRedrivable", text, 400)
    at = now_iso()
    for field in ("error", "cause", "output"):
        execution[field] = None
    execution["redriveCount"] = execution.get("redriveCount", 0) + 1
    execution["redriveDate"], execution["stopDate"] = at, None
    execution["status"] = "RUNNING"
    details = {"redriveCount": execution["redriveCount"]}
    stepfunctions._add_event(execution, "ExecutionRedriven", {"executionRedrivenEventDetails": details})
    stepfunctions._emit_execution_status_event(execution)
    run(execution)
    return json_response({"redriveDate": at})
