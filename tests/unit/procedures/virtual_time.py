"""Several actors in one virtual time: each runs in a thread of its own, and only one at a moment."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from failover.adapters.memory.surroundings import NOON

PATIENCE_SECONDS = 10.0
"""Real seconds after which a test that hangs gives up."""


class Stage:
    """Wakes the actor whose time comes next; the order is the same in every run."""

    def __init__(self) -> None:
        self.now = 0.0
        self.failures: list[BaseException] = []
        self._due: list[tuple[float, int, threading.Event]] = []
        self._order = 0
        self._idle = threading.Event()
        self._threads: list[threading.Thread] = []

    def actor(self, play: Callable[[], None], at: float = 0.0) -> None:
        """Have somebody begin at a time."""
        started = self._turn(at)

        def run() -> None:
            started.wait(PATIENCE_SECONDS)
            try:
                play()
            except BaseException as exc:  # noqa: BLE001 - told again where the stage was started
                self.failures.append(exc)
            finally:
                self._idle.set()

        self._threads.append(threading.Thread(target=run, daemon=True))

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass for whoever calls."""
        turn = self._turn(self.now + max(0.0, seconds))
        self._idle.set()
        if not turn.wait(PATIENCE_SECONDS):
            raise TimeoutError("the stage has forgotten an actor")

    def run(self, watch: Callable[[], None] = lambda: None) -> None:
        """Play until everybody is done; ``watch`` looks after each turn."""
        for thread in self._threads:
            thread.start()
        while self._due:
            self._due.sort(key=lambda each: each[:2])
            self.now, _, turn = self._due.pop(0)
            self._idle.clear()
            turn.set()
            if not self._idle.wait(PATIENCE_SECONDS):
                raise TimeoutError("an actor neither sleeps nor ends")
            watch()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        if self.failures:
            raise self.failures[0]

    def _turn(self, at: float) -> threading.Event:
        turn = threading.Event()
        self._order += 1
        self._due.append((at, self._order, turn))
        return turn


class DriftingClock:
    """``ports.Clock`` of one machine on a stage; it runs ``rate`` times as fast as the stage's time."""

    def __init__(self, stage: Stage, rate: float = 1.0, ahead_seconds: float = 0.0) -> None:
        self._stage, self._rate, self._ahead_seconds = stage, rate, ahead_seconds

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.elapsed() + self._ahead_seconds)

    def elapsed(self) -> float:
        return self._stage.now * self._rate

    def sleep(self, seconds: float) -> None:
        self._stage.sleep(seconds / self._rate)
