"""The part of the language that is understood. Anything else is refused before a machine runs.

Source: Amazon States Language specification, https://states-language.net/, JSONPath mode.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

MACHINE = {"Comment", "StartAt", "States", "TimeoutSeconds", "Version", "ProcessorConfig"}
COMMON = {"Comment", "Type", "Next", "End"}
RESULT = {"ResultPath", "ResultSelector", "OutputPath", "Retry", "Catch"}
FIELDS: Final = {
    "Task": COMMON | RESULT | {"Resource", "InputPath", "Parameters", "TimeoutSeconds", "TimeoutSecondsPath"},
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
PATH: Final = re.compile(r"\$\$?(\.[A-Za-z_][A-Za-z0-9_-]*)*")
LAMBDA: Final = "arn:aws:states:::lambda:invoke"


class UnknownConstructError(Exception):
    """A machine uses something that the interpreter does not know; it says what and where."""


class PathLeadsNowhereError(Exception):
    """A path points at nothing in the document; Step Functions ends such an execution with States.Runtime."""


def all_states(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every state of a machine, those inside Map and Parallel states too."""
    for name, state in machine["States"].items():
        yield name, state
        for inner in (*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())):
            yield from all_states(inner)


def refuse_unknown(machine: Mapping[str, Any]) -> None:
    """Raise ``UnknownConstructError`` for the first thing that is not understood."""
    _refuse_strange("the machine", machine, MACHINE)
    for name, state in all_states(machine):
        kind = state["Type"]
        if kind not in FIELDS:
            raise UnknownConstructError(f"{name}: type {kind} is not one of {sorted(FIELDS)}")
        _refuse_strange(f"{name}, a {kind}", state, FIELDS[kind])
        if kind == "Task" and state["Resource"] != LAMBDA:
            raise UnknownConstructError(f"{name}: resource {state['Resource']} is not {LAMBDA}")
        if kind == "Task" and not {"TimeoutSeconds", "TimeoutSecondsPath"} & set(state):
            raise UnknownConstructError(f"{name}: a task without a time limit is not understood")
        if kind == "Map":
            _refuse_other_maps(name, state)
        for rule in state.get("Retry", ()):
            _refuse_strange(f"{name}, its Retry", rule, RETRIER)
        for rule in state.get("Catch", ()):
            _refuse_strange(f"{name}, its Catch", rule, CATCHER)
        for choice in state.get("Choices", ()):
            operators = set(choice) - {"Variable", "Next"}
            if not operators <= COMPARISONS or len(operators) != 1:
                raise UnknownConstructError(f"{name}: {sorted(operators)} is not one of {sorted(COMPARISONS)}")
        _refuse_strange_paths(name, state)


def _refuse_strange(what: str, found: Mapping[str, Any], known: set[str]) -> None:
    if strange := set(found) - known:
        raise UnknownConstructError(f"{what}: {sorted(strange)} is not understood")


def _refuse_other_maps(name: str, state: Mapping[str, Any]) -> None:
    processor = state["ItemProcessor"]
    _refuse_strange(f"{name}, its ItemProcessor", processor, MACHINE)
    mode = processor.get("ProcessorConfig", {}).get("Mode", "INLINE")
    if mode != "INLINE":
        raise UnknownConstructError(f"{name}: mode {mode} is not INLINE")


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


def reach(path: str | None, document: Any, context: Mapping[str, Any]) -> Any:
    """Return what a reference path points at; ``$$`` begins the context object."""
    if path is None:
        return {}
    value, steps = (context, path[2:]) if path.startswith("$$") else (document, path[1:])
    for step in filter(None, steps.split(".")):
        if not isinstance(value, Mapping) or step not in value:
            raise PathLeadsNowhereError(f"{path} leads nowhere in {value!r}")
        value = value[step]
    return value


def fill(template: Any, document: Any, context: Mapping[str, Any]) -> Any:
    """Return a payload template with its ``.$`` fields replaced."""
    if isinstance(template, list):
        return [fill(each, document, context) for each in template]
    if not isinstance(template, Mapping):
        return template
    filled = {}
    for key, value in template.items():
        if key.endswith(".$"):
            filled[key[:-2]] = reach(value, document, context)
        else:
            filled[key] = fill(value, document, context)
    return filled


def place(path: str | None, document: Any, result: Any) -> Any:
    """Return the document with a result put at a reference path; ``None`` drops the result."""
    if path is None:
        return document
    if path == "$":
        return result
    first, _, rest = path[2:].partition(".")
    if not isinstance(document, Mapping):
        raise PathLeadsNowhereError(f"{path} cannot be put into {document!r}")
    inner = document.get(first, {})
    return {**document, first: place(f"$.{rest}", inner, result) if rest else result}
