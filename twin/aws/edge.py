"""What of AWS the public reaches over HTTPS: each region's API Gateway, and its neutral endpoint to ping.

One thread accepts for all of them; each connection has a thread of its own for its one request.
"""

import contextlib
import http.client
import selectors
import socket
import ssl
import struct
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from twin.aws.errors import NotEmulatedError, NotStartedError
from twin.aws.http_apis import ApiAnswer, HttpApis
from twin.aws.outages import Failure, Outages
from twin.aws.threads import Threads
from twin.network.addresses import AddressPlan

IDLE_SECONDS: Final = 10.0
BACKLOG: Final = 128
_RESET: Final = struct.pack("ii", 1, 0)
Answers = Callable[["_Handler"], ApiAnswer]


class Edge:
    """The HTTPS listeners of all regions, between ``start`` and ``stop``; also a context.

    A lost region hangs or resets whoever connects, as its outage says; cuts between regions are the matter
    of who connects.

    Args:
        plan: where API Gateway and the neutral endpoint of each region are, and the HTTPS port.
        apis: what answers behind API Gateway's names.
        certificate, key: PEM files for all names (``twin.network.CertificateAuthority``).
    """

    def __init__(self, plan: AddressPlan, apis: HttpApis, outages: Outages, *, certificate: Path, key: Path) -> None:
        self._plan = plan
        self._apis = apis
        self._outages = outages
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._tls.load_cert_chain(certificate, key)
        self._threads = Threads()
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen everywhere, or nowhere.

        Raises:
            NotStartedError: an address cannot be opened.
        """
        self._selector.register(self._woken, selectors.EVENT_READ)
        for region in self._plan.regions:
            self._listen(self._plan.api_gateway(region), region, self._api)
            self._listen(self._plan.neutral(region), region, _ping(region))
        self._threads.start("twin-edge", self._accept)

    def stop(self) -> None:
        """Close every listener and connection; safe to repeat."""
        with contextlib.suppress(OSError):
            self._wake.send(b"\0")
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                # Not TLS's own farewell, which another thread may be in the middle of.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        self._threads.close()
        for entry in list(self._selector.get_map().values()) if self._selector.get_map() else []:
            entry.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()
        self._wake.close()
        self._woken.close()

    def _listen(self, address: str, region: str, answers: Answers) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, self._plan.ports.https))
            listener.listen(BACKLOG)
        except OSError as exc:
            listener.close()
            self.stop()
            raise NotStartedError(
                f"{address}:{self._plan.ports.https} cannot be opened ({exc.strerror}); stop what listens there "
                "(`ss -ltnp`), or give the twin another HTTPS port"
            ) from exc
        self._selector.register(listener, selectors.EVENT_READ, (region, answers))

    def _accept(self) -> None:
        while not self._threads.stopping:
            for entry, _ in self._selector.select():
                if entry.data is None:
                    return
                with contextlib.suppress(OSError):
                    connection, peer = entry.fileobj.accept()  # type: ignore[union-attr]
                    self._open.add(connection)
                    self._threads.start("twin-edge-request", self._serve, connection, peer, *entry.data)

    def _serve(self, connection: socket.socket, peer: Any, region: str, answers: Answers) -> None:
        try:
            with connection:
                connection.settimeout(IDLE_SECONDS)
                failure = self._outages.region_failure(region)
                if failure is Failure.HANG:
                    self._hold(connection, region)
                if failure is not None:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    return
                self._talk(connection, peer, lambda handler: self._guarded(region, answers, handler))
        finally:
            self._open.discard(connection)

    def _talk(self, connection: socket.socket, peer: Any, answers: Answers) -> None:
        secured = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._open.add(secured)
        try:
            with contextlib.suppress(OSError), secured:
                secured.do_handshake()
                _Handler(secured, peer, answers)
        finally:
            self._open.discard(secured)

    def _hold(self, connection: socket.socket, region: str) -> None:
        """Answer nothing until the region is back or the client has gone."""
        connection.settimeout(0)

        def over() -> bool:
            try:
                gone = connection.recv(1 << 16) == b""
            except BlockingIOError:
                gone = False
            except OSError:
                gone = True
            return gone or not self._outages.is_down(region)

        self._threads.wait_until(over)

    def _guarded(self, region: str, answers: Answers, handler: "_Handler") -> ApiAnswer:
        answer = answers(handler)
        if self._outages.is_down(region):
            # Lost while it answered.
            raise ConnectionResetError
        return answer

    def _api(self, handler: "_Handler") -> ApiAnswer:
        host = handler.headers.get("host", "").partition(":")[0].lower()
        length = int(handler.headers.get("content-length") or 0)
        try:
            return self._apis.invoke(
                host,
                handler.path,
                method=handler.command,
                headers=dict(handler.headers.items()),
                body=handler.rfile.read(length) if length else b"",
            )
        except NotEmulatedError:
            return _json(403, b'{"message":"Forbidden"}')
        except (OSError, http.client.HTTPException):
            return _json(503, b'{"message":"Service Unavailable"}')


def _ping(region: str) -> Answers:
    """Answer as DynamoDB's endpoint does to a GET: AWS's own way to ask whether it is there."""
    body = f"healthy: dynamodb.{region}.amazonaws.com ".encode()

    def answer(handler: "_Handler") -> ApiAnswer:
        if handler.path.partition("?")[0] in ("/", "/ping"):
            return ApiAnswer(200, {"content-type": "text/plain"}, body)
        return ApiAnswer(404, {"content-type": "text/plain"}, b"")

    return answer


def _json(status: int, body: bytes) -> ApiAnswer:
    return ApiAnswer(status, {"content-type": "application/json"}, body)


class _Handler(BaseHTTPRequestHandler):
    """Reads one request and writes one answer."""

    timeout = IDLE_SECONDS

    def __init__(self, connection: Any, peer: Any, answers: Answers) -> None:
        self._answers = answers
        super().__init__(connection, peer, self)  # type: ignore[arg-type]

    def _answer(self) -> None:
        answer = self._answers(self)
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the standard handler writes to the terminal."""
