"""CloudFront's edges: one address that no region's loss reaches, where functions answer for their distributions.

A function's code is run by node, as CloudFront runs it, once for each kind of answer that is asked for.
"""

import json
import ssl
import subprocess
import sys
import threading
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ministack.core.responses import request_scope
from ministack.services import cloudfront

from twin.network.addresses import HOME

NODE: Final = Path(sys.executable).parent / "node"
RUN_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 5.0


class Edges:
    """The HTTPS listener of all edges, between ``start`` and ``stop``; also a context."""

    def __init__(self, address: tuple[str, int], account: str, *, certificate: Path, key: Path) -> None:
        self._address, self._account, self._certificate, self._key = address, account, certificate, key

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; ``OSError`` when the address is taken."""
        self._server = _Listener(self._address, _Viewer)
        self._server.account = self._account
        self._server.daemon_threads = True
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_cert_chain(self._certificate, self._key)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, name="twin-edges", daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Listener(ThreadingHTTPServer):
    """Knows whose distributions it answers for: MiniStack keeps each account's apart."""

    account = ""


class _Viewer(BaseHTTPRequestHandler):
    """One request of a viewer."""

    server: _Listener

    timeout = IDLE_SECONDS

    def answer(self) -> None:
        """Answer as the function of the distribution does that has this name."""
        host = self.headers.get("host", "").partition(":")[0].lower()
        self.rfile.read(int(self.headers.get("content-length") or 0))
        with request_scope(self.server.account, HOME):
            code = _code(host)
        if code is None:
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        told = _ran(code, self.command, self.headers.get("accept", ""))
        body = str(told.get("body", "")).encode()
        self.send_response(int(told["statusCode"]))
        for name, value in told.get("headers", {}).items():
            self.send_header(name, value["value"])
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: viewers number many."""
        del format, arguments


def _code(host: str) -> str | None:
    """Return the code of the function that answers for a name, if a distribution has it."""
    for each in cloudfront._distributions.values():
        if f">{host}<" in each["config_xml"]:
            for function in cloudfront._functions.values():
                if function["arn"] in each["config_xml"]:
                    code = function["code"]
                    return code.decode() if isinstance(code, bytes) else str(code)
    return None


@cache
def _ran(code: str, method: str, accept: str) -> dict[str, Any]:
    event = {"request": {"method": method, "headers": {"accept": {"value": accept}} if accept else {}}}
    script = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"
    done = subprocess.run([str(NODE), "-e", script], capture_output=True, text=True, timeout=RUN_SECONDS, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told
