"""A short session with one server: bounded in time, its errors in our words."""

import ssl
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from failover.errors import (
    DatabaseUnreachableError,
    EpochRefusedError,
    FatalError,
    GateRefusedError,
    LifeboatError,
)

NOT_INSTALLED = ("3F000", "42P01", "42883")
"""No such schema, table or function."""

LOGIN_REFUSED = "28P01"

PASSING = ("08", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE that say nothing about the request: connection, rollback, resources, locks and busy
objects, operator intervention (also time limits, starting up, shutting down), the system around the server.
Source: PostgreSQL's documentation, appendix A."""


class Keyring:
    """The passwords that may be right: one is, before, while and after it is changed, here and where a replica lags.

    They are kept, since whoever knows them may be out of reach when they are needed, and read again when none of
    them is let in.
    """

    def __init__(self, read: Callable[[], Sequence[str]]) -> None:
        self._read, self._known = read, tuple(read())

    def passwords(self) -> Iterator[str]:
        """Give those that are known, and when all were refused, those that are new by now."""
        known = self._known
        yield from known
        self._known = tuple(self._read())
        yield from (each for each in self._known if each not in known)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is and who logs in. ``tls`` None speaks plain text, as on a loopback address only.

    With a ``keyring`` the password is one of those on it.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    tls: ssl.SSLContext | None = None
    keyring: Keyring | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.database} at {self.host}:{self.port}"


class Session:
    """One connection; every statement is a transaction of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, **arguments: object) -> list[list[Any]]:
        """Run one statement with ``:name`` arguments; without any it may be several, in one transaction."""
        return self._connection.run(statement, **arguments) or []

    def row(self, statement: str, **arguments: object) -> list[Any]:
        """Run a statement that returns exactly one row."""
        (row,) = self.rows(statement, **arguments)
        return row


@contextmanager
def session(address: Address, timeout_seconds: float) -> Iterator[Session]:
    """Connect, and translate what goes wrong until the end of the block.

    Connecting, each statement and each lock have ``timeout_seconds``: the server gives up by itself, and the
    socket a moment later in case that the server is gone.

    Raises:
        DatabaseUnreachableError: no answer in time, or one that may be another the next time.
        EpochRefusedError, GateRefusedError: the gate says no.
        FatalError: the server refuses the login or the privilege.
    """
    try:
        with _connected(address, timeout_seconds) as connection:
            yield Session(connection)
    except DatabaseError as exc:
        raise _translated(exc, address) from exc
    except (InterfaceError, OSError, struct.error) as exc:
        reason = exc.__cause__ or exc
        raise DatabaseUnreachableError(f"{address}: {reason} (time limit {timeout_seconds} s)") from exc


def _connected(address: Address, timeout_seconds: float) -> Connection:
    milliseconds = str(round(timeout_seconds * 1000))

    def logged_in(password: str) -> Connection:
        return Connection(
            address.user,
            host=address.host,
            port=address.port,
            database=address.database,
            password=password,
            ssl_context=address.tls or False,
            timeout=timeout_seconds + 0.5,
            application_name="lifeboat",
            startup_params={
                "statement_timeout": milliseconds,
                "lock_timeout": milliseconds,
                "default_transaction_isolation": "read committed",
                # A server that was set to read only for everybody can still be fenced.
                "default_transaction_read_only": "off",
            },
        )

    if address.keyring is None:
        return logged_in(address.password)
    refused: DatabaseError | None = None
    for password in address.keyring.passwords():
        try:
            return logged_in(password)
        except DatabaseError as exc:
            if _told(exc).get("C") != LOGIN_REFUSED:
                raise
            refused = exc
    raise refused or FatalError(f"{address}: there is no password to log in with")


def _told(error: DatabaseError) -> dict[str, str]:
    return error.args[0] if error.args and isinstance(error.args[0], dict) else {}


def _translated(error: DatabaseError, address: Address) -> LifeboatError:
    told = _told(error)
    code, message = told.get("C", ""), f"{address}: {told.get('M', error)}"
    if code == "LB002":
        return EpochRefusedError(message)
    if code == "LB003":
        return GateRefusedError(message)
    if code == "25006":
        return GateRefusedError(f"{message}; it is a replica, or set to read only")
    if code in NOT_INSTALLED:
        return GateRefusedError(f"{message}; the gate is not installed here: run `lifeboat gate install`")
    if code[:2] in PASSING:
        return DatabaseUnreachableError(f"{message} ({code})")
    return FatalError(f"{message} ({code}); user {address.user} needs the login and the rights of docs/gate.md")
