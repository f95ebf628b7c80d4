"""The part of the language that is understood. Anything else is refused before a machine runs.

Source: Amazon States Language specification, https://states-language.net/, JSONPath mode.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

MACHINE = {"Comment", "StartAt", "States", "TimeoutSeconds", "Version", "ProcessorConfig"}
COMMON = {"Comment", "Type", "Next", "End"}
RESULT = {"ResultPath", "ResultSelector", "OutputPath", "Retry", "Catch"}
FIELDS: Final = {
    "Task": COMMON | RESULT | {"Resource", "Parameters", "TimeoutSeconds", "TimeoutSecondsPath"},
    "Map": COMMON | RESULT | {"ItemsPath", "ItemSelector", "ItemProcessor", "MaxConcurrency"},
    "Parallel": COMMON | RESULT | {"Branches", "Parameters"},
    "Choice": {"Comment", "Type", "Choices", "Default"},
    "Wait": COMMON | {"Seconds", "SecondsPath"},
    "Pass": COMMON | {"Parameters", "Result", "ResultPath"},
    "Succeed": {"Comment", "Type"},
    "Fail": {"Comment", "Type", "Error", "Cause", "ErrorPath", "CausePath"},
}
RETRIER: Final = {"ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxDelaySeconds", "MaxAttempts", "JitterStrategy"}
CATCHER: Final = {"ErrorEquals", "ResultPath", "Next"}
COMPARISONS: Final = {"StringEquals", "BooleanEquals"}
NAMES: Final = r"(\.[A-Za-z_][A-Za-z0-9_-]*)*"
PATH: Final = re.compile(rf"\${NAMES}|\$\$\.Execution\.Id|\$\$\.Map\.Item\.Index|\$\$\.Map\.Item\.Value{NAMES}")
LAMBDA: Final = "arn:aws:states:::lambda:invoke"
ASKED: Final = {"FunctionName", "Payload", "Payload.$"}


class UnknownConstructError(Exception):
    """A machine uses something that the interpreter does not know; it says what and where."""


class Understood(dict[str, Any]):
    """A machine of which everything is understood; it is not looked at again, however often it is executed."""


def all_states(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every state of a machine, those inside Map and Parallel states too."""
    for name, state in machine["States"].items():
        yield name, state
        for inner in (*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())):
            yield from all_states(inner)


def understood(machine: Mapping[str, Any]) -> Understood:
    """Return a machine that can be executed; raises as ``refuse_unknown`` does."""
    refuse_unknown(machine)
    return Understood(machine)


def refuse_unknown(machine: Mapping[str, Any]) -> None:
    """Raise ``UnknownConstructError`` for the first thing that is not understood."""
    _refuse_strange("the machine", machine, MACHINE)
    for name, state in all_states(machine):
        kind = state["Type"]
        if kind not in FIELDS:
            raise UnknownConstructError(f"{name}: type {kind} is not one of {sorted(FIELDS)}")
        _refuse_strange(f"{name}, a {kind}", state, FIELDS[kind])
        match kind:
            case "Task":
                _refuse_other_tasks(name, state)
            case "Map":
                _refuse_other_maps(name, state)
            case "Parallel":
                for branch in state["Branches"]:
                    _refuse_strange(f"{name}, a branch", branch, MACHINE - {"TimeoutSeconds", "Version"})
            case "Choice":
                _refuse_other_choices(name, state)
        for field, known in (("Retry", RETRIER), ("Catch", CATCHER)):
            _refuse_other_rules(f"{name}, its {field}", state.get(field, ()), known)
        _refuse_strange_paths(name, state)


def _refuse_strange(what: str, found: Mapping[str, Any], known: set[str]) -> None:
    if strange := set(found) - known:
        raise UnknownConstructError(f"{what}: {sorted(strange)} is not understood")


def _refuse_other_tasks(name: str, state: Mapping[str, Any]) -> None:
    if state["Resource"] != LAMBDA:
        raise UnknownConstructError(f"{name}: resource {state['Resource']} is not {LAMBDA}")
    if len({"TimeoutSeconds", "TimeoutSecondsPath"} & set(state)) != 1:
        raise UnknownConstructError(f"{name}: a task without a time limit, or with two, is not understood")
    _refuse_strange(f"{name}, its Parameters", state["Parameters"], ASKED)
    if len(state["Parameters"]) != 2:
        raise UnknownConstructError(f"{name}: Parameters are not a FunctionName and a Payload")


def _refuse_other_maps(name: str, state: Mapping[str, Any]) -> None:
    processor = state["ItemProcessor"]
    _refuse_strange(f"{name}, its ItemProcessor", processor, MACHINE - {"TimeoutSeconds", "Version"})
    mode = processor.get("ProcessorConfig", {}).get("Mode", "INLINE")
    if mode != "INLINE":
        raise UnknownConstructError(f"{name}: mode {mode} is not INLINE")


def _refuse_other_choices(name: str, state: Mapping[str, Any]) -> None:
    for choice in state["Choices"]:
        operators = set(choice) - {"Variable", "Next"}
        if not operators <= COMPARISONS or len(operators) != 1:
            raise UnknownConstructError(f"{name}: {sorted(operators)} is not one of {sorted(COMPARISONS)}")
    if "Default" not in state:
        # The language says States.NoChoiceMatched, Step Functions States.Runtime, and our machines never ask.
        raise UnknownConstructError(f"{name}: a Choice without Default is not understood")


def _refuse_other_rules(where: str, rules: Sequence[Mapping[str, Any]], known: set[str]) -> None:
    for number, rule in enumerate(rules, start=1):
        _refuse_strange(where, rule, known)
        if "States.ALL" in rule["ErrorEquals"] and (len(rule["ErrorEquals"]) > 1 or number < len(rules)):
            raise UnknownConstructError(f"{where}: States.ALL must be alone, and last")
        if rule.get("JitterStrategy", "NONE") not in ("FULL", "NONE"):
            raise UnknownConstructError(f"{where}: JitterStrategy {rule['JitterStrategy']} is not FULL or NONE")


def _refuse_strange_paths(where: str, value: Any, key: str = "") -> None:
    """Paths are dotted names, in states as in the templates inside them; intrinsic functions are none."""
    if isinstance(value, Mapping):
        for each, inner in value.items():
            if each not in ("States", "ItemProcessor", "Result"):
                _refuse_strange_paths(where, inner, each)
    elif isinstance(value, list):
        for inner in value:
            _refuse_strange_paths(where, inner)
    elif key.endswith((".$", "Path", "Variable")) and value is not None and not PATH.fullmatch(str(value)):
        raise UnknownConstructError(f"{where}: {key} {value}: only dotted reference paths are understood")
