"""The part of the language that is understood. Anything else is refused before a machine runs.

Source: Amazon States Language specification, https://states-language.net/, JSONPath mode.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

COMMON = {"Comment", "Type", "Next", "End", "InputPath", "OutputPath", "ResultPath"}
FIELDS: Final = {
    "Task": COMMON
    | {"Resource", "Parameters", "ResultSelector", "TimeoutSeconds", "TimeoutSecondsPath", "Retry", "Catch"},
    "Map": COMMON | {"ItemsPath", "ItemSelector", "ItemProcessor", "MaxConcurrency", "Retry", "Catch"},
    "Choice": {"Comment", "Type", "Choices", "Default"},
    "Wait": COMMON | {"Seconds", "SecondsPath"},
    "Pass": COMMON | {"Parameters", "Result"},
    "Succeed": {"Comment", "Type", "InputPath", "OutputPath"},
    "Fail": {"Comment", "Type", "Error", "Cause", "ErrorPath", "CausePath"},
}
COMPARISONS: Final = {"StringEquals", "BooleanEquals"}
LAMBDA: Final = "arn:aws:states:::lambda:invoke"


class UnknownConstructError(Exception):
    """A machine uses something that the interpreter does not know; it says what and where."""


def all_states(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every state of a machine, those inside Map states too."""
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from all_states(state["ItemProcessor"])


def refuse_unknown(machine: Mapping[str, Any]) -> None:
    """Raise ``UnknownConstructError`` for the first thing that is not understood."""
    for name, state in all_states(machine):
        kind = state["Type"]
        if kind not in FIELDS:
            raise UnknownConstructError(f"{name}: type {kind} is not one of {sorted(FIELDS)}")
        strange = set(state) - FIELDS[kind]
        if strange:
            raise UnknownConstructError(f"{name}: {sorted(strange)} is not understood in a {kind}")
        if kind == "Task" and state["Resource"] != LAMBDA:
            raise UnknownConstructError(f"{name}: resource {state['Resource']} is not {LAMBDA}")
        for choice in state.get("Choices", ()):
            operators = set(choice) - {"Variable", "Next"}
            if not operators <= COMPARISONS or len(operators) != 1:
                raise UnknownConstructError(f"{name}: {sorted(operators)} is not one of {sorted(COMPARISONS)}")


def reach(path: str | None, document: Any, context: Mapping[str, Any]) -> Any:
    """Return what a reference path points at; ``$$`` begins the context object."""
    if path is None:
        return {}
    value, steps = (context, path[2:]) if path.startswith("$$") else (document, path[1:])
    for step in filter(None, steps.split(".")):
        if "[" in step:
            raise UnknownConstructError(f"{path}: only dotted reference paths are understood")
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
            if not value.startswith("$"):
                raise UnknownConstructError(f"{key}: {value}: intrinsic functions are not understood")
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
    inner = document.get(first, {}) if isinstance(document, Mapping) else {}
    return {**document, first: place(f"$.{rest}", inner, result) if rest else result}
