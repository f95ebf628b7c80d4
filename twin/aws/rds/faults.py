"""What a drill may do to promotions: refuse them, leave them unanswered, or never let them end."""

import threading
from dataclasses import dataclass, field

Key = tuple[str, str]  # region, DB instance identifier


@dataclass(frozen=True, slots=True)
class Refusal:
    """The request fails with this error code, and nothing happens."""

    code: str


@dataclass(frozen=True, slots=True)
class Silence:
    """The request is accepted and carried out after the delay, but the caller gets no answer."""

    delay_seconds: float


@dataclass
class PromotionFaults:
    """Faults per replica, taken in the order in which they were set; safe to use from several threads."""

    _queued: dict[Key, list[Refusal | Silence]] = field(default_factory=dict)
    _endless: set[Key] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refuse(self, region: str, identifier: str, *, code: str = "InvalidDBInstanceState", times: int = 1) -> None:
        """Refuse the next promotions of a replica with an RDS error code."""
        with self._lock:
            self._queued.setdefault((region, identifier), []).extend([Refusal(code)] * times)

    def leave_unanswered(self, region: str, identifier: str, *, delay_seconds: float = 0.0, times: int = 1) -> None:
        """Let the next promotions of a replica happen, after a delay, without an answer to the caller.

        During the delay RDS says nothing of it: the replica is ``available`` and has its source.
        """
        with self._lock:
            self._queued.setdefault((region, identifier), []).extend([Silence(delay_seconds)] * times)

    def never_end(self, region: str, identifier: str) -> None:
        """Keep promotions of a replica in ``modifying`` until ``clear``."""
        with self._lock:
            self._endless.add((region, identifier))

    def clear(self, region: str, identifier: str) -> None:
        """Forget every fault of a replica; a promotion that was held goes on."""
        with self._lock:
            self._queued.pop((region, identifier), None)
            self._endless.discard((region, identifier))

    def take(self, region: str, identifier: str) -> Refusal | Silence | None:
        """Return and forget the fault for the promotion that is asked for now."""
        with self._lock:
            queued = self._queued.get((region, identifier))
            return queued.pop(0) if queued else None

    def is_endless(self, region: str, identifier: str) -> bool:
        """Whether promotions of a replica are kept from ending."""
        with self._lock:
            return (region, identifier) in self._endless
