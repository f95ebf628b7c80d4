"""How often each call was made, so that a drill can say that one never was."""

import threading
from collections import Counter

from twin.aws.calls.call import Call


class CallCounter:
    """Counts calls, also those that fail; safe to use from several threads."""

    def __init__(self) -> None:
        self._counts: Counter[Call] = Counter()
        self._lock = threading.Lock()

    def add(self, call: Call) -> None:
        """Count one call."""
        with self._lock:
            self._counts[call] += 1

    def count(
        self,
        *,
        service: str | None = None,
        action: str | None = None,
        source: str | None = None,
        target: str | None = None,
    ) -> int:
        """Return how many calls there were of those that match everything that is given."""
        wanted = {"service": service, "action": action, "source": source, "target": target}
        asked = {name: value for name, value in wanted.items() if value is not None}
        return sum(
            count
            for call, count in self.counts().items()
            if all(getattr(call, name) == value for name, value in asked.items())
        )

    def counts(self) -> dict[Call, int]:
        """Return the counts of all calls so far."""
        with self._lock:
            return dict(self._counts)

    def since(self, before: dict[Call, int]) -> dict[Call, int]:
        """Return what was added to an earlier answer of ``counts``."""
        return {
            call: count - before.get(call, 0) for call, count in self.counts().items() if count > before.get(call, 0)
        }
