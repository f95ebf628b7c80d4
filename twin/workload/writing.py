"""Writing a numbered row to whichever copy takes it, and saying so only once it is committed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from twin.workload.copies import Copy
from twin.workload.scouts import PAUSE_SECONDS, NoWriterError
from twin.workload.session import Row, SessionLostError, StatementRefusedError

INSERT: Final = """
INSERT INTO public.rows (client, number, region, epoch, committed_in)
SELECT $1, $2::bigint, $3, epoch, $4 FROM lifeboat.gate
ON CONFLICT (client, number) DO NOTHING RETURNING committed_in, epoch
"""
FIND: Final = "SELECT committed_in, epoch FROM public.rows WHERE client = $1 AND number = $2::bigint"
CLOCK: Final = "SELECT extract(epoch FROM clock_timestamp())"


AT_HOME: Final = """
INSERT INTO public.rows (client, number, region, epoch, committed_in)
VALUES ($1, $2::bigint, $3, 0, $4) ON CONFLICT (client, number) DO NOTHING RETURNING committed_in, epoch
"""
"""Where no gate is: what never moves has one writer for ever."""


class NotWrittenError(Exception):
    """The row was not acknowledged; the message says why. It may be there or not."""


@dataclass(frozen=True, slots=True)
class Committed:
    """A row that is committed: in which region's copy, in which epoch of its gate, and by when.

    ``committed_at`` is the copy's own clock in Unix seconds, read right after the commit.
    """

    committed_in: str
    epoch: int
    committed_at: float


class Finding(Protocol):
    """What finds the copy that takes writes: ``Scouts``, or ``AlwaysHere``."""

    def writer(self, deadline: float) -> str:
        """Return its region; raises ``NoWriterError``."""

    def failed(self, region: str, reason: str) -> None:
        """Hear that a write did not succeed there."""


@dataclass(slots=True)
class AlwaysHere:
    """Of a database that never moves; ``region`` is its home."""

    region: str
    _reason: str = ""

    def writer(self, deadline: float) -> str:
        """Return the home, unless the last try there has failed and time is up."""
        if self._reason and time.monotonic() >= deadline:
            raise NoWriterError(f"{self.region}: {self._reason}")
        return self.region

    def failed(self, region: str, reason: str) -> None:  # noqa: ARG002 - there is one
        """Keep the reason for who asks next, and give the server a moment."""
        self._reason = reason
        time.sleep(PAUSE_SECONDS)


class RowWriter:
    """Writes for the service of one region; ``copies`` by region, logged in as ``app_rw``."""

    def __init__(self, region: str, copies: Mapping[str, Copy], scouts: Finding, *, gated: bool = True) -> None:
        self._region = region
        self._insert = INSERT if gated else AT_HOME
        self._copies = copies
        self._scouts = scouts

    def write(self, client: str, number: int, deadline: float) -> Committed:
        """Insert one row, or find it where an earlier try had put it.

        A copy that fails is left, and the row sent to the next writer: it has a number, so that it cannot be
        there twice.

        Raises:
            NotWrittenError: no copy took it by the deadline.
        """
        while True:
            try:
                region = self._scouts.writer(deadline)
            except NoWriterError as exc:
                raise NotWrittenError(str(exc)) from exc
            try:
                return self._write_to(self._copies[region], client, number, deadline)
            except (SessionLostError, StatementRefusedError) as exc:
                self._scouts.failed(region, str(exc))
                if time.monotonic() >= deadline:
                    raise NotWrittenError(f"time is up; {region}: {exc}") from exc

    def _write_to(self, copy: Copy, client: str, number: int, deadline: float) -> Committed:
        with copy.session(deadline) as session:
            # The row is committed when these return: each statement is a transaction of its own.
            wrote = session.rows(self._insert, client, str(number), self._region, copy.region, deadline=deadline)
            found = wrote or session.rows(FIND, client, str(number), deadline=deadline)
            at = session.row(CLOCK, deadline=deadline)
        if not found:
            raise NotWrittenError(f"{copy.region}: the gate is not installed, or the row was deleted again")
        return _committed(found[0], at)


def _committed(found: Row, at: Row) -> Committed:
    committed_in, epoch = found
    assert committed_in is not None and epoch is not None and at[0] is not None
    return Committed(committed_in, int(epoch), float(at[0]))
