"""Which copy takes writes now: a scout at each copy asks it, all at once.

libpq can try several hosts by itself (``target_session_attrs=read-write``), but one after the other: a region
that drops packets would use up the time of the whole request before its successor is asked. And it takes the
first server that is no replica, which a lost primary that came back is too. So each copy is asked by a thread
of its own what its gate says; the session that writes then asks for ``read-write`` all the same.
"""

import threading
import time
from collections.abc import Iterable
from typing import Final

from twin.workload.copies import Copy
from twin.workload.session import SessionLostError, StatementRefusedError

SIGHT: Final = "SELECT pg_is_in_recovery(), lifeboat.refusal()"
ASK_SECONDS: Final = 0.5
"""How long one copy may take to answer, connecting included."""
PAUSE_SECONDS: Final = 0.15
"""Between two questions to the same copy."""
WANTED_SECONDS: Final = 2.0
"""Scouts go on for so long after the last request that found no writer."""
PATIENCE_SECONDS: Final = 0.5
"""A request waits for the scouts no longer than this: clients number many, and most outages outlast any wait."""


class NoWriterError(Exception):
    """No copy takes writes; the message has the reason of each."""


class Scouts:
    """Keeps the answer while writes succeed, and looks for a new one only when they do not."""

    def __init__(self, copies: Iterable[Copy]) -> None:
        self._copies = tuple(copies)
        self._changed = threading.Condition()
        self._writer: str | None = None
        self._reasons = {copy.region: "not asked yet" for copy in self._copies}
        self._wanted_until = 0.0
        self._ended = False
        for copy in self._copies:
            threading.Thread(target=self._watch, args=(copy,), name=f"scout-{copy.region}", daemon=True).start()

    def writer(self, deadline: float) -> str:
        """Return the region whose copy takes writes, as far as is known.

        Raises:
            NoWriterError: none was found within half a second, or by the deadline.
        """
        with self._changed:
            self._wanted_until = time.monotonic() + WANTED_SECONDS
            if self._writer is None:
                self._changed.notify_all()
                patience = min(PATIENCE_SECONDS, deadline - time.monotonic())
                self._changed.wait_for(lambda: self._writer is not None, max(0.0, patience))
            if self._writer is None:
                told = "; ".join(f"{region}: {reason}" for region, reason in self._reasons.items())
                raise NoWriterError(f"no copy takes writes: {told}")
            return self._writer

    def failed(self, region: str, reason: str) -> None:
        """Say that a write did not succeed at the copy of a region."""
        self._say(region, reason)

    def close(self) -> None:
        """End the scouts; one that is asking ends when its question does."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _watch(self, copy: Copy) -> None:
        while self._is_wanted():
            self._say(copy.region, _refusal(copy))
            time.sleep(PAUSE_SECONDS)

    def _is_wanted(self) -> bool:
        with self._changed:
            self._changed.wait_for(
                lambda: self._ended or (self._writer is None and time.monotonic() < self._wanted_until)
            )
            return not self._ended

    def _say(self, region: str, refusal: str | None) -> None:
        with self._changed:
            self._reasons[region] = refusal or "open"
            if refusal is None:
                self._writer = self._writer or region
                self._changed.notify_all()
            elif self._writer == region:
                self._writer = None
                self._changed.notify_all()


def _refusal(copy: Copy) -> str | None:
    deadline = time.monotonic() + ASK_SECONDS
    try:
        with copy.session(deadline) as session:
            in_recovery, refusal = session.row(SIGHT, deadline=deadline)
    except (SessionLostError, StatementRefusedError) as exc:
        return str(exc)
    return "it is a replica" if in_recovery == "t" else refusal
