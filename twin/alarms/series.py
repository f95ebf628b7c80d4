"""The values of metric math: scalars, time series, and several series; element by element.

A missing element is ``None``, and what is computed from it is missing too; so are the quotient by zero and
whatever is no finite number.
"""

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

Scalar = float | None
Series = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class SeveralSeries:
    """What ``METRICS()`` and ``[m1, m2]`` give."""

    items: tuple[Scalar | Series, ...]


Value = Scalar | Series | SeveralSeries

SIGNS: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": math.pow,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "&&": lambda left, right: bool(left) and bool(right),
    "||": lambda left, right: bool(left) or bool(right),
}


def combined(function: Callable[..., float | None], *values: Value) -> Value:
    """Apply a function of numbers element by element; scalars stand for series of themselves."""
    if any(isinstance(value, SeveralSeries) for value in values):
        width = max(len(value.items) for value in values if isinstance(value, SeveralSeries))
        rows = [value.items if isinstance(value, SeveralSeries) else (value,) * width for value in values]
        results = tuple(combined(function, *row) for row in zip(*rows, strict=False))
        return SeveralSeries(tuple(each for each in results if not isinstance(each, SeveralSeries)))
    lengths = [len(value) for value in values if isinstance(value, tuple)]
    if not lengths:
        return _finite(function, values)
    columns = [value if isinstance(value, tuple) else (value,) * lengths[0] for value in values]
    return tuple(_finite(function, row) for row in zip(*columns, strict=True))


def across(reduce: Callable[[Sequence[float]], float], value: Value) -> Value:
    """Reduce several series to one, moment by moment, or one series to a scalar; missing elements do not count."""
    if isinstance(value, SeveralSeries):
        length = max((len(item) for item in value.items if isinstance(item, tuple)), default=0)
        columns = [item if isinstance(item, tuple) else (item,) * length for item in value.items]
        return tuple(_reduced(reduce, row) for row in zip(*columns, strict=True))
    return _reduced(reduce, value if isinstance(value, tuple) else (value,))


def _reduced(reduce: Callable[[Sequence[float]], float], elements: Sequence[float | None]) -> float | None:
    present = [element for element in elements if element is not None]
    return reduce(present) if present else None


def _finite(function: Callable[..., float | None], arguments: Sequence[object]) -> float | None:
    if any(argument is None for argument in arguments):
        return None
    try:
        result = function(*arguments)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return float(result) if result is not None and math.isfinite(result) else None
