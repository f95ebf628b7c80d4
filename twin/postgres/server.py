"""One PostgreSQL server: a data folder, an address, a port, and what can be done to it."""

import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from twin.postgres.errors import PostgresError
from twin.postgres.settings import HBA, Source, replication_settings, server_settings
from twin.postgres.surroundings import REPLICATION_USER, SUPERUSER, Surroundings


@dataclass(frozen=True, slots=True)
class Positions:
    """Bytes of WAL since the beginning: received (or written, on a primary), and replayed."""

    received: int
    replayed: int


class Server:
    """A server that may run or not. Made by ``Servers``; safe to use from several threads."""

    def __init__(self, name: str, address: str, port: int, folder: Path, surroundings: Surroundings) -> None:
        self.name = name
        self.address = address
        self.port = port
        self.data = folder / "data"
        self.log = folder / "postgresql.log"
        self._around = surroundings
        self._lock = threading.RLock()
        self._pid: int | None = None
        self._source: Server | None = None
        self._receives = True
        self._replay_delay_seconds = 0.0

    # --- running -----------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether its main process lives."""
        with self._lock:
            if self._pid is not None and self._around.keeper.poll(self._pid) is not None:
                self._pid = None
            return self._pid is not None

    def start(self, *, timeout_seconds: float = 20.0) -> None:
        """Start it as it is on disk and wait until it answers; nothing happens when it runs.

        Raises:
            PostgresError: it ended or did not answer in time; the end of its log is in the message.
        """
        with self._lock:
            if self.running:
                return
            self._write_settings()
            argv = [str(self._around.programs / "postgres"), "-D", str(self.data)]
            self._pid = self._around.keeper.start(argv, log=self.log, data=self.data)
            deadline = time.monotonic() + timeout_seconds
            while not self._answers():
                if not self.running or time.monotonic() > deadline:
                    self.kill()
                    raise PostgresError(f"{self.name} at {self.address}:{self.port} did not start:\n{self._tail()}")
                time.sleep(0.005)

    def stop(self, *, timeout_seconds: float = 20.0) -> None:
        """Shut it down cleanly, ending its sessions (a *fast* shutdown); kill it at the time limit."""
        with self._lock:
            if self.running and self._pid is not None:
                self._around.keeper.signal(self._pid, signal.SIGINT)
                self._around.keeper.wait(self._pid, timeout_seconds=timeout_seconds)
                self._pid = None

    def kill(self) -> None:
        """Kill it and all its processes at one blow; every session ends, nothing is written any more."""
        with self._lock:
            if self.running and self._pid is not None:
                self._around.keeper.kill(self._pid)
                self._pid = None

    def restart(self) -> None:
        """Stop it cleanly and start it again."""
        with self._lock:
            self.stop()
            self.start()

    # --- replication -------------------------------------------------------------------------------------

    def follow(self, source: "Server") -> None:
        """Be a replica of ``source`` from the next start on."""
        with self._lock:
            self._source = source
            self._receives = True
            signal_file = self.data / "standby.signal"
            signal_file.touch(mode=0o600)
            self._around.account.own(signal_file)

    def stop_receiving(self) -> None:
        """Receive no WAL any more, as over a cut network: lag grows from here on."""
        self._set_replication(receives=False)

    def resume_receiving(self) -> None:
        """Receive WAL again."""
        self._set_replication(receives=True)

    def delay_replay(self, seconds: float) -> None:
        """Replay each commit only so long after it was made; 0 ends the delay."""
        self._set_replication(delay_seconds=seconds)

    def promote(self, *, timeout_seconds: float = 60.0) -> None:
        """Make a replica a primary of the next timeline and wait for it; a primary stays as it is.

        Raises:
            PostgresError: it is not running, or still in recovery at the time limit.
        """
        if not self.is_in_recovery():
            return
        if not self._ask("select pg_promote(true, %s)", round(timeout_seconds)):
            raise PostgresError(f"{self.name} is still in recovery after {timeout_seconds} s:\n{self._tail()}")
        with self._lock:
            self._source = None

    def rewind(self, source: "Server") -> None:
        """Take back what ``source`` does not have (pg_rewind) and be its replica; start it afterwards.

        What is taken back is lost: whoever calls has archived it. A server that was killed is first
        recovered by pg_rewind itself.

        Raises:
            PostgresError: it runs, ``source`` does not, or the two do not come from one database.
        """
        with self._lock:
            if self.running:
                raise PostgresError(f"{self.name} is running; stop it before it is rewound")
            self._write_settings()
            self._around.keeper.run(
                [
                    str(self._around.programs / "pg_rewind"),
                    f"--target-pgdata={self.data}",
                    f"--source-server=host={source.address} port={source.port} user={SUPERUSER} dbname=postgres",
                ],
                env={"PGPASSWORD": self._around.superuser_password},
            )
            self.follow(source)

    # --- facts -------------------------------------------------------------------------------------------

    def connect(self, database: str = "postgres", **options: Any) -> psycopg.Connection:
        """Open a superuser's session (autocommit); the caller closes it.

        Raises:
            PostgresError: it does not answer.
        """
        try:
            return psycopg.connect(
                host=self.address,
                port=self.port,
                user=SUPERUSER,
                password=self._around.superuser_password,
                dbname=database,
                connect_timeout=5,
                autocommit=True,
                **options,
            )
        except psycopg.OperationalError as exc:
            raise PostgresError(f"{self.name} at {self.address}:{self.port} does not answer: {exc}") from exc

    def is_in_recovery(self) -> bool:
        """Whether it is a replica."""
        return bool(self._ask("select pg_is_in_recovery()"))

    def positions(self) -> Positions:
        """How far it has received and replayed; on a primary both are what it has written."""
        received, replayed = self._row(
            "select case when pg_is_in_recovery() then coalesce(pg_last_wal_receive_lsn(), "
            "pg_last_wal_replay_lsn()) else pg_current_wal_lsn() end - '0/0'::pg_lsn, "
            "case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end "
            "- '0/0'::pg_lsn"
        )
        return Positions(int(received), int(replayed))

    def timeline(self) -> int:
        """The timeline it writes, or follows while it is a replica."""
        if self.is_in_recovery():
            return int(
                self._ask(
                    "select coalesce((select received_tli from pg_stat_wal_receiver), timeline_id) "
                    "from pg_control_checkpoint()"
                )
            )
        # The control file names the old timeline until the first checkpoint after a promotion.
        return int(self._ask("select pg_walfile_name(pg_current_wal_lsn())")[:8], 16)

    def system_identifier(self) -> int:
        """The number that a database and all its copies share, and no other database has."""
        return int(self._ask("select system_identifier from pg_control_system()"))

    # --- inside ------------------------------------------------------------------------------------------

    def _row(self, query: LiteralString, *arguments: Any) -> tuple[Any, ...]:
        try:
            with self.connect() as session:
                row = session.execute(query, arguments).fetchone()
        except psycopg.Error as exc:
            raise PostgresError(f"{self.name} did not answer {query!r}: {exc}") from exc
        assert row is not None
        return row

    def _ask(self, query: LiteralString, *arguments: Any) -> Any:
        row = self._row(query, *arguments)
        return row[0]

    def _set_replication(self, *, receives: bool | None = None, delay_seconds: float | None = None) -> None:
        with self._lock:
            self._receives = self._receives if receives is None else receives
            self._replay_delay_seconds = self._replay_delay_seconds if delay_seconds is None else delay_seconds
            if self.running and self._pid is not None:
                self._write_settings()
                self._around.keeper.signal(self._pid, signal.SIGHUP)

    def _write_settings(self) -> None:
        source = None
        if self._source is not None and self._receives:
            source = Source(
                self._source.address, self._source.port, REPLICATION_USER, self._around.replication_password
            )
        files = {
            "postgresql.conf": server_settings(self.name, self.address, self.port),
            "pg_hba.conf": HBA,
            "replication.conf": replication_settings(self.name, source, self._replay_delay_seconds),
        }
        self._around.account.write(self.data, files)

    def _answers(self) -> bool:
        # The lock file's eighth line is PostgreSQL's own word on its state, without a session for it.
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]) == self._pid and lines[7].strip() == "ready"
        except (OSError, IndexError, ValueError):
            return False

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else "(no log)"
