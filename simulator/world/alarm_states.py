"""From datapoints, some of them missing, to an alarm's state: the documented rule; pure.

Source: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data", its tables and its section
"Avoiding premature transitions to alarm state".
"""

from collections.abc import Sequence
from enum import StrEnum


class State(StrEnum):
    """What an alarm says."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Treatment(StrEnum):
    """What a missing datapoint counts as, where too few real ones are there."""

    MISSING = "missing"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


def judge(points: Sequence[bool | None], periods: int, to_alarm: int, treatment: Treatment) -> State:
    """Return the state that follows from the points of an evaluation range.

    Args:
        points: oldest first: breaching, not breaching, or missing (``None``).
        periods: ``EvaluationPeriods``, N.
        to_alarm: ``DatapointsToAlarm``, M.
        treatment: what missing points count as where fewer than N real ones are in the range.
    """
    real = [index for index, point in enumerate(points) if point is not None][-periods:]
    breaching = sum(points[index] is True for index in real)
    if treatment is Treatment.BREACHING:
        breaching += periods - len(real)
    elif treatment is Treatment.MISSING and len(real) < periods:
        if not real:
            return State.INSUFFICIENT_DATA
        # Only breaching points, and fewer than M: they count once the oldest is as old as M periods, since before that
        # the next one to come may still be a good one.
        if breaching == len(real) < to_alarm:
            return State.ALARM if len(points) - real[0] >= to_alarm else State.INSUFFICIENT_DATA
    return State.ALARM if breaching >= to_alarm else State.OK
