"""Serves an ASGI application at several loopback addresses, from one event loop in a thread of its own."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config

from twin.aws import connections
from twin.aws.errors import NotStartedError
from twin.aws.gate import Application

KEEP_ALIVE_SECONDS: Final = 75.0
START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 10.0
BACKLOG: Final = 512
THREADS: Final = 64


class Listeners:
    """An application's listeners between ``start`` and ``stop``."""

    def __init__(self, application: Application, places: Iterable[tuple[str, int]]) -> None:
        self._application = application
        self._places = tuple(places)
        self._sockets: list[socket.socket] = []
        self._loop = asyncio.new_event_loop()
        # Blocking work of many functions at once: the default of a machine with two cores is six threads.
        self._loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="twin-aws-worker"))
        self._thread = threading.Thread(target=self._run, name="twin-aws", daemon=True)
        self._stopping = asyncio.Event()
        self._serving = threading.Event()
        self._connections: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop on which the application runs."""
        return self._loop

    def start(self) -> None:
        """Open every address, or none.

        Raises:
            NotStartedError: an address cannot be opened, or the application does not start.
        """
        try:
            for place in self._places:
                self._sockets.append(_listening(place))
        except OSError as exc:
            host, port = self._places[len(self._sockets)]
            self._close_sockets()
            self._loop.close()
            raise NotStartedError(
                f"{host}:{port} cannot be opened ({exc.strerror}); stop what listens there (`ss -ltnp`), "
                "or give the twin another API port"
            ) from exc
        self._thread.start()
        self._serving.wait(START_SECONDS)
        if self._failure is not None or not self._serving.is_set():
            self.stop()
            raise NotStartedError("the emulated AWS did not start") from self._failure

    def stop(self) -> None:
        """Close every listener and connection, and end the thread; safe to repeat."""
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
                self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as exc:  # noqa: BLE001  (told to whoever waits in start)
            self._failure = exc
        finally:
            self._close_sockets()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
            self._serving.set()

    async def _serve(self) -> None:
        config = Config()
        config.keep_alive_timeout = KEEP_ALIVE_SECONDS
        config.include_server_header = False
        context = WorkerContext(None)
        application: Any = self._application
        wrapped = ASGIWrapper(application)

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
            connections.enter(writer.transport)
            # Ended by ``stop``: not an error of the connection.
            with contextlib.suppress(asyncio.CancelledError):
                await TCPServer(wrapped, self._loop, config, context, {}, reader, writer)

        servers = [await asyncio.start_server(connected, sock=sock, backlog=BACKLOG) for sock in self._sockets]
        self._serving.set()
        await self._stopping.wait()
        for server in servers:
            server.close()
        await context.terminated.set()
        for task in list(self._connections):
            task.cancel()
        await asyncio.wait(self._connections, timeout=STOP_SECONDS) if self._connections else None

    def _close_sockets(self) -> None:
        while self._sockets:
            self._sockets.pop().close()


def _listening(place: tuple[str, int]) -> socket.socket:
    # The protocol named: asyncio turns Nagle's algorithm off only then, and without that every answer is 40 ms late.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(place)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock
