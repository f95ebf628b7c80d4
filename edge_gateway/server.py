"""The gateway as devices and people nearby reach it, over HTTP."""

import json
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from edge_gateway.gateway import Gateway
from edge_gateway.messages import KEY, Answer, Write

OWN = "/edge/"
MOST_BODY_BYTES = 4 * 2**20


class Server(ThreadingHTTPServer):
    """Listens for as long as it is not shut down."""

    daemon_threads = True

    def __init__(self, port: int, gateway: Gateway) -> None:
        super().__init__(("", port), Requests)
        self.gateway = gateway


class Requests(BaseHTTPRequestHandler):
    """One request after another of one connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """Answer a read, or a question about the gateway itself."""
        if self.path.startswith(OWN):
            self._tell(self._own())
        else:
            self._tell(self.server.gateway.read(self.path, dict(self.headers.items())))

    def do_POST(self) -> None:
        """Take a write."""
        length = self.headers.get("Content-Length", "0" if self.command == "DELETE" else "")
        if not length.isdigit():
            self.close_connection = True
            self._tell(Answer(411))
            return
        if int(length) > MOST_BODY_BYTES:
            self.close_connection = True
            self._tell(Answer(413))
            return
        write = Write(
            key=self.headers.get(KEY) or str(uuid.uuid4()),
            method=self.command,
            path=self.path,
            body=self.rfile.read(int(length)),
            content_type=self.headers.get("Content-Type", "application/octet-stream"),
        )
        self._tell(self.server.gateway.write(write))

    do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Keep silent: what passes here is other people's."""

    def _own(self) -> Answer:
        what = self.path.removeprefix(OWN)
        if what == "alive":
            return Answer(200, b"alive")
        if what == "status":
            return Answer(200, json.dumps(self.server.gateway.status()).encode(), {"Content-Type": "application/json"})
        if what.startswith("writes/"):
            try:
                return self.server.gateway.told(what.removeprefix("writes/"))
            except KeyError:
                return Answer(404)
        return Answer(404)

    def _tell(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
