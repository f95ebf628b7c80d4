"""Fields that states have in common: seconds given directly or by path, and catchers."""

from typing import Any

from ministack.services import stepfunctions

from twin.aws.machines import paths
from twin.aws.machines.errors import matches

ExecutionError = stepfunctions._ExecutionError


def seconds(state: dict[str, Any], field: str, given: Any, context: dict[str, Any]) -> float | None:
    """Return the value of ``field`` or of ``fieldPath``, or ``None`` when the state has neither.

    Raises:
        _ExecutionError: States.Runtime; what the path selects is not a whole number of seconds.
    """
    if field in state:
        return float(state[field])
    path = state.get(f"{field}Path")
    if path is None:
        return None
    value = paths.resolve(path[1:], context) if path.startswith("$$.") else paths.resolve(path, given)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ExecutionError(
            "States.Runtime", f"The {field}Path parameter '{path}' does not reference an integer value: {value!r}"
        )
    return float(value)


def caught(state: dict[str, Any], raw: Any, context: dict[str, Any], exc: Any) -> tuple[Any, str]:
    """Return the output and next state of the catcher for an error; raise it again when there is none."""
    for catcher in state.get("Catch", ()):
        if matches(catcher["ErrorEquals"], exc.error):
            told = {"Error": exc.error, "Cause": exc.cause}
            return stepfunctions._apply_catcher(catcher, raw, context, "JSONPath", told), catcher["Next"]
    raise exc
