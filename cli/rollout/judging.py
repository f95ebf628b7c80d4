"""Whether a version does well, by one minute of its requests: pure, so that it can be asked of any minute."""

from dataclasses import dataclass
from enum import StrEnum

from cli.rollout.entrances import Figures
from topology_document.infrastructure.rollout import RolloutSection


class Health(StrEnum):
    """What a minute says: ``UNKNOWN`` is neither a reason to go on nor one to go back."""

    HEALTHY = "healthy"
    UNKNOWN = "unknown"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A minute's health, and why."""

    health: Health
    reason: str


def judge(figures: Figures, limits: RolloutSection) -> Judgement:
    """Return what a minute says of a version, error rate before latency."""
    if figures.requests < limits.least_requests:
        return Judgement(Health.UNKNOWN, f"{figures.requests} requests, fewer than {limits.least_requests}")
    percent = 100 * figures.errors / figures.requests
    if percent > limits.error_percent:
        return Judgement(Health.BROKEN, f"error rate {percent:.2f} %, over {limits.error_percent:g} %")
    if figures.p95_ms is None:
        return Judgement(Health.UNKNOWN, "no latency is known")
    if figures.p95_ms > limits.latency_ms:
        return Judgement(Health.BROKEN, f"latency {figures.p95_ms:.0f} ms, over {limits.latency_ms} ms")
    return Judgement(Health.HEALTHY, f"error rate {percent:.2f} %, latency {figures.p95_ms:.0f} ms")
