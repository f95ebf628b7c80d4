"""The authoritative server: questions over UDP and TCP, answered from the zones, written into the journal.

It is Route 53's data plane: it has no part in Route 53's API and goes on when that is down.
"""

import socketserver
import struct
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from dnslib import CLASS, EDNS0, OPCODE, QTYPE, RCODE, RR, DNSError, DNSRecord

from twin.dns.answers import Answers, Line, Reply
from twin.dns.journal import Answered, AnswerJournal

PLAIN_UDP: Final = 512
LARGEST_UDP: Final = 1232
TCP_IDLE_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.1


class DnsServer:
    """Serves one address and port over UDP and TCP, in threads of its own.

    ``place`` gives the region that a source address is near; ``now`` is in Unix seconds.
    """

    def __init__(
        self,
        address: tuple[str, int],
        answers: Answers,
        place: Callable[[str], str],
        journal: AnswerJournal | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.journal = journal or AnswerJournal()
        self._answers = answers
        self._place = place
        self._now = now
        self._servers: list[socketserver.BaseServer] = []
        self._threads: list[threading.Thread] = []
        self._address = address

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens; a port of 0 has become a real one once it was started."""
        return self._address

    def start(self) -> Self:
        """Open both sockets and serve; ``OSError`` when the port is taken."""
        tcp = _TcpServer(self._address, _over_tcp(self.respond))
        self._servers.append(tcp)
        self._address = (self._address[0], tcp.server_address[1])
        self._servers.append(_UdpServer(self._address, _over_udp(self.respond)))
        for server in self._servers:
            thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), name="twin-dns", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def stop(self) -> None:
        """Close both sockets and end the threads."""
        for server, thread in zip(self._servers, self._threads, strict=False):
            server.shutdown()
            thread.join(timeout=2.0)
        for server in self._servers:
            server.server_close()
        self._servers, self._threads = [], []

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def respond(self, message: bytes, client: str, *, datagram: bool) -> bytes | None:
        """Return the response to one message, or ``None`` when it is not a question at all."""
        try:
            request = DNSRecord.parse(message)
        except (DNSError, ValueError, IndexError, struct.error):
            return None
        if request.header.qr:
            return None
        response = request.reply(ra=1, aa=1)
        if request.header.opcode != OPCODE.QUERY or len(request.questions) != 1 or request.q.qclass != CLASS.IN:
            response.header.rcode = RCODE.NOTIMP
            return bytes(response.pack())
        reply = self._reply(str(request.q.qname), QTYPE[request.q.qtype], client)
        response.header.rcode = getattr(RCODE, reply.outcome)
        for line in reply.lines:
            response.add_answer(*_records(line))
        if reply.soa is not None:
            response.add_auth(*_records(reply.soa))
        room = _room(request, response)
        packed = bytes(response.pack())
        if datagram and len(packed) > room:
            response.rr, response.auth, response.header.tc = [], [], 1
            packed = bytes(response.pack())
        return packed

    def _reply(self, name: str, kind: str, client: str) -> Reply:
        region = self._place(client)
        try:
            reply = self._answers.reply(name, kind, region)
            chain = tuple(line.value.rstrip(".") for line in reply.lines if line.type == "CNAME")
        except (ValueError, KeyError) as exc:
            # A record that cannot be answered must not take the server down; the journal says why.
            reply, chain = Reply("SERVFAIL"), (str(exc),)
        asked = name.lower().rstrip(".")
        self.journal.add(Answered(self._now(), client, region, asked, kind, reply.outcome, reply.addresses, chain))
        return reply


def _records(line: Line) -> list[Any]:
    records: list[Any] = RR.fromZone(f"{line.name} {line.ttl_seconds} IN {line.type} {line.value}")
    return records


def _room(request: Any, response: Any) -> int:
    """Return how many bytes a datagram may have, and answer EDNS with EDNS."""
    for extra in request.ar:
        if extra.rtype == QTYPE.OPT:
            response.add_ar(EDNS0(udp_len=LARGEST_UDP))
            return max(PLAIN_UDP, min(int(extra.rclass), LARGEST_UDP))
    return PLAIN_UDP


class _UdpServer(socketserver.UDPServer):
    max_packet_size = 4096


class _TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


def _over_udp(respond: Callable[..., bytes | None]) -> type[socketserver.BaseRequestHandler]:
    class OverUdp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            message, sending = self.request
            response = respond(message, self.client_address[0], datagram=True)
            if response is not None:
                sending.sendto(response, self.client_address)

    return OverUdp


def _over_tcp(respond: Callable[..., bytes | None]) -> type[socketserver.BaseRequestHandler]:
    class OverTcp(socketserver.StreamRequestHandler):
        timeout = TCP_IDLE_SECONDS

        def handle(self) -> None:
            try:
                while len(length := self.rfile.read(2)) == 2:
                    message = self.rfile.read(struct.unpack("!H", length)[0])
                    response = respond(message, self.client_address[0], datagram=False)
                    if response is None:
                        return
                    self.wfile.write(struct.pack("!H", len(response)) + response)
            except OSError:
                return  # the client went away, or said nothing for five seconds

    return OverTcp
