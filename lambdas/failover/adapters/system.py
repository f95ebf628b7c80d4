"""The clock of the machine that this runs on."""

import time
from datetime import UTC, datetime


class SystemClock:
    """``ports.Clock`` on the operating system's clocks."""

    def now(self) -> datetime:
        """The wall clock in UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """The monotonic clock, in seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
