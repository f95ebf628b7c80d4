"""Which periods an alarm looks at, and when.

A standard alarm is evaluated each minute, a high-resolution one (period under 60 s) every 10 s, and its
window slides with each evaluation; a wall-clock window stays on the boundaries of its period ("Alarm
evaluation" and "Alarm evaluation window", CloudWatch user guide). Only complete periods are looked at.
"""

from typing import Final

HIGH_RESOLUTION_STEP: Final = 10
STANDARD_STEP: Final = 60

EXTRA_PERIODS: Final = 2
"""How much wider the evaluation range is than ``EvaluationPeriods``.

CloudWatch says that it depends on period and resolution, and shows 5 for 3 in each of its tables; a user
saw 3 for 1 on a period of a day.
"""


def evaluation_step(period: int, *, wall_clock: bool = False) -> int:
    """Return the seconds between two evaluations, to multiples of which the window is aligned."""
    if wall_clock:
        return period
    return HIGH_RESOLUTION_STEP if period < STANDARD_STEP else STANDARD_STEP


def range_end(now: float, step: int, ingestion_seconds: float = 0.0) -> int:
    """Return where the newest window ends: the last boundary whose data have had time to come in."""
    return int((now - ingestion_seconds) // step) * step


def next_evaluation(now: float, step: int, ingestion_seconds: float = 0.0) -> float:
    """Return when the window moves on next."""
    return range_end(now, step, ingestion_seconds) + step + ingestion_seconds


def period_starts(end: int, period: int, count: int) -> tuple[int, ...]:
    """Return the starts of the last ``count`` periods before ``end``, oldest first."""
    return tuple(range(end - count * period, end, period))
