"""What alarms have to tell, until it is told: never by the thread of the request that made it happen.

CloudWatch guarantees the delivery of its events, so what a region that is down has to tell waits for its return.
"""

import logging
import threading
from collections.abc import Callable

IsDown = Callable[[str], bool]

logger = logging.getLogger(__name__)


class Outbox:
    """Messages in the order in which they came; safe to use from several threads."""

    def __init__(self, is_down: IsDown) -> None:
        self._is_down = is_down
        self._messages: list[tuple[str, Callable[[], None]]] = []
        self._lock = threading.Lock()
        self._came = threading.Event()

    def add(self, region: str, deliver: Callable[[], None]) -> None:
        """Keep a message of a region."""
        with self._lock:
            self._messages.append((region, deliver))
        self._came.set()

    def wait(self, seconds: float) -> None:
        """Return when a message has come since the last call, or after so many seconds."""
        self._came.wait(seconds)
        self._came.clear()

    def wake(self) -> None:
        """Let ``wait`` return."""
        self._came.set()

    def deliver(self) -> None:
        """Deliver all that can be delivered; one message's failure is logged and holds up no other."""
        while (message := self._next()) is not None:
            try:
                message()
            except Exception:
                logger.exception("an alarm's message could not be delivered")

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            for index, (region, deliver) in enumerate(self._messages):
                if not self._is_down(region):
                    del self._messages[index]
                    return deliver
        return None
