"""Puts the interpreter behind MiniStack's Step Functions, and runs executions."""

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_region, json_response, now_iso
from ministack.services import lambda_svc, stepfunctions

from twin.aws.machines import paths, tasks
from twin.aws.machines.branches import Branches
from twin.aws.machines.errors import matches
from twin.aws.machines.interpreter import Execute, Interpreter, Left, wait
from twin.aws.machines.ran import Ran, started
from twin.aws.machines.redriving import PLACE, redrive
from twin.aws.machines.scope import CURRENT, AbandonedError, MachineTimeoutError, Scope, redrives
from twin.aws.outages import Outages
from twin.aws.patches import Patches
from twin.aws.threads import StoppingError, Threads

logger = logging.getLogger("states")
Execution = dict[str, Any]
ExecutionError = stepfunctions._ExecutionError


class Machines:
    """Step Functions of all regions."""

    def __init__(self, outages: Outages, threads: Threads) -> None:
        self._outages = outages
        self._threads = threads
        self._events = threading.Lock()
        self._interpreter = Interpreter()
        self._branches = Branches(threads, self._interpreter)

    def install(self, patches: Patches) -> None:
        """Register with MiniStack, in this process."""
        evaluate, add_event, start = (
            stepfunctions._evaluate_rule,
            stepfunctions._add_event,
            stepfunctions._start_execution,
        )
        jsonata: dict[str, Callable[..., Any]] = {
            kind: getattr(stepfunctions, f"_execute_{kind.lower()}") for kind in ("Task", "Parallel", "Map")
        }
        ours: dict[str, Execute] = {"Task": tasks.execute, "Parallel": self._branches.parallel, "Map": self._map}
        for kind, execute in ours.items():
            self._interpreter.kinds[kind] = _by_language(execute, jsonata[kind])
        self._interpreter.kinds["Wait"] = _by_language(
            wait, lambda state, given, _, context, original=stepfunctions._execute_wait: original(state, given, context)
        )

        def evaluate_rule(rule: dict[str, Any], data: Any, context: Any = None) -> Any:
            return paths.is_present(rule, data, context) if "IsPresent" in rule else evaluate(rule, data, context)

        def locked_add_event(*arguments: Any) -> Any:
            # Ids are the list's length: branches would give the same one twice.
            with self._events:
                return add_event(*arguments)

        handle = stepfunctions.handle_request

        async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
            if headers.get("x-amz-target", "").endswith(".RedriveExecution"):
                return redrive(json.loads(body or b"{}"), self._run_in_thread)
            return await handle(method, path, headers, body, query)

        patches.replace(stepfunctions, "handle_request", handle_request)
        patches.replace(stepfunctions, "_run_execution", self._run)
        patches.replace(stepfunctions, "_run_sub_machine", self._interpreter.walk)
        patches.replace(stepfunctions, "_start_execution", lambda data: _start_once(start, data))
        patches.replace(stepfunctions, "_call_lambda", call_lambda)
        patches.replace(stepfunctions, "_error_matches", matches)
        patches.replace(stepfunctions, "_resolve_path", paths.resolve)
        patches.replace(stepfunctions, "_evaluate_intrinsic", paths.guarded(stepfunctions._evaluate_intrinsic))
        patches.replace(stepfunctions, "_evaluate_rule", evaluate_rule)
        patches.replace(stepfunctions, "_add_event", locked_add_event)
        patches.replace(stepfunctions, "_scaled_sleep", lambda seconds: CURRENT.get().sleep(seconds))

    def executions(self) -> list[Ran]:
        """Return every execution of every region, the oldest first; those of a lost region as they stood."""
        return started()

    def on_state_left(self, hear: Left) -> None:
        """Call with region, execution and state each time a state is left, before the next one is entered."""
        self._interpreter.left.append(hear)

    def _map(self, state: dict[str, Any], given: Any, execution: Execution, context: dict[str, Any]) -> Any:
        processor = state.get("ItemProcessor") or state.get("Iterator") or {}
        if (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED":
            raise ExecutionError("States.Runtime", "The twin does not run distributed Map states.")
        return self._branches.map(state, given, execution, context)

    def _run(self, arn: str) -> None:
        """Run an execution, in the place of ``stepfunctions._run_execution``; a synchronous one in this thread."""
        execution = stepfunctions._executions.get(arn)
        if execution is None:
            return
        if execution.get("sync"):
            self._execute(execution)
        else:
            self._run_in_thread(execution)

    def _run_in_thread(self, execution: Execution) -> None:
        self._threads.start(f"twin-aws-execution-{execution['name']}", self._execute, execution)

    def _execute(self, execution: Execution) -> None:
        machine = stepfunctions._state_machines[execution["stateMachineArn"]]
        definition = json.loads(machine["definition"])
        limit = definition.get("TimeoutSeconds")
        scope = Scope(
            execution,
            get_region(),
            self._threads,
            self._outages.is_down,
            deadline=None if limit is None else time.monotonic() + float(limit),
        )
        # A nested execution runs in its parent's thread, and gives it back.
        outer = CURRENT.set(scope)
        context = _context(execution, machine, definition)
        drive = redrives(execution)
        start, given = execution.get(PLACE) or (definition["StartAt"], json.loads(execution["input"]))

        def reached(name: str, given: Any) -> None:
            execution[PLACE] = (name, given)

        try:
            output = self._interpreter.walk(definition["States"], start, given, execution, context, reached)
            scope.check()
        except (AbandonedError, StoppingError):
            return
        except MachineTimeoutError:
            _end(execution, drive, "TIMED_OUT", error="States.Timeout")
        except ExecutionError as exc:
            _end(execution, drive, "FAILED", error=exc.error, cause=exc.cause)
        except Exception as exc:
            # A definition that Step Functions would have refused, or a mistake of the twin: never RUNNING for ever.
            logger.exception("execution %s", execution["executionArn"])
            _end(execution, drive, "FAILED", error="States.Runtime", cause=f"{type(exc).__name__}: {exc}")
        else:
            _end(execution, drive, "SUCCEEDED", output=json.dumps(output))
        finally:
            CURRENT.reset(outer)


def call_lambda(reference: str, event: Any) -> Any:
    """Invoke a function for a Task; in the place of ``stepfunctions._call_lambda``.

    MiniStack reports a throttled invocation as Lambda.Unknown; AWS as Lambda.TooManyRequestsException.

    Raises:
        _ExecutionError: what the function or Lambda reports, by its name.
    """
    function, config, name = lambda_svc._get_func_record_for_ref(reference)
    if not function or not config:
        raise ExecutionError("Lambda.ResourceNotFoundException", f"Function not found: {name}")
    record = lambda_svc._execution_record_for_config(function, config)
    result = lambda_svc._execute_function_with_config_scope(record, event)
    body = result.get("body")
    if result.get("throttle"):
        raise ExecutionError("Lambda.TooManyRequestsException", json.dumps(body))
    if result.get("error"):
        kind = body.get("errorType", "Lambda.Unknown") if isinstance(body, dict) else "Lambda.Unknown"
        raise ExecutionError(kind, json.dumps(body))
    return body


def _by_language(ours: Execute, theirs: Callable[..., Any]) -> Execute:
    def execute(state: dict[str, Any], given: Any, execution: Execution, context: dict[str, Any]) -> Any:
        jsonata = stepfunctions._state_query_language(state, context) == "JSONata"
        return (theirs if jsonata else ours)(state, given, execution, context)

    return execute


def _start_once(start: Callable[[dict[str, Any]], Any], data: dict[str, Any]) -> Any:
    """Start an execution; the same name and input as one that runs answers with that one.

    MiniStack refuses every name that it knows (Step Functions API reference, StartExecution, idempotency).
    """
    machine = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    if machine is not None and data.get("name"):
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}"
        running = stepfunctions._executions.get(arn)
        if running and running["status"] == "RUNNING" and running["input"] == data.get("input", "{}"):
            return json_response({"executionArn": arn, "startDate": running["startDate"]})
    return start(data)


def _context(execution: Execution, machine: dict[str, Any], definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": execution["executionArn"],
            "Input": json.loads(execution["input"]),
            "Name": execution["name"],
            "RoleArn": machine["roleArn"],
            "StartTime": execution["startDate"],
            "RedriveCount": redrives(execution),
        },
        "StateMachine": {"Id": execution["stateMachineArn"], "Name": machine["name"]},
        "variables": {},
    }


def _end(
    execution: Execution, drive: int, status: str, *, output: str | None = None, error: str = "", cause: str = ""
) -> None:
    """Close an execution that runs; one that was stopped or redriven meanwhile stays as it is."""
    if execution["status"] != "RUNNING" or redrives(execution) != drive:
        return
    execution["stopDate"] = now_iso()
    if output is not None:
        execution["output"], details = output, {"output": output}
    else:
        execution["error"], execution["cause"] = error, cause
        details = {"error": error, "cause": cause}
    kind = {"SUCCEEDED": "Succeeded", "FAILED": "Failed", "TIMED_OUT": "TimedOut"}[status]
    stepfunctions._add_event(execution, f"Execution{kind}", {f"execution{kind}EventDetails": details})
    execution["status"] = status
    stepfunctions._emit_execution_status_event(execution)
