"""When scheduled rules fire: ``rate`` from the rule's creation, ``cron`` on the minute; pure."""

import math
from datetime import UTC, datetime
from typing import Any

from ministack.services import eventbridge


def next_firing(expression: str, *, after: float, created: float, first_seconds: float | None) -> float | None:
    """Return the first time after ``after`` at which a rule fires, or ``None`` when it never does.

    Times are seconds of the epoch. A rate counts from the rule's creation ("Creating a scheduled rule",
    EventBridge user guide); ``first_seconds`` puts its first firing so long after the creation instead, and
    the others a period apart from that one.
    """
    period = eventbridge._parse_rate_seconds(expression)
    if period is not None:
        first = created + (period if first_seconds is None else first_seconds)
        if after < first:
            return float(first)
        return float(first + (math.floor((after - first) / period) + 1) * period)
    fields: Any = eventbridge._parse_cron_fields(expression)
    if fields is None:
        return None
    at: datetime | None = eventbridge._cron_next_fire(fields, datetime.fromtimestamp(after, tz=UTC))
    return None if at is None else at.timestamp()
