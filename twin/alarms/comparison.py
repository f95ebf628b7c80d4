"""Comparing a datapoint with the threshold."""

import operator
from collections.abc import Callable
from enum import Enum
from typing import Final

from twin.alarms.errors import AlarmRefusedError


class Comparison(Enum):
    """A ``ComparisonOperator`` of a static threshold, and its words in a state's reason."""

    GREATER_OR_EQUAL = ("GreaterThanOrEqualToThreshold", "greater than or equal to")
    GREATER = ("GreaterThanThreshold", "greater than")
    LESS = ("LessThanThreshold", "less than")
    LESS_OR_EQUAL = ("LessThanOrEqualToThreshold", "less than or equal to")

    @property
    def words(self) -> str:
        """As it stands in a reason: ``greater than``."""
        return self.value[1]

    def breaches(self, value: float, threshold: float) -> bool:
        """Whether a value crosses the threshold."""
        return _OPERATORS[self](value, threshold)


_OPERATORS: Final[dict[Comparison, Callable[[float, float], bool]]] = {
    Comparison.GREATER_OR_EQUAL: operator.ge,
    Comparison.GREATER: operator.gt,
    Comparison.LESS: operator.lt,
    Comparison.LESS_OR_EQUAL: operator.le,
}


def comparison(name: str) -> Comparison:
    """Return the comparison of that API name.

    Raises:
        AlarmRefusedError: it is none, or it needs an anomaly-detection band.
    """
    for each in Comparison:
        if each.value[0] == name:
            return each
    allowed = ", ".join(each.value[0] for each in Comparison)
    raise AlarmRefusedError(f"ComparisonOperator {name!r} is not understood; use one of {allowed}")
