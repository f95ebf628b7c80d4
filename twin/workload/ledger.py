"""What the clients remember: every write, and of each group the latest."""

import threading
from dataclasses import dataclass, replace

from rehearsal.history import Outcome, Write


@dataclass(frozen=True, slots=True)
class ClientWrite:
    """One numbered write of a group, as its client saw it; times are of the clock that the clients were given.

    ``service`` is the region whose service answered, also when it refused. ``committed_in``, ``epoch`` and
    ``committed_at`` (the database's clock, Unix seconds) are those of an acknowledgement. ``reason`` says why
    there was none. ``due_at`` is when it was to be sent.
    """

    group: str
    number: int
    sent_at: float
    ended_at: float
    outcome: Outcome
    service: str | None = None
    committed_in: str | None = None
    epoch: int | None = None
    committed_at: float | None = None
    reason: str = ""
    due_at: float | None = None

    def as_write(self, *, lost: bool = False) -> Write:
        """Return the form of a play's history."""
        return Write(
            self.group,
            self.number,
            self.sent_at,
            self.ended_at,
            self.outcome,
            self.service,
            self.committed_in,
            lost,
            self.due_at,
        )


@dataclass(frozen=True, slots=True)
class Latest:
    """When a group last got an acknowledgement, and last none; the region that answered its newest request.

    ``reached`` is ``None`` when nothing answered that one.
    """

    acknowledged_at: float | None = None
    failed_at: float | None = None
    reached: str | None = None
    newest_sent_at: float = float("-inf")


class Ledger:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writes: list[ClientWrite] = []
        self._latest: dict[str, Latest] = {}
        self._acknowledged: dict[str, float] = {}

    def add(self, write: ClientWrite) -> None:
        """Write one down that has ended."""
        with self._lock:
            self._writes.append(write)
            if write.outcome is Outcome.UNSENT:
                return
            seen = self._latest.get(write.group, Latest())
            if write.outcome is Outcome.ACKNOWLEDGED:
                seen = replace(seen, acknowledged_at=write.ended_at)
                if write.committed_in is not None:
                    self._acknowledged[write.committed_in] = write.ended_at
            else:
                seen = replace(seen, failed_at=write.ended_at)
            if write.sent_at >= seen.newest_sent_at:
                seen = replace(seen, reached=write.service, newest_sent_at=write.sent_at)
            self._latest[write.group] = seen

    def writes(self) -> tuple[ClientWrite, ...]:
        """Return every write that has ended, in the order of their ends."""
        with self._lock:
            return tuple(self._writes)

    def latest(self, group: str) -> Latest:
        """Return the latest of a group; nothing yet when it has sent nothing."""
        with self._lock:
            return self._latest.get(group, Latest())

    def acknowledged_at(self, region: str) -> float | None:
        """Return when a client last got an acknowledgement of a write that the copy of a region committed."""
        with self._lock:
            return self._acknowledged.get(region)
