"""Clocks that are wrong, each in its own way: nothing may compare two of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from simulator.kernel import Kernel

BEGINNING: Final = datetime(2026, 1, 7, 12, tzinfo=UTC)
"""The wall clock when virtual time is 0: a Wednesday at noon."""


@dataclass(slots=True)
class Clock:
    """``ports.Clock`` of one machine: ahead by so much, and running ``rate`` times as fast as the world.

    ``skew`` is asked each time, so that a fault can set a clock wrong while it runs.
    """

    kernel: Kernel
    ahead_seconds: float = 0.0
    rate: float = 1.0
    skew: Callable[[], float] = lambda: 0.0

    def now(self) -> datetime:
        """The wall clock."""
        return BEGINNING + timedelta(seconds=self.elapsed() + self.ahead_seconds + self.skew())

    def elapsed(self) -> float:
        """Seconds of its monotonic clock."""
        return self.kernel.now * self.rate

    def sleep(self, seconds: float) -> None:
        """Wait for so long by this clock."""
        self.kernel.sleep(seconds / self.rate)
