"""One copy of a database: what it says of itself, and the changes of its gate."""

import time
from dataclasses import replace
from datetime import datetime

from failover.adapters.postgres.inspection import Inspection, inspect
from failover.adapters.postgres.installation import ApplicationRoles, install
from failover.adapters.postgres.logins import SHUT_OUT, give_login, logins_of
from failover.adapters.postgres.session import Address, Session, session
from failover.adapters.postgres.tail import Tail, begin_quietly
from failover.errors import DatabaseUnreachableError, FatalError
from failover.ports import CopyState
from failover.tails import TailPart, TailPoint

POLL_SECONDS = 0.02


class PostgresDatabase:
    """``ports.DatabaseCopy`` on one PostgreSQL server.

    Each call connects anew, so that nothing outlives a change of writer.
    Every call raises ``DatabaseUnreachableError`` when the server does not answer within ``timeout_seconds``,
    ``GateRefusedError`` when the gate is not installed, ``FatalError`` when the login or a privilege is
    refused. ``valid_until`` and ``clock`` are the server's own clock, in seconds since 1970.
    """

    keeps_tail = True
    """Whether a slot may stand on it; see ``Tail``."""

    def __init__(self, address: Address, roles: ApplicationRoles | None = None, timeout_seconds: float = 3.0) -> None:
        self._address = address
        self._roles = roles or ApplicationRoles()
        self._timeout_seconds = timeout_seconds
        self._tail = Tail(address)

    def install(self) -> CopyState:
        """Install the gate, closed, or bring it up to date, and set the application's passwords; safe to repeat.

        ``inspect().gate.ungated`` says afterwards which tables lack it.

        Raises:
            GateRefusedError: this is a replica, or the application's roles have rights of other roles.
            ValueError: a password that cannot be used.
        """
        with session(self._address, self._timeout_seconds) as open_session:
            install(open_session, self._roles)
            state = inspect(open_session).as_copy_state()
        self._begin_tail()
        return state

    def inspect(self) -> Inspection:
        """Return everything that the server says of itself."""
        with session(self._address, self._timeout_seconds) as open_session:
            return inspect(open_session)

    def describe(self) -> CopyState:
        """Return what other regions ask for."""
        return self.inspect().as_copy_state()

    def clock(self) -> datetime:
        """Return the server's clock; read it *before* asking the store, and count the lease from it."""
        with session(self._address, self._timeout_seconds) as open_session:
            told: datetime = open_session.row("SELECT clock_timestamp()")[0]
            return told

    def fence(self, epoch: int, within_seconds: float = 2.0) -> CopyState:
        """Shut the gate, end the application's sessions, and return only when both are read back.

        Each step is committed by itself: what was shut stays shut when a later step fails. After the return
        nothing that passed the gate can commit any more, and ``position`` covers all that ever did. Safe to
        repeat.

        Raises:
            EpochRefusedError: the gate knows a newer epoch.
            GateRefusedError: it is in recovery.
            DatabaseUnreachableError: not all of it could be read back in time; it counts as not fenced.
        """
        deadline = time.monotonic() + within_seconds
        with session(self._address, self._timeout_seconds) as open_session:
            open_session.rows("SELECT lifeboat.shut(:epoch)", epoch=epoch)
            open_session.rows(SHUT_OUT)
            _end_writers(open_session, deadline)
            state = inspect(open_session)
        gate = state.gate
        if gate is None or gate.epoch != epoch or not gate.fenced or state.app_login_allowed or state.app_sessions:
            raise DatabaseUnreachableError(f"{self._address}: the gate does not read back shut: {state}")
        return state.as_copy_state()

    def admit(self, epoch: int, valid_until: float) -> CopyState:
        """Open the gate on this server for an epoch, and let the application log in again.

        ``valid_until`` must count from a reading of ``clock`` that is older than the grant of the lease: an
        admission that is late by a lease then opens nothing.

        Raises:
            GateRefusedError: it is in recovery.
            EpochRefusedError: the gate knows a newer epoch, or another holder of this one.
        """
        self._begin_tail()  # before the gate opens: what it does not cover cannot be archived later
        with session(self._address, self._timeout_seconds) as open_session:
            open_session.rows(
                "SELECT lifeboat.admit(:epoch, to_timestamp(:valid_until))", epoch=epoch, valid_until=valid_until
            )
            return inspect(open_session).as_copy_state()

    def extend(self, epoch: int, valid_until: float) -> None:
        """Let the open gate stay open longer; never shorter, and never open one that is shut.

        Raises:
            GateRefusedError: it is fenced, in recovery, or this server was not admitted.
            EpochRefusedError: the gate holds another epoch.
        """
        with session(self._address, self._timeout_seconds) as open_session:
            open_session.rows(
                "SELECT lifeboat.extend(:epoch, to_timestamp(:valid_until))", epoch=epoch, valid_until=valid_until
            )

    def promote(self, within_seconds: int = 20) -> CopyState:
        """End this server's recovery and wait for it; nothing happens to one that is not in recovery.

        Raises:
            DatabaseUnreachableError: it is still in recovery after the time; it goes on, and may be asked again.
        """
        with session(self._address, within_seconds + self._timeout_seconds) as open_session:
            if open_session.row("SELECT pg_is_in_recovery()")[0]:
                (done,) = open_session.row("SELECT pg_promote(true, :seconds)", seconds=within_seconds)
                if not done:
                    raise DatabaseUnreachableError(f"{self._address} is still in recovery after {within_seconds} s")
            return inspect(open_session).as_copy_state()

    def give_login(self, user: str, password: str) -> CopyState:
        """Change a login's password here and log in with it; see ``logins.give_login``.

        Raises:
            GateRefusedError: this is not the writer, or its gate is shut.
            FatalError: the new login is not let in, or is not the role that it should be.
        """
        with session(self._address, self._timeout_seconds) as open_session:
            give_login(open_session, self._address.user, user, password)
        return self.try_login(user, password)

    def try_login(self, user: str, password: str) -> CopyState:
        """Log in, and return what the copy says of itself."""
        with session(
            replace(self._address, user=user, password=password, keyring=None), self._timeout_seconds
        ) as other:
            (acts_as,) = other.row("SELECT current_user")
            if user == self._address.user:
                return inspect(other).as_copy_state()
            if user not in logins_of(acts_as):
                raise FatalError(f"{self._address}: {user} logs in as {acts_as}")
        return self.describe()

    def keep_tail(self, followers: int) -> None:
        """Keep what not all of so many replicas have flushed readable; see ``Tail.keep``."""
        if self.keeps_tail:
            self._tail.keep(followers)

    def read_tail(self, position: int | None, at: TailPoint | None) -> TailPart:
        """Return what committed here after ``position``; see ``Tail.read``."""
        return self._tail.read(position, at)

    def _begin_tail(self) -> None:
        if self.keeps_tail:
            begin_quietly(self._tail)


def _end_writers(open_session: Session, deadline: float) -> None:
    """Wait until no session of the application is left, and until whoever wrote through the gate has ended.

    Every transaction that has passed the gate holds a lock on lifeboat.writing until it has ended; whoever
    takes it afterwards finds the gate shut. What takes it writes, and is flushed: a commit of theirs that did not wait
    for the disk is there with it, and counts in the position.
    """
    while (left := open_session.row("SELECT lifeboat.end_writers()")[0]) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    if left:
        raise DatabaseUnreachableError(f"{left} sessions of app_rw did not end; it counts as not fenced")
    milliseconds = max(1, round((deadline - time.monotonic()) * 1000))
    open_session.rows(
        f"BEGIN; SET LOCAL lock_timeout = {milliseconds}; SET LOCAL synchronous_commit = local; "
        f"LOCK TABLE lifeboat.writing IN SHARE MODE; {SHUT_OUT}; COMMIT"
    )
