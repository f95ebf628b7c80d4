"""Answers that come late, and later as time goes by; pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slowness:
    """A delay of ``seconds``, which grows from nothing to that within ``grows`` seconds after ``since``."""

    seconds: float
    since: float
    grows: float = 0.0

    def at(self, now: float) -> float:
        """Return the delay at a time of the same clock as ``since``."""
        if self.grows <= 0 or now - self.since >= self.grows:
            return self.seconds
        return self.seconds * max(0.0, now - self.since) / self.grows
