"""One probe of an endpoint, with Route 53's limits.

TCP connects within 10 s, HTTP within 4 s; an answer of 2xx or 3xx is due 2 s after connecting, and what is
searched of its body (5,120 bytes) 2 s after that. Certificates are not verified; TLS is spoken up to 1.2.
Source: Route 53 Developer Guide, "How Route 53 determines whether a health check is healthy".
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Final

import dns.asyncquery
import dns.exception
import dns.message
import h11

from twin.dns.health.configuration import CheckType, HealthCheck
from twin.network.cuts import Cut

TCP_CONNECT_SECONDS: Final = 10.0
HTTP_CONNECT_SECONDS: Final = 4.0
ANSWER_SECONDS: Final = 2.0
DNS_SECONDS: Final = 2.0
SEARCHED_BYTES: Final = 5120
AGENT: Final = "Amazon-Route53-Health-Check-Service (ref {}; report http://amzn.to/1vsZADi)"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a probe passed, and Route 53's kind of reason."""

    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Network:
    """What a checker's connections go through: the DNS server, the twin's ports, and the cuts.

    ``mapped`` gives the twin's port for AWS's; ``between`` how a path between two addresses is cut, or ``None``.
    """

    dns: tuple[str, int]
    mapped: Callable[[int], int]
    between: Callable[[str, str], Cut | None]


class ProbeFailedError(Exception):
    """The endpoint did not pass; the text is the reason."""


async def probe(check_id: str, check: HealthCheck, source: str, network: Network) -> Verdict:
    """Probe an endpoint once, from a source address; never raises for what an endpoint may do."""
    try:
        address = check.address or await _resolve(check.host, source, network)
        connected = await _connect(check, source, address, network)
        if check.type is CheckType.TCP:
            connected.close()
            return Verdict(passed=True, reason="Success: TCP connection established")
        return Verdict(passed=True, reason=await _ask(check_id, check, connected))
    except ProbeFailedError as exc:
        return Verdict(passed=False, reason=f"Failure: {exc}")


async def _resolve(name: str, source: str, network: Network) -> str:
    query = dns.message.make_query(name, "A")
    host, port = network.dns
    try:
        answer = await dns.asyncquery.udp(query, host, DNS_SECONDS, port, source=source, ignore_unexpected=True)
        found = [rdata.address for rrset in answer.answer for rdata in rrset if rrset.rdtype == dns.rdatatype.A]
    except (dns.exception.DNSException, OSError) as exc:
        raise ProbeFailedError(f"DNS resolution failed: {exc or type(exc).__name__}") from exc
    if not found:
        raise ProbeFailedError(f"DNS resolution failed: {dns.rcode.to_text(answer.rcode())}")
    return str(found[0])


async def _connect(check: HealthCheck, source: str, address: str, network: Network) -> socket.socket:
    patience = TCP_CONNECT_SECONDS if check.type is CheckType.TCP else HTTP_CONNECT_SECONDS
    cut = network.between(source, address)
    if cut is not None:
        await asyncio.sleep(patience if cut is Cut.DROPPED else 0)
        raise ProbeFailedError("connection timed out" if cut is Cut.DROPPED else "connection refused")
    connecting = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        connecting.setblocking(False)  # noqa: FBT003
        connecting.bind((source, 0))
        async with asyncio.timeout(patience):
            await asyncio.get_running_loop().sock_connect(connecting, (address, network.mapped(check.port)))
    except TimeoutError as exc:
        connecting.close()
        raise ProbeFailedError("connection timed out") from exc
    except OSError as exc:
        connecting.close()
        raise ProbeFailedError(f"connection failed: {exc.strerror or exc}") from exc
    except asyncio.CancelledError:
        connecting.close()
        raise
    return connecting


async def _ask(check_id: str, check: HealthCheck, connected: socket.socket) -> str:
    """Send the request over a connected socket, which is closed here, and return the reason of success."""
    tls = {"ssl": _lenient_tls(), "server_hostname": check.host if check.sni else ""} if check.is_tls else {}
    writer = None
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(sock=connected, **tls)  # type: ignore[arg-type]
            http = h11.Connection(h11.CLIENT)
            headers = [("Host", check.host_header), ("User-Agent", AGENT.format(check_id)), ("Connection", "close")]
            request = h11.Request(method="GET", target=check.path, headers=headers)
            writer.write((http.send(request) or b"") + (http.send(h11.EndOfMessage()) or b""))
            answer = await _answer(http, reader)
        if not 200 <= answer.status_code < 400:
            raise ProbeFailedError(f"HTTP Status Code {answer.status_code}, {answer.reason.decode()}")
        if check.search:
            async with asyncio.timeout(ANSWER_SECONDS):
                body = await _body(http, reader)
            if check.search.encode() not in body:
                raise ProbeFailedError(f"the body does not have the search string in its first {len(body)} bytes")
    except TimeoutError as exc:
        raise ProbeFailedError("no answer in time") from exc
    except (OSError, ssl.SSLError, h11.ProtocolError, EOFError) as exc:
        raise ProbeFailedError(f"{type(exc).__name__}: {exc}") from exc
    finally:
        if writer is None:
            # A handshake that ends in the moment in which its time is over leaves asyncio's transport open for a while:
            # closed under it, its number would be the next socket's. It closes by itself when it reads the end.
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
        else:
            writer.transport.abort()
    return f"Success: HTTP Status Code {answer.status_code}, {answer.reason.decode()}"


async def _answer(http: h11.Connection, reader: asyncio.StreamReader) -> h11.Response:
    while not isinstance(event := await _event(http, reader), h11.Response):
        if isinstance(event, h11.ConnectionClosed):
            raise EOFError("the endpoint closed the connection without an answer")
    return event


async def _body(http: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    body = b""
    while len(body) < SEARCHED_BYTES and isinstance(event := await _event(http, reader), h11.Data):
        body += bytes(event.data)
    return body[:SEARCHED_BYTES]


async def _event(http: h11.Connection, reader: asyncio.StreamReader) -> object:
    while (event := http.next_event()) is h11.NEED_DATA:
        http.receive_data(await reader.read(SEARCHED_BYTES))
    return event


@cache
def _lenient_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context
