"""Paths that select nothing: in AWS they end the execution with States.Runtime; MiniStack reads null.

AWS says so in "Handling errors in Step Functions workflows" (States.Runtime, ParameterPathFailure); an
execution that went on with null would hide every misspelt path of a machine.
"""

from collections.abc import Callable
from typing import Any, Final

from ministack.services import stepfunctions

MISSING: Final = object()
Resolve = Callable[[str, Any], Any]


def resolve(path: str, data: Any) -> Any:
    """Return what a path selects; in the place of ``stepfunctions._resolve_path``.

    Raises:
        _ExecutionError: States.Runtime, the path selects nothing.
    """
    found = select(path, data)
    if found is MISSING:
        raise stepfunctions._ExecutionError(
            "States.Runtime", f"The JSONPath '{path}' specified could not be found in the input '{data}'"
        )
    return found


def select(path: str, data: Any) -> Any:
    """Return what a path selects, or ``MISSING``; a path with a wildcard selects a list, perhaps empty."""
    if not path.startswith("$") or path == "$":
        return data
    tokens = stepfunctions._parse_jsonpath_tokens(path)
    if tokens is None:
        raise stepfunctions._ExecutionError("States.Runtime", f"'{path}' is not a path that Step Functions reads")
    values = [data]
    for kind, key in tokens:
        values = [each for value in values for each in _step(kind, key, value)]
    if any(kind == "wildcard" for kind, _ in tokens):
        return values
    return values[0] if values else MISSING


def guarded(evaluate: Callable[[str, Any, Any], Any]) -> Callable[[str, Any, Any], Any]:
    """Return MiniStack's intrinsic functions, which end an execution when they cannot work on their arguments."""

    def evaluated(expression: str, data: Any, context: Any) -> Any:
        try:
            return evaluate(expression, data, context)
        except (ValueError, TypeError, KeyError, IndexError) as exc:
            raise stepfunctions._ExecutionError("States.Runtime", f"{expression}: {exc}") from exc

    return evaluated


def is_present(rule: dict[str, Any], data: Any, context: Any) -> bool:
    """Answer a choice rule with ``IsPresent``: null is present."""
    path = rule["Variable"]
    found = select(path[1:], context) if path.startswith("$$.") else select(path, data)
    wanted: bool = rule["IsPresent"]
    return (found is not MISSING) == wanted


def _step(kind: str, key: Any, value: Any) -> list[Any]:
    if kind == "field":
        return [value[key]] if isinstance(value, dict) and key in value else []
    if kind == "index":
        return [value[key]] if isinstance(value, list) and key < len(value) else []
    if isinstance(value, list):
        return list(value)
    return list(value.values()) if isinstance(value, dict) else []
