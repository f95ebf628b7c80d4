"""One copy of the database as the service of a region reaches it: its name, the way there, its open sessions."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, Protocol

from twin.workload.session import Login, Session, SessionLostError

MOST_IDLE: Final = 4


class Ways(Protocol):
    """What ``Vantage`` tells of the network."""

    def dial(self, endpoint: str) -> tuple[str, int]:
        """Return where an endpoint leads now; ``OSError`` when nowhere."""

    def is_cut(self, address: str) -> bool:
        """Whether no packet would pass to an address now."""


class Copy:
    """Sessions of one login with one region's copy; safe to use from several threads."""

    def __init__(self, region: str, endpoint: str, login: Login, ways: Ways) -> None:
        self.region = region
        self._endpoint = endpoint
        self._login = login
        self._ways = ways
        self._lock = threading.Lock()
        self._idle: list[tuple[Session, str]] = []
        # The resolver has a patience of its own, which may be longer than the request's.
        self._dialling = ThreadPoolExecutor(max_workers=2, thread_name_prefix=f"dial-{region}")

    @contextmanager
    def session(self, deadline: float) -> Iterator[Session]:
        """Lend a session, an idle one or a new one; after any error in the block all idle ones are dropped.

        Raises:
            SessionLostError: the copy is not reached by the deadline, or takes no login.
        """
        session, address = self._take() or self._open(deadline)
        try:
            yield session
        except BaseException:
            session.close()
            self.drop()
            raise
        with self._lock:
            if len(self._idle) < MOST_IDLE:
                self._idle.append((session, address))
                return
        session.close()

    def drop(self) -> None:
        """Close every idle session."""
        with self._lock:
            dropped, self._idle = self._idle, []
        for session, _ in dropped:
            session.close()

    def close(self) -> None:
        """Close every idle session, for good."""
        self.drop()
        self._dialling.shutdown(wait=False, cancel_futures=True)

    def _take(self) -> tuple[Session, str] | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                session, address = self._idle.pop()
            if session.silent() and not self._ways.is_cut(address):
                return session, address
            session.close()

    def _open(self, deadline: float) -> tuple[Session, str]:
        dialling = self._dialling.submit(self._ways.dial, self._endpoint)
        try:
            address, port = dialling.result(max(0.0, deadline - time.monotonic()))
        except TimeoutError as exc:
            raise SessionLostError(f"{self._endpoint}: the twin's DNS gave no answer in time") from exc
        except OSError as exc:
            raise SessionLostError(str(exc)) from exc
        return Session.open(self._login, address, port, deadline), address
