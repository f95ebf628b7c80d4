"""Runs a machine: states in order, retries and catches by error name, waits on a given clock."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.asl.language import PathLeadsNowhereError, fill, place, reach, refuse_unknown

Invoke = Callable[[str, Any, float], Any]
"""(function, payload, time limit in seconds) → result; raises what the function raises."""

UNCATCHABLE = {"States.Runtime", "States.DataLimitExceeded"}


class MachineFailed(Exception):  # noqa: N818 - a Fail state's outcome, named by the machine itself
    """An execution ended FAILED with this error name and cause."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


@dataclass(slots=True)
class Interpreter:
    """One machine, ready to be executed any number of times.

    ``substitutions`` are those of the deployment (``PromoteDatabaseArn`` → a function's name); ``invoke`` calls
    a function; ``sleep`` passes time; ``entered`` is told each state as it begins.
    """

    machine: Mapping[str, Any]
    invoke: Invoke
    sleep: Callable[[float], None]
    substitutions: Mapping[str, str]
    entered: Callable[[str], None] = field(default=lambda _name: None)

    def __post_init__(self) -> None:
        refuse_unknown(self.machine)

    def execute(self, document: Any, execution: str) -> Any:
        """Run to the end and return the output; raises ``MachineFailed``."""
        try:
            return self._walk(self.machine, document, {"Execution": {"Id": execution}})
        except PathLeadsNowhereError as exc:
            raise MachineFailed("States.Runtime", str(exc)) from exc

    def _walk(self, machine: Mapping[str, Any], document: Any, context: Mapping[str, Any]) -> Any:
        name = machine["StartAt"]
        while True:
            state = machine["States"][name]
            self.entered(name)
            match state["Type"]:
                case "Succeed":
                    return document
                case "Fail":
                    raise MachineFailed(*self._failure(state, document, context))
                case "Choice":
                    name = self._chosen(state, document, context)
                    continue
                case "Wait":
                    self.sleep(_seconds(state, "Seconds", document, context))
                    following = state.get("Next")
                case "Pass":
                    made = fill(state["Parameters"], document, context) if "Parameters" in state else document
                    result = state.get("Result", made)
                    document, following = place(state.get("ResultPath", "$"), document, result), state.get("Next")
                case _:
                    document, following = self._attempted(state, document, context)
            if following is None:
                return document
            name = following

    def _attempted(self, state: Mapping[str, Any], document: Any, context: Mapping[str, Any]) -> tuple[Any, str | None]:
        """Run a Task, a Map or a Parallel with its Retry and Catch; returns the document and the next state."""
        used: dict[int, int] = {}
        while True:
            try:
                run = {"Map": self._map, "Parallel": self._parallel, "Task": self._task}[state["Type"]]
                return run(state, document, context), state.get("Next")
            except MachineFailed as failure:
                retrier = _matching(state.get("Retry", ()), failure.error)
                if retrier is not None:
                    index = state["Retry"].index(retrier)
                    if used.get(index, 0) < retrier.get("MaxAttempts", 3):
                        self.sleep(_pause(retrier, used.get(index, 0)))
                        used[index] = used.get(index, 0) + 1
                        continue
                catcher = _matching(state.get("Catch", ()), failure.error)
                if catcher is None:
                    raise
                told = {"Error": failure.error, "Cause": failure.cause}
                return place(catcher.get("ResultPath", "$"), document, told), catcher["Next"]

    def _task(self, state: Mapping[str, Any], document: Any, context: Mapping[str, Any]) -> Any:
        asked = fill(state["Parameters"], reach(state.get("InputPath", "$"), document, context), context)
        limit = _seconds(state, "TimeoutSeconds", document, context)
        function = self.substitutions[asked["FunctionName"].removeprefix("${").removesuffix("}")]
        try:
            answer = {"StatusCode": 200, "Payload": self.invoke(function, asked.get("Payload"), limit)}
        except MachineFailed:
            raise
        except Exception as exc:
            raise MachineFailed(type(exc).__name__, str(exc)) from exc
        return self._result(state, document, answer, context)

    def _map(self, state: Mapping[str, Any], document: Any, context: Mapping[str, Any]) -> Any:
        results = []
        for index, value in enumerate(reach(state["ItemsPath"], document, context)):
            inner = {**context, "Map": {"Item": {"Index": index, "Value": value}}}
            item = fill(state["ItemSelector"], document, inner) if "ItemSelector" in state else value
            results.append(self._walk(state["ItemProcessor"], item, inner))
        return self._result(state, document, results, context)

    def _parallel(self, state: Mapping[str, Any], document: Any, context: Mapping[str, Any]) -> Any:
        """Run the branches one after another, each on a copy of its own; the first failure ends the state."""
        given = fill(state["Parameters"], document, context) if "Parameters" in state else document
        results = [self._walk(branch, copy.deepcopy(given), context) for branch in state["Branches"]]
        return self._result(state, document, results, context)

    def _result(self, state: Mapping[str, Any], document: Any, answer: Any, context: Mapping[str, Any]) -> Any:
        if "ResultSelector" in state:
            answer = fill(state["ResultSelector"], answer, context)
        placed = place(state.get("ResultPath", "$"), document, answer)
        return reach(state.get("OutputPath", "$"), placed, context)

    def _chosen(self, state: Mapping[str, Any], document: Any, context: Mapping[str, Any]) -> str:
        for choice in state["Choices"]:
            value = reach(choice["Variable"], document, context)
            wanted = choice.get("StringEquals", choice.get("BooleanEquals"))
            if type(value) is type(wanted) and value == wanted:
                return str(choice["Next"])
        if "Default" not in state:
            raise MachineFailed("States.NoChoiceMatched", str(state["Choices"]))
        return str(state["Default"])

    def _failure(self, state: Mapping[str, Any], document: Any, context: Mapping[str, Any]) -> tuple[str, str]:
        error = state.get("Error") or reach(state.get("ErrorPath"), document, context) or ""
        cause = state.get("Cause") or reach(state.get("CausePath"), document, context) or ""
        return str(error), str(cause)


def _seconds(state: Mapping[str, Any], name: str, document: Any, context: Mapping[str, Any]) -> float:
    return float(state[name] if name in state else reach(state[f"{name}Path"], document, context))


def _matching(rules: Any, error: str) -> Any:
    for rule in rules:
        names = rule["ErrorEquals"]
        broad = "States.ALL" in names or ("States.TaskFailed" in names and error != "States.Timeout")
        if error in names or (broad and error not in UNCATCHABLE):
            return rule
    return None


def _pause(retrier: Mapping[str, Any], attempt: int) -> float:
    """The longest pause that jitter allows: an estimate that is never too short."""
    pause = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** attempt
    return float(min(pause, retrier.get("MaxDelaySeconds", pause)))
