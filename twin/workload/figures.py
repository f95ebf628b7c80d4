"""How fast and how well the service of a region answered its last requests."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

LAST_SECONDS: Final = 10.0
FEWEST: Final = 5
"""Of fewer requests nothing is said: one that failed out of two is no rate."""


class Figures:
    """The 95th percentile and the share of failures of the last ten seconds; safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._requests: deque[tuple[float, float, bool]] = deque()

    def note(self, seconds: float, *, failed: bool) -> None:
        """Count a request that was answered now, after so many seconds."""
        with self._lock:
            self._requests.append((self._clock(), seconds, failed))
            self._forget()

    def told(self) -> dict[str, float | None]:
        """Return the figures as the deep health answer has them; ``None`` of too few requests."""
        with self._lock:
            self._forget()
            times = sorted(seconds for _, seconds, failed in self._requests if not failed)
            failures = sum(failed for *_, failed in self._requests)
            count = len(self._requests)
        enough = count >= FEWEST
        p95 = round(times[math.ceil(0.95 * len(times)) - 1], 4) if enough and times else None
        return {"latency_p95_seconds": p95, "error_rate": round(failures / count, 4) if enough else None}

    def _forget(self) -> None:
        while self._requests and self._requests[0][0] < self._clock() - LAST_SECONDS:
            self._requests.popleft()
