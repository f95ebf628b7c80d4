"""A gateway in a process of its own, between a region's real server and real requests, on loopback."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from edge_gateway.settings import Settings
from manifests.edge import settings_of
from tests.products import EU, quickstart
from topology_document.infrastructure.edge import CitySection, EdgeSection

ROOT = Path(__file__).resolve().parents[2]
IN_TIME_SECONDS = 20.0


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


class Region:
    """An HTTP server that can be killed and started again at its address; it remembers the writes that it took."""

    def __init__(self) -> None:
        self.port = free_port()
        self.done: list[str] = []
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        done = self.done

        class Serving(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._tell(200, b"places")

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers["Idempotency-Key"] not in done:
                    done.append(self.headers["Idempotency-Key"])
                self._tell(201, b"made")

            def _tell(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Serving)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class Node:
    """The gateway's process, which may be killed as a power cut does it."""

    def __init__(self, region: Region, store: Path) -> None:
        edge = EdgeSection(cities={"bremen": CitySection(region=EU)}, fresh_seconds=0, retry_seconds=1)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        told = settings_of(quickstart(), edge, "bremen") | {
            "EDGE_UPSTREAM": f"http://127.0.0.1:{region.port}",
            "EDGE_PORT": str(self.port),
            "EDGE_STORE": str(store),
        }
        self._environment = {**os.environ, **told, "PYTHONPATH": str(ROOT)}

    def start(self) -> None:
        command = [sys.executable, "-m", "edge_gateway"]
        self._process = subprocess.Popen(command, env=self._environment, cwd=ROOT)
        until(lambda: self.ask("GET", "/edge/alive")[0] == 200)

    def kill(self, how: int = signal.SIGKILL) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return int(self._process.wait(timeout=10))

    def ask(self, method: str, path: str, key: str | None = None) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"Idempotency-Key": key} if key else {}
            connection.request(method, path, b"{}" if method == "POST" else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        except OSError:
            return 0, b"", {}
        finally:
            connection.close()

    def status(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.ask("GET", "/edge/status")[1])
        return told


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + IN_TIME_SECONDS
    while not true():
        assert time.monotonic() < end, "it did not become true in time"
        time.sleep(0.05)


@pytest.fixture
def region() -> Iterator[Region]:
    region = Region()
    region.start()
    yield region
    region.stop()


@pytest.fixture
def node(region: Region, tmp_path: Path) -> Iterator[Node]:
    node = Node(region, tmp_path / "edge.sqlite")
    node.start()
    yield node
    node.kill(signal.SIGTERM)


def test_a_cut_off_node_goes_on_alone_dies_and_drains_in_order_afterwards(region: Region, node: Node) -> None:
    assert node.ask("GET", "/places")[0] == 200
    assert node.ask("POST", "/telemetry", "before")[0] == 201
    region.stop()

    status, body, headers = node.ask("GET", "/places")
    assert (status, body, headers["X-Edge"]) == (200, b"places", "stale")
    keys = [f"cut-off-{number}" for number in range(20)]
    assert {node.ask("POST", "/telemetry", key)[0] for key in keys} == {202}
    assert node.status()["cut_off"] is True

    assert node.kill() == -signal.SIGKILL
    node.start()
    assert node.status()["waiting"] == 20
    assert node.ask("GET", "/places")[2]["X-Edge"] == "stale"

    region.start()
    until(lambda: node.status()["waiting"] == 0)
    assert region.done == ["before", *keys]
    assert node.ask("GET", f"/edge/writes/{keys[3]}")[:2] == (201, b"made")
    assert node.status()["cut_off"] is False


def test_it_ends_when_it_is_told_to(region: Region, tmp_path: Path) -> None:
    node = Node(region, tmp_path / "other.sqlite")
    node.start()
    assert node.kill(signal.SIGTERM) == 0


def test_a_body_that_is_too_large_is_refused(node: Node) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
    connection.putrequest("POST", "/telemetry")
    connection.putheader("Content-Length", str(2**30))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_the_manifest_says_everything_that_a_gateway_needs() -> None:
    edge = EdgeSection(
        cities={"bremen": CitySection(region=EU)}, fresh_seconds=7, stale_seconds=8, retry_seconds=9,
        timeout_seconds=4, most_queued=11, disk_gib=2,
    )  # fmt: skip
    told = Settings.of(settings_of(quickstart(), edge, "bremen"))
    assert (told.city, told.upstream) == ("bremen", "https://app.quickstart.example")
    numbers = (told.fresh_seconds, told.stale_seconds, told.retry_seconds, told.timeout_seconds, told.most_queued)
    assert numbers == (7, 8, 9, 4, 11)
    assert told.most_cached_bytes == 2**30
