"""The threads in which the twin's AWS works, all of which end when it stops."""

import contextvars
import threading
import time
from collections.abc import Callable
from typing import Final

from twin.aws.rights.judged import unjudged

JOIN_SECONDS: Final = 5.0
GLANCE_SECONDS: Final = 0.02


class StoppingError(Exception):
    """The twin stops: end without a word to anybody."""


class Threads:
    """Starts threads, and lets them wait so that stopping need not wait for them."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()

    @property
    def stopping(self) -> bool:
        """Whether the twin stops."""
        return self._stopping.is_set()

    def start(self, name: str, work: Callable[..., None], *arguments: object) -> None:
        """Run ``work`` in a thread of its own, for the same account and region as the caller."""
        context = contextvars.copy_context()

        def run() -> None:
            try:
                context.run(unjudged)
                context.run(work, *arguments)
            except StoppingError:
                pass
            except Exception:
                if not self.stopping:  # else it fails because everything ends
                    raise
            finally:
                with self._lock:
                    self._threads.discard(thread)

        thread = threading.Thread(target=run, name=name, daemon=True)
        with self._lock:
            if self.stopping:
                return
            self._threads.add(thread)
            thread.start()

    def sleep(self, seconds: float) -> None:
        """Wait.

        Raises:
            StoppingError: the twin stopped meanwhile.
        """
        if self._stopping.wait(max(0.0, seconds)):
            raise StoppingError

    def wait_until(self, condition: Callable[[], bool], deadline: float | None = None) -> bool:
        """Wait until something holds or the deadline (``time.monotonic``) passes; return whether it holds.

        Raises:
            StoppingError: the twin stopped meanwhile.
        """
        while not condition():
            left = GLANCE_SECONDS if deadline is None else min(GLANCE_SECONDS, deadline - time.monotonic())
            if left <= 0:
                return False
            self.sleep(left)
        return True

    def stop_waiting(self) -> None:
        """End every thread that waits, and start no more."""
        self._stopping.set()

    def close(self) -> None:
        """End every thread that waits, and join them all; safe to repeat."""
        self.stop_waiting()
        deadline = time.monotonic() + JOIN_SECONDS
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
