"""Documents on their way through a machine: what paths reach, what templates make, where results are put.

A document is never changed: whoever puts something into one makes a new one that shares the rest, so that branches
can be given the same one without copies.

Source: Amazon States Language, https://states-language.net/#data and #paths, JSONPath mode.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any


class PathLeadsNowhereError(Exception):
    """A path reaches nothing, or nothing of the kind that is wanted; Step Functions says States.Runtime."""


@cache
def _steps(path: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether a path begins at the context object (``$$``), and its names."""
    of_context = path.startswith("$$")
    return of_context, tuple(filter(None, path[2 if of_context else 1 :].split(".")))


def reach(path: str | None, document: Any, context: Mapping[str, Any]) -> Any:
    """Return what a reference path points at; the path ``null`` points at an empty document.

    Raises:
        PathLeadsNowhereError: a name of it is not there.
    """
    if path is None:
        return {}
    of_context, steps = _steps(path)
    value: Any = context if of_context else document
    for step in steps:
        if not isinstance(value, dict) or step not in value:
            raise PathLeadsNowhereError(f"{path} leads nowhere: there is no {step!r} in {value!r}")
        value = value[step]
    return value


def fill(template: Any, document: Any, context: Mapping[str, Any]) -> Any:
    """Return a payload template with its ``.$`` fields replaced; raises as ``reach`` does."""
    if isinstance(template, list):
        return [fill(each, document, context) for each in template]
    if not isinstance(template, dict):
        return template
    filled = {}
    for key, value in template.items():
        if key.endswith(".$"):
            filled[key[:-2]] = reach(value, document, context)
        else:
            filled[key] = fill(value, document, context)
    return filled


def place(path: str | None, document: Any, result: Any) -> Any:
    """Return the document with a result put at a reference path; the path ``null`` drops the result.

    Raises:
        PathLeadsNowhereError: something on the way is not an object.
    """
    if path is None:
        return document
    _, steps = _steps(path)
    return _placed(steps, path, document, result)


def _placed(steps: tuple[str, ...], path: str, document: Any, result: Any) -> Any:
    if not steps:
        return result
    if not isinstance(document, dict):
        raise PathLeadsNowhereError(f"{path}: nothing can be put into {document!r}, which is not an object")
    inner = document.get(steps[0], {}) if len(steps) > 1 else None
    return {**document, steps[0]: _placed(steps[1:], path, inner, result)}


def seconds(state: Mapping[str, Any], field: str, least: int, document: Any, context: Mapping[str, Any]) -> int:
    """Return how long a state says in ``field``, or at the path in ``fieldPath``: a whole number of seconds.

    Raises:
        PathLeadsNowhereError: what the path reaches is not one, or less than ``least``.
    """
    if field in state:
        return int(state[field])
    path = state[f"{field}Path"]
    found = reach(path, document, context)
    if not isinstance(found, int) or isinstance(found, bool) or found < least:
        raise PathLeadsNowhereError(f"{field}Path {path} reaches {found!r}, not a whole number from {least} on")
    return found
