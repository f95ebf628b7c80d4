"""How long RDS takes on the twin, apart from what PostgreSQL itself takes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds that each status lasts, and for how long an unanswered request is held open.

    On AWS a promotion takes minutes, and a switchover or failover of a global database typically a minute or less;
    the twin compresses them, so what it measures says nothing of RDS's own time.
    """

    creating_seconds: float = 0.0
    modifying_seconds: float = 1.0
    backing_up_seconds: float = 0.5
    rebooting_seconds: float = 0.0
    renaming_seconds: float = 0.5
    failing_over_seconds: float = 1.0
    switching_over_seconds: float = 1.0
    unanswered_seconds: float = 90.0
