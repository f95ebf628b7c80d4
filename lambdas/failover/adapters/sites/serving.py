"""The agent of a site: the desk of its copies behind TLS, for the control plane's certificate and no other."""

import json
import logging
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from failover.errors import RequestInvalidError
from failover.plain import as_plain
from failover.procedures.desk import DatabaseDesk

logger = logging.getLogger(__name__)

LARGEST_BYTES: Final = 65536
SILENCE_SECONDS: Final = 10.0
"""How long somebody who has connected may take to say what is wanted."""

MOST_AT_ONCE: Final = 32


class AgentServer(ThreadingHTTPServer):
    """Answers POST with the desk's word. Who shows no certificate of the authority is not even spoken to."""

    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], desk: DatabaseDesk, *, certificate: Path, key: Path, authority: Path, asker: str
    ) -> None:
        self.desk, self.asker = desk, asker
        self.room = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._trust.minimum_version = ssl.TLSVersion.TLSv1_3
        self._trust.verify_mode = ssl.CERT_REQUIRED
        self._trust.load_verify_locations(authority)
        self._trust.load_cert_chain(certificate, key)
        super().__init__(address, _Request)

    def get_request(self) -> tuple[Any, Any]:
        """Shake hands in the request's own thread, so that one who is silent keeps nobody waiting."""
        plain, peer = super().get_request()
        plain.settimeout(SILENCE_SECONDS)
        return self._trust.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), peer


class _Request(BaseHTTPRequestHandler):
    server: AgentServer
    protocol_version = "HTTP/1.0"
    timeout = SILENCE_SECONDS

    def handle(self) -> None:
        if not self.server.room.acquire(blocking=False):
            return
        try:
            self.request.do_handshake()
            super().handle()
        except OSError as exc:  # a stranger, or somebody who went away
            logger.warning("%s: %s", self.client_address[0], exc)
        finally:
            self.server.room.release()

    def do_POST(self) -> None:
        if (who := _name_of(self.request.getpeercert())) != self.server.asker:
            # Another site has a certificate of the same authority, and no business here.
            self._say(403, _told(RequestInvalidError(f"{who} may not ask; {self.server.asker} may")))
            return
        try:
            answer = as_plain(self.server.desk.answer(self._asked()))
        except Exception as exc:
            logger.warning("%s", exc, exc_info=True)
            self._say(500, _told(exc))
            return
        self._say(200, answer)

    def _asked(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST_BYTES:
            raise RequestInvalidError(f"Content-Length: got {length!r}; at most {LARGEST_BYTES}")
        try:
            asked = json.loads(self.rfile.read(int(length)))
        except ValueError as exc:
            raise RequestInvalidError(f"no JSON: {exc}") from exc
        if not isinstance(asked, dict):
            raise RequestInvalidError(f"got a {type(asked).__name__}; an object with do and database")
        return asked

    def _say(self, status: int, document: Any) -> None:
        told = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: Any) -> None:
        logger.info(format, *args)


def _name_of(certificate: dict[str, Any] | None) -> str:
    subject = (certificate or {}).get("subject", ())
    return next((value for part in subject for key, value in part if key == "commonName"), "nobody")


def _told(exc: Exception) -> dict[str, str]:
    return {"errorType": type(exc).__name__, "errorMessage": str(exc)}
