"""A server that lives and is in trouble: it stands still again and again, takes no writes, or has a full disk."""

import contextlib
import os
import resource
import signal
import threading
import time
from collections.abc import Callable
from typing import Final

import psutil

from twin.network.slowness import Slowness
from twin.postgres.account import Account
from twin.postgres.errors import PostgresError
from twin.postgres.server import Server

WORKS_SECONDS: Final = 0.05
"""How long a slow server works between two times of standing still."""
LEAST_SECONDS: Final = 0.02


class SlowServer:
    """A server whose processes all stand still (SIGSTOP), work for 50 ms, and stand still again.

    An answer so comes later by up to the delay, and replication with it. The server is killed as it is.
    """

    def __init__(self, server: Server, seconds: float, grows: float = 0.0) -> None:
        self._server = server
        self._slowness = Slowness(seconds, time.monotonic(), grows)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"slow-{server.name}", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let it work on; safe to repeat."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(WORKS_SECONDS):
            seconds = self._slowness.at(time.monotonic())
            if seconds < LEAST_SECONDS:
                continue
            stopped = _processes(self._server)
            _signalled(stopped, signal.SIGSTOP)
            self._ending.wait(seconds)
            _signalled(stopped, signal.SIGCONT)


def take_no_writes(server: Server) -> None:
    """Make every new transaction of every session read-only, as a storage that has failed to be written does."""
    with server.connect() as session:
        session.execute("alter system set default_transaction_read_only = on")
        session.execute("select pg_reload_conf()")


def take_writes(server: Server) -> None:
    """Take ``take_no_writes`` back."""
    with server.connect() as session:
        session.execute("alter system reset default_transaction_read_only")
        session.execute("select pg_reload_conf()")


def fill_disk(server: Server) -> None:
    """Let no process of a server write any file from now on; it ends when it must write its log, and stays down.

    The limit of a process's file size (RLIMIT_FSIZE) does it, which takes no rights: the error is EFBIG where a
    full disk gives ENOSPC, and PostgreSQL does the same with both. A server that is started again has room.
    """

    processes = _processes(server)
    _as_owner(lambda: _limit(processes))


def _limit(processes: list[int]) -> None:
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))


def _as_owner(act: Callable[[], object]) -> None:
    """Do something as the user that servers run as: a process's limits are its own user's to change.

    Raises:
        PostgresError: it was not allowed.
    """
    account = Account.unprivileged()
    if not account.switches:
        act()
        return
    child = os.fork()  # for a few system calls, and no lock of another thread
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(account.gid, account.gid, account.gid)
            os.setresuid(account.uid, account.uid, account.uid)
            act()
        except BaseException:  # noqa: BLE001  (the child must never go on as its parent)
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        raise PostgresError(f"the limits of PostgreSQL's processes cannot be changed as its user (uid {account.uid})")


def _processes(server: Server) -> list[int]:
    """Return the ids of a server's processes, the main one first; none when it does not run."""
    # It may end, or be killed by another fault, at any moment.
    with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError, ValueError, IndexError):
        if server.running:
            main = psutil.Process(int((server.data / "postmaster.pid").read_text().splitlines()[0]))
            return [each.pid for each in (main, *main.children(recursive=True))]
    return []


def _signalled(processes: list[int], number: signal.Signals) -> None:
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
