"""Something that goes down and comes back, over and over, in a thread of its own."""

import threading
from collections.abc import Callable


class Flapping:
    """Down for so many seconds, up for as many, beginning at once; ``end`` leaves it as it is then."""

    def __init__(self, half_period_seconds: float, down: Callable[[], None], up: Callable[[], None]) -> None:
        self._half = half_period_seconds
        self._down, self._up = down, up
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flapping", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Begin no other turn, and wait for the one that is under way."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            for turn in (self._down, self._up):
                turn()
                if self._ending.wait(self._half):
                    return
