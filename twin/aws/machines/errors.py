"""Which retrier and catcher an error meets, and how long a retry waits; pure.

Source: Amazon States Language, "Errors", and AWS's "Handling errors in Step Functions workflows".
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any, Final

MAX_ATTEMPTS: Final = 3
INTERVAL_SECONDS: Final = 1
BACKOFF_RATE: Final = 2.0
ENDS_ALWAYS: Final = frozenset({"States.Runtime", "States.DataLimitExceeded"})
"""What no retrier and no catcher matches, not even States.ALL: the execution fails."""
TIMEOUTS: Final = frozenset({"States.Timeout", "States.HeartbeatTimeout"})

Retrier = Mapping[str, Any]


def matches(wanted: Sequence[str], error: str) -> bool:
    """Tell whether ``ErrorEquals`` names an error; States.TaskFailed is every error but a time-out."""
    if error in ENDS_ALWAYS:
        return False
    if error in wanted or "States.ALL" in wanted:
        return True
    if error in TIMEOUTS:
        return "States.Timeout" in wanted
    return "States.TaskFailed" in wanted


def retrier_for(retriers: Sequence[Retrier], error: str) -> int | None:
    """Return the index of the first retrier that names an error: it alone decides."""
    return next((index for index, each in enumerate(retriers) if matches(each["ErrorEquals"], error)), None)


def delay(retrier: Retrier, attempt: int, chance: random.Random) -> float:
    """Return how many seconds to wait before a retry; attempts count from 0."""
    seconds = retrier.get("IntervalSeconds", INTERVAL_SECONDS) * retrier.get("BackoffRate", BACKOFF_RATE) ** attempt
    seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
    return chance.uniform(0, seconds) if retrier.get("JitterStrategy") == "FULL" else float(seconds)


class Retries:
    """The retries of one run of one state: each retrier counts its own."""

    def __init__(self, retriers: Sequence[Retrier], chance: random.Random) -> None:
        self._retriers = retriers
        self._chance = chance
        self._counts: dict[int, int] = {}

    @property
    def count(self) -> int:
        """How often the state was retried: ``$$.State.RetryCount``."""
        return sum(self._counts.values())

    def wait_before_next(self, error: str) -> float | None:
        """Count one more retry and return how long to wait before it, or ``None`` when there is none."""
        index = retrier_for(self._retriers, error)
        if index is None:
            return None
        retrier, count = self._retriers[index], self._counts.get(index, 0)
        if count >= retrier.get("MaxAttempts", MAX_ATTEMPTS):
            return None
        self._counts[index] = count + 1
        return delay(retrier, count, self._chance)
