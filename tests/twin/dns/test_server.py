from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import pytest

from twin.dns.answers import Answers, Sources
from twin.dns.records import RecordSet, Zone
from twin.dns.resolver import CachingResolver, ResolutionError, ask_server
from twin.dns.server import DnsServer
from twin.network import AddressPlan

SOA = "ns-1.awsdns-1.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
RECORDS = [
    RecordSet("q.example.", "SOA", 900, (SOA,)),
    RecordSet("q.example.", "NS", 172800, ("ns-1.awsdns-1.com.", "ns-2.awsdns-2.net.")),
    RecordSet("us.q.example.", "A", 60, ("127.0.1.2",)),
    RecordSet("eu.q.example.", "A", 60, ("127.0.2.2",)),
    RecordSet("app.q.example.", "CNAME", 20, ("us.q.example",), set_identifier="us", region="us-east-1"),
    RecordSet("app.q.example.", "CNAME", 20, ("eu.q.example",), set_identifier="eu", region="eu-west-1"),
    RecordSet("text.q.example.", "TXT", 60, tuple(f'"{number:0200}"' for number in range(6))),
    RecordSet("mars.q.example.", "A", 60, ("127.0.1.2",), set_identifier="m", region="mars-1"),
    *(
        RecordSet("many.q.example.", "A", 5, (f"127.0.1.{n}",), set_identifier=str(n), multivalue=True)
        for n in range(9)
    ),
]


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    plan = AddressPlan(("us-east-1", "eu-west-1"), ())
    zone = Zone.of("Z", "q.example", RECORDS)
    with DnsServer(("127.0.0.1", 0), Answers(Sources(lambda: [zone], lambda _: True)), plan.place) as serving:
        yield serving


def query(
    server: DnsServer, name: str, kind: str = "A", source: str = "127.0.0.1", tcp: bool = False
) -> dns.message.Message:
    ask = dns.query.tcp if tcp else dns.query.udp
    host, port = server.address
    return ask(dns.message.make_query(name, kind, use_edns=False), host, 3, port, source=source)


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize(("source", "address"), [("127.0.1.1", "127.0.1.2"), ("127.0.102.1", "127.0.2.2")])
def test_who_asks_decides_the_answer(server: DnsServer, source: str, address: str, tcp: bool) -> None:
    response = query(server, "app.q.example", source=source, tcp=tcp)
    assert response.flags & dns.flags.AA
    assert [(rrset.ttl, str(rrset[0])) for rrset in response.answer] == [
        (20, "us.q.example." if address == "127.0.1.2" else "eu.q.example."),
        (60, address),
    ]


def test_every_answer_is_written_down(server: DnsServer) -> None:
    before = time.time()
    query(server, "APP.q.example", source="127.0.2.1")
    (answered,) = server.journal.since(before, "app.q.example")
    assert (answered.client, answered.region, answered.type, answered.outcome) == (
        "127.0.2.1",
        "eu-west-1",
        "A",
        "NOERROR",
    )
    assert (answered.addresses, answered.chain) == (("127.0.2.2",), ("eu.q.example",))
    assert before <= answered.at <= time.time()


@pytest.mark.parametrize(
    ("name", "kind", "rcode", "denied"),
    [
        ("nowhere.q.example", "A", dns.rcode.NXDOMAIN, True),
        ("us.q.example", "AAAA", dns.rcode.NOERROR, True),
        ("example.org", "A", dns.rcode.REFUSED, False),
    ],
)
def test_denials_carry_the_soa(server: DnsServer, name: str, kind: str, rcode: int, denied: bool) -> None:
    response = query(server, name, kind)
    assert response.rcode() == rcode
    assert not response.answer
    assert [rrset.ttl for rrset in response.authority] == ([900] if denied else [])


def test_the_zones_own_records_are_answered(server: DnsServer) -> None:
    assert len(query(server, "q.example", "NS").answer[0]) == 2
    assert len(query(server, "q.example", "SOA").answer[0]) == 1


def test_what_does_not_fit_a_datagram_is_truncated_and_whole_over_tcp(server: DnsServer) -> None:
    short = query(server, "text.q.example", "TXT")
    assert short.flags & dns.flags.TC
    assert not short.answer
    assert len(query(server, "text.q.example", "TXT", tcp=True).answer[0]) == 6


def test_edns_makes_room_for_more(server: DnsServer) -> None:
    message = dns.message.make_query("many.q.example", "A", use_edns=0, payload=4096)
    response = dns.query.udp(message, server.address[0], 3, server.address[1])
    assert response.edns == 0
    assert len(response.answer[0]) == 8


def test_a_record_that_cannot_be_answered_is_a_failure_with_its_reason(server: DnsServer) -> None:
    before = time.time()
    assert query(server, "mars.q.example").rcode() == dns.rcode.SERVFAIL
    (answered,) = server.journal.since(before, "mars.q.example")
    assert "mars-1: no place known" in answered.chain[0]


def test_rubbish_and_other_requests_do_not_disturb_it(server: DnsServer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.sendto(b"\x00", server.address)
        sending.sendto(b"\xff" * 40, server.address)
    with socket.create_connection(server.address, timeout=3) as connection:
        connection.sendall(b"\x00\x03abc")
        assert connection.recv(10) == b""
    update = dns.message.make_query("q.example", "A", use_edns=False)
    update.set_opcode(dns.opcode.NOTIFY)
    assert dns.query.udp(update, *server.address[:1], 3, server.address[1]).rcode() == dns.rcode.NOTIMP
    assert query(server, "us.q.example").rcode() == dns.rcode.NOERROR


def test_a_client_keeps_the_chain_for_its_least_ttl(server: DnsServer) -> None:
    resolver = CachingResolver(ask_server(server.address, "127.0.102.1"), lambda: 0.0)
    assert resolver.resolve("app.q.example") == ("127.0.2.2",)
    (kept,) = resolver.cached()
    assert (kept.resolution.ttl_seconds, kept.resolution.chain) == (20, ("eu.q.example",))


@pytest.mark.parametrize(("name", "seconds"), [("nowhere.q.example", 900), ("q.example", 900)])
def test_a_client_keeps_a_denial_as_its_soa_says(server: DnsServer, name: str, seconds: int) -> None:
    resolution = ask_server(server.address)(name)
    assert (resolution.addresses, resolution.ttl_seconds) == ((), seconds)


def test_a_client_of_a_failing_server_hears_it(server: DnsServer) -> None:
    with pytest.raises(ResolutionError, match="the DNS server said SERVFAIL"):
        ask_server(server.address)("mars.q.example")


def test_a_stopped_server_frees_its_port_and_can_start_again(server: DnsServer) -> None:
    answers = Answers(Sources(list, lambda _: True))
    first = DnsServer(("127.0.0.1", 0), answers, lambda _: "us-east-1").start()
    first.stop()
    second = DnsServer(first.address, answers, lambda _: "us-east-1").start()
    assert query(second, "us.q.example").rcode() == dns.rcode.REFUSED
    second.stop()
