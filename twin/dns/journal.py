"""Every answer that the DNS gave, for the drill's timeline and its invariants."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

KEPT: Final = 200_000


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: when (Unix seconds), to whom (source address, the region it is near), and what."""

    at: float
    client: str
    region: str
    name: str
    type: str
    outcome: str
    addresses: tuple[str, ...]
    chain: tuple[str, ...] = field(default=())
    """The names gone through after the one that was asked for."""


class AnswerJournal:
    """The last answers, in order; ``told`` hears of each as it is given."""

    def __init__(self, told: Callable[[Answered], None] | None = None) -> None:
        self._answers: deque[Answered] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._told = told

    def add(self, answered: Answered) -> None:
        """Write an answer down."""
        with self._lock:
            self._answers.append(answered)
        if self._told is not None:
            self._told(answered)

    def since(self, at: float = 0.0, name: str | None = None) -> tuple[Answered, ...]:
        """Return the answers from a time on, all or those to one name (without its final dot)."""
        with self._lock:
            kept = tuple(self._answers)
        return tuple(each for each in kept if each.at >= at and name in (None, each.name))
