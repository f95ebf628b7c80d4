"""One session with PostgreSQL in which nothing takes longer than it may, whatever the server does.

It speaks through libpq's non-blocking interface: a server that is frozen, or behind a path that drops
packets, answers no cancellation either, and a blocking call would wait for it as long as the kernel does.
"""

import select
import time
from dataclasses import dataclass, field
from typing import Final, Self

from psycopg import OperationalError, pq
from psycopg.conninfo import make_conninfo
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, PollingStatus, abc

Row = tuple[str | None, ...]

# Beside the deadlines, and for the server's side of them: what was given up on does not go on for long.
OPTIONS: Final[dict[str, str | int]] = {
    "sslmode": "disable",
    "gssencmode": "disable",
    "client_encoding": "UTF8",
    "tcp_user_timeout": 1000,
    "keepalives_idle": 1,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "options": "-c statement_timeout=1500 -c lock_timeout=1500",
}


class SessionLostError(Exception):
    """The server was not reached, or did not answer in time; what was asked may have happened or not."""


class StatementRefusedError(Exception):
    """The server answered with an error; ``sqlstate`` is its code."""

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in, to which database; ``writes`` asks libpq to refuse a server that takes no writes."""

    user: str
    password: str = field(repr=False)
    database: str
    name: str
    writes: bool = False


class Session:
    """One open session; for one thread at a time. Deadlines are by ``time.monotonic``."""

    def __init__(self, connection: abc.PGconn) -> None:
        self._connection = connection

    @classmethod
    def open(cls, login: Login, address: str, port: int, deadline: float) -> Self:
        """Log in at an address.

        Raises:
            SessionLostError: it was refused, or not done by the deadline.
        """
        told: dict[str, str | int] = {
            "hostaddr": address,
            "port": port,
            "user": login.user,
            "password": login.password,
            "dbname": login.database,
            "application_name": login.name,
            "target_session_attrs": "read-write" if login.writes else "any",
        }
        session = cls(pq.PGconn.connect_start(make_conninfo("", **(told | OPTIONS)).encode()))
        try:
            session._log_in(deadline)
        except BaseException:
            session.close()
            raise
        return session

    def rows(self, statement: str, *arguments: str, deadline: float) -> list[Row]:
        """Run one statement as a transaction of its own and return its rows as text, once it is committed.

        Raises:
            StatementRefusedError: the server refused the statement or its commit.
            SessionLostError: no answer by the deadline; the session is of no use any more.
        """
        try:
            self._connection.send_query_params(statement.encode(), [each.encode() for each in arguments])
            while self._connection.flush():
                self._wait(select.POLLIN | select.POLLOUT, deadline)
                self._connection.consume_input()
            results = []
            while (result := self._next(deadline)) is not None:
                results.append(result)
        except OperationalError as exc:
            raise SessionLostError(str(exc).strip()) from exc
        # All of them: an error at commit, from a deferred trigger, comes after the rows of the statement.
        return [row for result in results for row in _rows(result)]

    def row(self, statement: str, *arguments: str, deadline: float) -> Row:
        """Run a statement that returns exactly one row."""
        (row,) = self.rows(statement, *arguments, deadline=deadline)
        return row

    def silent(self) -> bool:
        """Whether nothing came while it was idle: what comes then is the news that the server has ended it."""
        try:
            poll = select.poll()
            poll.register(self._connection.socket, select.POLLIN)
            return not poll.poll(0)
        except OperationalError:
            return False

    def close(self) -> None:
        """End it; safe to repeat."""
        self._connection.finish()

    def _log_in(self, deadline: float) -> None:
        try:
            wanted = select.POLLOUT
            while self._connection.status != ConnStatus.BAD:
                self._wait(wanted, deadline)
                match self._connection.connect_poll():
                    case PollingStatus.OK:
                        self._connection.nonblocking = 1
                        return
                    case PollingStatus.READING:
                        wanted = select.POLLIN
                    case PollingStatus.WRITING:
                        wanted = select.POLLOUT
                    case _:
                        break
        except OperationalError as exc:
            raise SessionLostError(str(exc).strip()) from exc
        raise SessionLostError(_line(self._connection.get_error_message()))

    def _next(self, deadline: float) -> abc.PGresult | None:
        while self._connection.is_busy():
            self._wait(select.POLLIN, deadline)
            self._connection.consume_input()
        return self._connection.get_result()

    def _wait(self, events: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._connection.socket, events)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise SessionLostError("no answer in time")


def _rows(result: abc.PGresult) -> list[Row]:
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        sqlstate = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode()
        primary = (result.error_field(DiagnosticField.MESSAGE_PRIMARY) or b"").decode()
        if not sqlstate:
            raise SessionLostError(_line(result.get_error_message()))
        raise StatementRefusedError(sqlstate, primary)
    return [
        tuple(_text(result.get_value(row, column)) for column in range(result.nfields)) for row in range(result.ntuples)
    ]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _line(message: str) -> str:
    return " ".join(message.split())
