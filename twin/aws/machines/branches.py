"""Parallel and Map states in JSONPath: branches run beside each other, and the first failure ends the rest.

MiniStack waits for every branch before it tells of a failure, lets branches share one context object (and
with it the task token and ``$$.State``), and goes on with branches of an execution that was stopped.
"""

import contextvars
import copy
import queue
import random
from collections.abc import Callable, Sequence
from typing import Any

from ministack.services import stepfunctions

from twin.aws.machines import limits
from twin.aws.machines.errors import Retries
from twin.aws.machines.interpreter import Interpreter
from twin.aws.machines.scope import CURRENT, Scope
from twin.aws.threads import Threads

Context = dict[str, Any]
Next = tuple[Any, str | None]
ExecutionError = stepfunctions._ExecutionError
Branch = Callable[[], Any]


class Branches:
    """Executes Parallel and Map states."""

    def __init__(self, threads: Threads, interpreter: Interpreter) -> None:
        self._threads = threads
        self._interpreter = interpreter

    def parallel(self, state: dict[str, Any], raw: Any, execution: dict[str, Any], context: Context) -> Next:
        """Run a Parallel state; return its output and the next state."""

        def attempt() -> Any:
            given = stepfunctions._apply_input_path(state, raw, context)
            effective = stepfunctions._apply_parameters(state, given, context)
            return self._together(
                [self._branch(branch, effective, execution, dict(context)) for branch in state["Branches"]], 0
            )

        return self._retried(state, raw, context, attempt)

    def map(self, state: dict[str, Any], raw: Any, execution: dict[str, Any], context: Context) -> Next:
        """Run an inline Map state; return its output and the next state."""
        processor = state.get("ItemProcessor") or state["Iterator"]

        def attempt() -> Any:
            given = stepfunctions._apply_input_path(state, raw, context)
            items = stepfunctions._resolve_path_or_ctx(state.get("ItemsPath", "$"), given, context)
            if not isinstance(items, list):
                raise ExecutionError(
                    "States.Runtime", f"Reference path '{state.get('ItemsPath', '$')}' must point to array."
                )
            branches = []
            for index, item in enumerate(items):
                own = {**context, "Map": {"Item": {"Index": index, "Value": item}}}
                selector = state.get("ItemSelector") or state.get("Parameters")
                given_item = stepfunctions._resolve_params_obj(selector, given, own) if selector else item
                branches.append(self._branch(processor, given_item, execution, own))
            return self._together(branches, int(state.get("MaxConcurrency", 0)))

        return self._retried(state, raw, context, attempt)

    def _branch(self, machine: dict[str, Any], given: Any, execution: dict[str, Any], context: Context) -> Branch:
        return lambda: self._interpreter.walk(
            machine["States"], machine["StartAt"], copy.deepcopy(given), execution, context
        )

    def _together(self, branches: Sequence[Branch], at_once: int) -> list[Any]:
        """Run branches, at most so many at once (0: all), and return their results in order."""
        scope = CURRENT.get().branch()
        results: list[Any] = [None] * len(branches)
        ended: queue.SimpleQueue[tuple[int, BaseException | None]] = queue.SimpleQueue()
        waiting = list(enumerate(branches))

        def run(index: int, branch: Branch) -> None:
            CURRENT.set(scope)
            try:
                results[index] = branch()
                ended.put((index, None))
            except BaseException as exc:  # noqa: BLE001  (raised again where the branches meet)
                ended.put((index, exc))

        def start() -> None:
            index, branch = waiting.pop(0)
            contextvars.copy_context().run(self._threads.start, "twin-aws-branch", run, index, branch)

        for _ in range(min(at_once or len(branches), len(branches))):
            start()
        for _ in branches:
            error = self._next(ended, CURRENT.get())
            if error is not None:
                scope.abandon()
                raise error
            if waiting:
                start()
        return results

    @staticmethod
    def _next(ended: "queue.SimpleQueue[tuple[int, BaseException | None]]", scope: Scope) -> BaseException | None:
        while True:
            try:
                return ended.get(timeout=0.1)[1]
            except queue.Empty:
                scope.check()

    def _retried(self, state: dict[str, Any], raw: Any, context: Context, attempt: Branch) -> Next:
        retries = Retries(state.get("Retry", ()), random.Random())  # noqa: S311  (jitter)
        own = context["State"]
        while True:
            context["State"] = {**own, "RetryCount": retries.count}
            try:
                selected = stepfunctions._apply_result_selector(state, attempt())
                output = stepfunctions._apply_result_path(state, raw, selected)
                return stepfunctions._apply_output_path(state, output, context), stepfunctions._next_or_end(state)
            except ExecutionError as exc:
                wait = retries.wait_before_next(exc.error)
                if wait is None:
                    return limits.caught(state, raw, context, exc)
            CURRENT.get().sleep(wait)
