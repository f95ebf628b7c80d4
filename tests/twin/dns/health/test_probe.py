"""One probe against real sockets; the limits are shortened, what happens at them is not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from twin.dns.answers import Answers, Sources
from twin.dns.health import probe as module
from twin.dns.health.configuration import HealthCheck
from twin.dns.health.probe import Network, Verdict, probe
from twin.dns.records import RecordSet, Zone
from twin.dns.server import DnsServer
from twin.network import CertificateAuthority, Cut

ADDRESS, CHECKER, HOST = "127.0.1.2", "127.0.250.1", "lever.q.example"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nevacuated"


class Endpoint:
    """Answers one connection after another as a function says; remembers peers and requests."""

    def __init__(self, behave: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server((ADDRESS, 0))
        self.port = int(self._listener.getsockname()[1])
        self._behave, self._tls = behave, tls
        self.peers: list[str] = []
        self.requests: list[bytes] = []
        self.versions: list[str | None] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, peer = self._listener.accept()
            except OSError:
                return
            self.peers.append(peer[0])
            try:
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                    self.versions.append(connection.version())
                connection.settimeout(2)
                self.requests.append(connection.recv(4096))
                self._behave(connection)
            except OSError:
                pass
            finally:
                connection.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


def sends(*chunks: bytes, pause: float = 0) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        for chunk in chunks:
            connection.sendall(chunk)
            time.sleep(pause)

    return behave


@pytest.fixture
def serve() -> Iterator[Callable[..., Endpoint]]:
    endpoints: list[Endpoint] = []

    def make(behave: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Endpoint:
        endpoints.append(Endpoint(behave, tls))
        return endpoints[-1]

    yield make
    for endpoint in endpoints:
        endpoint.close()


@pytest.fixture(scope="module")
def dns_address() -> Iterator[tuple[str, int]]:
    zone = Zone.of("Z", "q.example", [RecordSet(f"{HOST}.", "A", 5, (ADDRESS,))])
    answers = Answers(Sources(lambda: [zone], lambda _: True))
    with DnsServer(("127.0.0.1", 0), answers, lambda _: "us-east-1") as server:
        yield server.address


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TCP_CONNECT_SECONDS", "HTTP_CONNECT_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(module, name, 0.3)


def run(
    endpoint: Endpoint | int, dns: tuple[str, int] = ("127.0.0.1", 1), cut: Cut | None = None, **config: object
) -> Verdict:
    port = endpoint if isinstance(endpoint, int) else endpoint.port
    network = Network(dns, lambda public: port if public in (80, 443) else public, lambda _here, _there: cut)
    document = {"Type": "HTTP", "IPAddress": ADDRESS, **config}
    return asyncio.run(probe("hc-1", HealthCheck.parse(document), CHECKER, network))


def test_it_asks_as_route_53_does(serve: Callable[..., Endpoint], dns_address: tuple[str, int]) -> None:
    endpoint = serve(sends(OK))
    verdict = run(endpoint, dns_address, IPAddress="", FullyQualifiedDomainName=HOST, ResourcePath="/levers/eu?x=1")
    assert verdict == Verdict(passed=True, reason="Success: HTTP Status Code 200, OK")
    assert endpoint.peers == [CHECKER]
    head = endpoint.requests[0].split(b"\r\n")
    assert head[0] == b"GET /levers/eu?x=1 HTTP/1.1"
    assert b"Host: lever.q.example" in head
    assert any(line.startswith(b"User-Agent: Amazon-Route53-Health-Check-Service (ref hc-1;") for line in head)


@pytest.mark.parametrize(
    ("status", "passed"),
    [("200 OK", True), ("301 Moved", True), ("399 X", True), ("404 No", False), ("503 Down", False)],
)
def test_a_status_of_two_or_three_hundred_passes(serve: Callable[..., Endpoint], status: str, passed: bool) -> None:
    endpoint = serve(sends(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()))
    assert run(endpoint).passed is passed


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nevacu\r\n4\r\nated\r\n0\r\n\r\n"


def body_of(before: int) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (before + 9) + b"x" * before + b"evacuated"


@pytest.mark.parametrize(
    ("answer", "passed"),
    [
        (OK, True),
        (CHUNKED, True),
        (b"HTTP/1.1 200 OK\r\n\r\nnot evacuated", True),
        (body_of(5120 - 9), True),
        (body_of(5120 - 8), False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nserving", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nEVACUATED", False),
        (b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nevacuated", False),
    ],
)
def test_the_string_is_looked_for_in_the_first_5120_bytes(
    serve: Callable[..., Endpoint], answer: bytes, passed: bool
) -> None:
    assert run(serve(sends(answer)), Type="HTTP_STR_MATCH", SearchString="evacuated").passed is passed


def test_an_endpoint_that_keeps_the_connection_open_is_not_waited_for(serve: Callable[..., Endpoint]) -> None:
    endpoint = serve(sends(OK, pause=0.6))
    began = time.monotonic()
    assert run(endpoint, Type="HTTP_STR_MATCH", SearchString="evacuated").passed
    assert time.monotonic() - began < 0.3


@pytest.mark.parametrize(
    "behave",
    [
        sends(b"", pause=0.5),
        sends(OK[:20], b"", pause=0.5),
        sends(b"not http at all\r\n\r\n"),
        sends(),
    ],
    ids=["silent", "half an answer", "not HTTP", "hangs up"],
)
def test_what_is_no_answer_in_time_fails(
    serve: Callable[..., Endpoint], behave: Callable[[socket.socket], None]
) -> None:
    verdict = run(serve(behave))
    assert not verdict.passed
    assert verdict.reason.startswith("Failure: ")


def test_a_body_that_is_late_fails_a_string_match(serve: Callable[..., Endpoint]) -> None:
    endpoint = serve(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"evac", b"uated", pause=0.25))
    assert run(endpoint, Type="HTTP_STR_MATCH", SearchString="evacuated").reason == "Failure: no answer in time"


def test_nobody_listening_fails_and_tcp_wants_no_more_than_a_connection(serve: Callable[..., Endpoint]) -> None:
    assert not run(1).passed
    endpoint = serve(sends())
    assert run(endpoint, Type="TCP", Port=80) == Verdict(passed=True, reason="Success: TCP connection established")


@pytest.mark.parametrize(
    ("cut", "reason"), [(Cut.DROPPED, "connection timed out"), (Cut.REFUSED, "connection refused")]
)
def test_a_cut_is_felt(serve: Callable[..., Endpoint], cut: Cut, reason: str) -> None:
    endpoint = serve(sends(OK))
    assert run(endpoint, cut=cut) == Verdict(passed=False, reason=f"Failure: {reason}")
    assert endpoint.peers == []


def test_a_name_that_is_not_there_fails(dns_address: tuple[str, int]) -> None:
    verdict = run(1, dns_address, IPAddress="", FullyQualifiedDomainName="gone.q.example")
    assert verdict.reason == "Failure: DNS resolution failed: NXDOMAIN"


def tls_server(folder: Path, oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    files = CertificateAuthority(folder).issue("server", ["another.name.example"])
    context.load_cert_chain(files.certificate, files.key)
    context.minimum_version = oldest
    return context


def test_certificates_are_not_verified_and_tls_goes_up_to_1_2(serve: Callable[..., Endpoint], tmp_path: Path) -> None:
    endpoint = serve(sends(OK), tls_server(tmp_path))
    assert run(endpoint, Type="HTTPS_STR_MATCH", SearchString="evacuated").passed
    assert endpoint.versions == ["TLSv1.2"]


def test_a_listener_with_tls_1_3_alone_fails(serve: Callable[..., Endpoint], tmp_path: Path) -> None:
    assert not run(serve(sends(OK), tls_server(tmp_path, ssl.TLSVersion.TLSv1_3)), Type="HTTPS").passed


@pytest.mark.parametrize(("enabled", "sent"), [(True, HOST), (False, None)])
def test_the_name_is_sent_when_sni_is_enabled(
    serve: Callable[..., Endpoint], tmp_path: Path, enabled: bool, sent: str | None
) -> None:
    names: list[str | None] = []
    context = tls_server(tmp_path)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    assert run(serve(sends(OK), context), Type="HTTPS", FullyQualifiedDomainName=HOST, EnableSNI=enabled).passed
    assert names == [sent]


def test_a_handshake_that_ends_as_its_time_does_leaves_nothing_in_the_way_of_the_next_probe(
    serve: Callable[..., Endpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine that stands still: asyncio is told of both at once, and its transport lives for 30 s more."""
    endpoint = serve(sends())
    network = Network(("127.0.0.1", 1), lambda _public: endpoint.port, lambda _here, _there: None)
    check = HealthCheck.parse({"Type": "HTTPS", "IPAddress": ADDRESS})

    async def too_late(sock: socket.socket, **_tls: object) -> None:
        await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=sock)
        raise TimeoutError

    async def twice() -> list[Verdict]:
        return [await probe("hc-1", check, CHECKER, network) for _ in range(2)]

    monkeypatch.setattr(asyncio, "open_connection", too_late)
    assert asyncio.run(twice()) == [Verdict(passed=False, reason="Failure: no answer in time")] * 2
