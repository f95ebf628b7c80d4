"""Time and the network, as a test says they are."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from failover.ports import Answer

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class ManualClock:
    """``ports.Clock`` that moves only when somebody sleeps; ``skew_seconds`` is this machine's wall-clock error."""

    def __init__(self, skew_seconds: float = 0.0) -> None:
        self._elapsed = 0.0
        self.skew_seconds = skew_seconds

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self._elapsed + self.skew_seconds)

    def elapsed(self) -> float:
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        self._elapsed += seconds


class MemoryHttp:
    """``ports.Http``; ``answers`` says what a URL answers now, everything else cannot be reached."""

    def __init__(self, answers: Callable[[str], Answer | None] = lambda _url: None) -> None:
        self.answers = answers

    def get(self, urls: Sequence[str], timeout_seconds: float) -> Mapping[str, Answer]:
        silence = Answer(0, "", timeout_seconds, "no answer in time")
        return {url: self.answers(url) or silence for url in urls}
