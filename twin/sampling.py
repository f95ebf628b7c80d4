"""What is true on the twin now, looked at from outside all regions, by threads that nothing inside can stop."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import psycopg

from rehearsal.facts import Copy, Gate
from twin.postgres import PostgresError

if TYPE_CHECKING:
    from twin.twin import Twin

PERIOD_SECONDS: Final = 0.2
DOWN: Final = Copy(Gate.DOWN)

LOOK: Final = "SELECT pg_is_in_recovery(), to_regclass('lifeboat.gate') IS NOT NULL AND lifeboat.refusal() IS NULL"
TRY: Final = "INSERT INTO public.rows (client, number, region, epoch, committed_in) VALUES ('sampler', 0, '-', 0, '-')"


class CopySampler:
    """Looks at one copy five times a second: its gate as the owner sees it, and a write as the application tries it.

    ``promoted_at`` are the moments, in Unix seconds, at which it was no replica any more, seen 0.2 s late at most.
    The write is rolled back. It is tried as ``app_rw`` itself, since nobody else's refusal would prove anything.
    """

    def __init__(self, twin: "Twin", database: str, region: str, password: str) -> None:
        self._server = twin.rds.server(region, twin.names.db_instance(database, region))
        self._database, self._password = database.replace("-", "_"), password
        self._stopping = threading.Event()
        self._seen = DOWN
        self._replica = False
        self.promoted_at: list[float] = []
        self._watcher: psycopg.Connection | None = None
        self._writer: psycopg.Connection | None = None
        self._thread = threading.Thread(target=self._run, name=f"sampler-{database}-{region}", daemon=True)
        self._thread.start()

    @property
    def seen(self) -> Copy:
        """The copy as it was a moment ago."""
        return self._seen

    def stop(self) -> None:
        """End the thread and its connections."""
        self._stopping.set()
        self._thread.join(5.0)

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD_SECONDS):
            self._seen = self._look()
            if self._seen.gate is Gate.DOWN:
                continue
            if self._replica and not self._seen.in_recovery:
                self.promoted_at.append(time.time())
            self._replica = self._seen.in_recovery
        for connection in (self._watcher, self._writer):
            if connection is not None:
                connection.close()

    def _look(self) -> Copy:
        try:
            if self._watcher is None or self._watcher.closed:
                self._watcher = self._server.connect(self._database, options="-c statement_timeout=1000")
            row = self._watcher.execute(LOOK).fetchone()
            if row is None:
                return DOWN
            return Copy(Gate.OPEN if row[1] else Gate.CLOSED, in_recovery=row[0], refuses=self._refuses())
        except (psycopg.Error, PostgresError):
            # Wherever it was when the server went, also in the midst of taking a write back: the next look is anew.
            self._watcher = self._writer = None
            return DOWN

    def _refuses(self) -> bool | None:
        try:
            if self._writer is None or self._writer.closed:
                self._writer = psycopg.connect(
                    host=self._server.address,
                    port=self._server.port,
                    dbname=self._database,
                    user="app_rw",
                    password=self._password,
                    connect_timeout=1,
                    options="-c statement_timeout=1000",
                )
            self._writer.execute(TRY)
        except psycopg.OperationalError as exc:
            self._writer = None
            return True if "not permitted to log in" in str(exc) else None
        except psycopg.Error:
            return True
        else:
            return False
        finally:
            if self._writer is not None and not self._writer.closed:
                with suppress(psycopg.Error):  # a promotion or a crash may end the session in this very moment
                    self._writer.rollback()


class Polled:
    """Something that is asked for again and again in a thread of its own; the last answer is kept when it fails."""

    def __init__(self, name: str, ask: Callable[[], None], period_seconds: float) -> None:
        self._ask, self._period_seconds = ask, period_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join(10.0)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._ask()
            self._stopping.wait(self._period_seconds)
