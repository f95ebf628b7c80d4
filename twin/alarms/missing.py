"""From datapoints, some of them missing, to a state: CloudWatch's documented algorithm.

Source: "Configuring how CloudWatch alarms treat missing data", with its two tables and its section
"Avoiding premature transitions to alarm state".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from twin.alarms.states import State, Treatment


@dataclass(frozen=True, slots=True)
class Judgement:
    """The state (``None``: the alarm keeps the one it has), the real datapoints it rests on, the filled ones.

    ``evaluated`` are indexes into the evaluation range, oldest first.
    """

    state: State | None
    evaluated: tuple[int, ...]
    filled: int


def judge(points: Sequence[bool | None], periods: int, to_alarm: int, treatment: Treatment) -> Judgement:
    """Return the state that an evaluation range gives.

    Args:
        points: oldest first: breaching, not breaching, or missing (``None``).
        periods: ``EvaluationPeriods``, N.
        to_alarm: ``DatapointsToAlarm``, M.
        treatment: used only where fewer than N real datapoints are in the range.
    """
    real = tuple(index for index, point in enumerate(points) if point is not None)[-periods:]
    breaching = sum(1 for index in real if points[index])
    filled = periods - len(real)
    if filled == 0 or treatment is Treatment.NOT_BREACHING:
        return Judgement(_reached(breaching, to_alarm), real, filled)
    if treatment is Treatment.BREACHING:
        return Judgement(_reached(breaching + filled, to_alarm), real, filled)
    retained = State.INSUFFICIENT_DATA if treatment is Treatment.MISSING else None
    if not real:
        return Judgement(retained, real, filled)
    if breaching >= to_alarm or breaching < len(real):
        return Judgement(_reached(breaching, to_alarm), real, filled)
    # Only breaching datapoints, but too few. They raise the alarm once the oldest is as old as M periods:
    # before that the next datapoint might still be a good one.
    is_old_enough = len(points) - real[0] >= to_alarm
    return Judgement(State.ALARM if is_old_enough and retained else retained, real, filled)


def _reached(breaching: int, to_alarm: int) -> State:
    return State.ALARM if breaching >= to_alarm else State.OK
