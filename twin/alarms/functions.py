"""The functions of metric math that are known here."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from twin.alarms.series import Series, SeveralSeries, Value, across, combined

REDUCTIONS: Final[dict[str, Callable[[Sequence[float]], float]]] = {
    "AVG": lambda values: math.fsum(values) / len(values),
    "MAX": max,
    "MIN": min,
    "SUM": math.fsum,
}
ROUNDINGS: Final[dict[str, Callable[[float], float]]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
KNOWN: Final = (*REDUCTIONS, *ROUNDINGS, "FILL", "IF", "METRICS", "PERIOD")


def reduction(name: str, value: Value) -> Value:
    """``AVG``, ``MAX``, ``MIN``, ``SUM``."""
    return across(REDUCTIONS[name], value)


def rounding(name: str, value: Value) -> Value:
    """``ABS``, ``CEIL``, ``FLOOR``."""
    return combined(ROUNDINGS[name], value)


def choice(condition: Value, then: Value, otherwise: Value) -> Value:
    """``IF``: where the condition is missing the result is; the branch not taken may be missing."""
    if isinstance(condition, SeveralSeries) or isinstance(then, SeveralSeries) or isinstance(otherwise, SeveralSeries):
        raise TypeError("IF takes scalars and single series")
    parts = (condition, then, otherwise)
    lengths = [len(part) for part in parts if isinstance(part, tuple)]
    if not lengths:
        return _chosen(*[part for part in parts if not isinstance(part, tuple)])
    columns = [part if isinstance(part, tuple) else (part,) * lengths[0] for part in parts]
    return tuple(_chosen(*row) for row in zip(*columns, strict=True))


def _chosen(condition: float | None, then: float | None, otherwise: float | None) -> float | None:
    if condition is None:
        return None
    return then if condition else otherwise


def filled(value: Value, how: float | str) -> Value:
    """``FILL``: with a number, with ``REPEAT`` of the last one, or ``LINEAR`` between two."""
    if isinstance(value, SeveralSeries):
        items = tuple(filled(item, how) for item in value.items)
        return SeveralSeries(tuple(item for item in items if not isinstance(item, SeveralSeries)))
    if not isinstance(value, tuple):
        return value
    if isinstance(how, float):
        return tuple(how if element is None else element for element in value)
    return _repeated(value) if how == "REPEAT" else _interpolated(value)


def _repeated(series: Series) -> Series:
    last: float | None = None
    result = []
    for element in series:
        last = element if element is not None else last
        result.append(last)
    return tuple(result)


def _interpolated(series: Series) -> Series:
    known = [(index, element) for index, element in enumerate(series) if element is not None]
    result = list(series)
    for (left, low), (right, high) in pairwise(known):
        for index in range(left + 1, right):
            result[index] = low + (high - low) * (index - left) / (right - left)
    return tuple(result)
