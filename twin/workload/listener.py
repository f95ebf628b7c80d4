"""HTTPS in threads: TLS 1.2 and up, connections kept for a while, no request served by the thread that accepts."""

import json
import logging
import socket
import ssl
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from twin.workload.product import Answer, Product

IDLE_SECONDS: Final = 5.0
LARGEST_BODY: Final = 65_536
BACKLOG: Final = 128

LOG: Final = logging.getLogger(__name__)


class Listener(ThreadingHTTPServer):
    """Serves a product at an address, each answer by the seconds of ``delay`` later; ``OSError``: the port is taken."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = BACKLOG

    def __init__(
        self, address: tuple[str, int], certificate: str, key: str, product: Product, delay: Callable[[], float]
    ) -> None:
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._tls.load_cert_chain(certificate, key)
        self.product, self.delay = product, delay
        super().__init__(address, Requests)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; its handshake is done by the thread that serves it."""
        accepted, client = self.socket.accept()
        return self._tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False), client

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Note what ended a connection: clients that go away are no news, faults of ours are."""
        del request
        fault = sys.exception()
        expected = isinstance(fault, OSError)
        LOG.log(logging.DEBUG if expected else logging.ERROR, "%s: %s", client_address, fault, exc_info=not expected)


class Requests(BaseHTTPRequestHandler):
    """One connection."""

    server: Listener
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Health, and reading."""
        product, asked = self.server.product, urlsplit(self.path)
        match asked.path:
            case "/health/live":
                self._answer(product.live())
            case "/health/deep":
                self._answer(product.deep())
            case "/rows":
                client = parse_qs(asked.query).get("client", [""])[0]
                self._serve(lambda: product.read(client))
            case _:
                self._unknown()

    def do_POST(self) -> None:
        """Writing."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            reason = f"Content-Length: {length or 'missing'}; it must say how long the body is, up to {LARGEST_BODY}"
            self._answer((HTTPStatus.BAD_REQUEST, {"region": self.server.product.region, "reason": reason}))
            return
        body = self.rfile.read(int(length))
        if urlsplit(self.path).path != "/rows":
            self._unknown()
            return
        try:
            request = json.loads(body)
        except ValueError:
            request = body.decode(errors="replace")
        self._serve(lambda: self.server.product.write(request))

    def _serve(self, asked: Callable[[], Answer]) -> None:
        """Answer what the product is there for, and count how that went."""
        began = time.monotonic()
        try:
            answer = asked()
        except Exception as exc:
            LOG.exception("%s %s", self.command, self.path)
            reason = f"{type(exc).__name__}: {exc}"
            answer = HTTPStatus.INTERNAL_SERVER_ERROR, {"region": self.server.product.region, "reason": reason}
        self._answer(answer)
        self.server.product.served(answer, time.monotonic() - began)

    def _unknown(self) -> None:
        reason = f"{self.command} {self.path}: no such resource; there are /rows, /health/live and /health/deep"
        self._answer((HTTPStatus.NOT_FOUND, {"region": self.server.product.region, "reason": reason}))

    def _answer(self, answer: Answer) -> None:
        # An application that is slow works on what its client has long given up on.
        time.sleep(self.server.delay())
        status, told = answer
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each request: clients number many."""
        del format, args
