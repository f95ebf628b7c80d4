"""How a version answers, and what is made of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WELL: Final = 1.0


@dataclass(frozen=True, slots=True)
class Answers:
    """The requests to one version in a window of time: how many, how many failed, and the 95th percentile's seconds."""

    requests: float = 0
    failed: float = 0
    p95_seconds: float | None = None

    def health(self, slow_seconds: float) -> float:
        """Return the share that was answered well, less what it was too slow; 1 when nobody asked.

        Twice as slow as may be halves it: routing gives such a region less, and does not leave it.
        """
        if self.requests <= 0:
            return WELL
        well = max(0.0, 1 - self.failed / self.requests)
        too_slow = self.p95_seconds is not None and self.p95_seconds > slow_seconds
        return well * slow_seconds / self.p95_seconds if too_slow and self.p95_seconds else well


class Verdict(StrEnum):
    """What is thought of a version; the unseen one is thought nothing of."""

    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    UNSEEN = "UNSEEN"


def judge(answers: Answers, *, least_health: float, least_requests: int, slow_seconds: float) -> Verdict:
    """Return the verdict on a version; too few requests prove nothing, neither for nor against."""
    if answers.requests < least_requests:
        return Verdict.UNSEEN
    return Verdict.HEALTHY if answers.health(slow_seconds) >= least_health else Verdict.UNHEALTHY
