"""What ``lifeboat-postgres rejoin`` does at a site, done to the twin's servers."""

import json
import socketserver
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from twin.network.addresses import OPERATOR
from twin.postgres import PostgresError, Server, Servers
from twin.postgres.following import follow

FAILED, BUSY, NOT_FOUND = 1, 75, 127
POLL_SECONDS: Final = 0.1

Find = Callable[[str, str], Server | None]
"""(site, database) → its server; ``None`` where there is none, or where the site is lost."""


class Rejoining:
    """Takes the command of every site's host at ``address``; a context.

    Args:
        servers: where the servers come from.
        find: finds a server of a site.
        site_of: (DNS name of a database's server) → its site.
    """

    def __init__(self, servers: Servers, find: Find, site_of: Callable[[str], str]) -> None:
        self._servers, self._find, self._site_of = servers, find, site_of
        self._locks: dict[tuple[str, str], threading.Lock] = {}
        rejoining = self

        class Hearing(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(json.dumps(rejoining.do(*json.loads(self.rfile.readline()))).encode() + b"\n")

        self._server = socketserver.ThreadingTCPServer((OPERATOR, 0), Hearing)
        self._server.daemon_threads = True
        self.address = f"{OPERATOR}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="site-hosts", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2.0)

    def do(self, site: str, *command: str) -> tuple[int, str]:
        """Do one command; returns its exit code and what it says."""
        match command:
            case ["rejoin", database, address, _port]:
                pass
            case _:
                return NOT_FOUND, f"lifeboat-postgres {' '.join(command)}: the twin knows rejoin only"
        server, source = self._find(site, database), self._find(self._site_of(address), database)
        if server is None or source is None:
            return FAILED, f"{address} does not answer"
        lock = self._locks.setdefault((site, database), threading.Lock())
        if not lock.acquire(blocking=False):
            return BUSY, "another one is at work"
        try:
            return 0, follow(self._servers, server, source)
        except PostgresError as exc:
            return FAILED, str(exc)
        finally:
            lock.release()
