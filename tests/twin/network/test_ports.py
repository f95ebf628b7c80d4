from __future__ import annotations

import socket
from collections.abc import Callable, Iterable

import pytest

from twin.network import AddressPlan, Ports, claim_ports
from twin.network.ports import TRIES, Listener, LoopbackError, PortsTakenError, busy


@pytest.fixture
def wanted(free_port: Callable[[], int]) -> Ports:
    return Ports(*(free_port() for _ in range(5)))


def test_wanted_ports_are_taken_when_they_are_free(plan: AddressPlan, wanted: Ports) -> None:
    with claim_ports(lambda ports: plan.with_ports(ports).listeners(), wanted) as claim:
        assert claim.ports == wanted


def test_a_taken_port_on_any_address_moves_that_service_only(plan: AddressPlan, wanted: Ports) -> None:
    with socket.socket() as other:
        other.bind((plan.database("orders", "ap-southeast-1"), wanted.postgres))
        other.listen()
        with claim_ports(lambda ports: plan.with_ports(ports).listeners(), wanted) as claim:
            assert claim.ports.postgres != wanted.postgres
            assert (claim.ports.api, claim.ports.https, claim.ports.dns) == (wanted.api, wanted.https, wanted.dns)


def test_a_second_twin_never_takes_what_the_first_has_not_opened_yet(plan: AddressPlan, wanted: Ports) -> None:
    def listeners(ports: Ports) -> Iterable[Listener]:
        return plan.with_ports(ports).listeners()

    with claim_ports(listeners, wanted) as first, claim_ports(listeners, wanted) as second:
        assert not {first.ports.api, first.ports.https} & {second.ports.api, second.ports.https}
    with claim_ports(listeners, wanted) as third:
        assert third.ports == wanted


def test_dns_needs_its_port_over_udp_too(free_port: Callable[[], int]) -> None:
    listener = Listener("127.0.0.1", free_port(), "dns")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((listener.address, listener.port))
        assert busy([listener]) == (listener,)
    assert busy([listener]) == ()


def test_when_nothing_is_free_the_service_and_the_ports_tried_are_named(wanted: Ports) -> None:
    taken: list[socket.socket] = []

    def listeners(ports: Ports) -> Iterable[Listener]:
        other = socket.socket()
        taken.append(other)
        other.bind(("127.0.0.1", 0))
        other.listen()
        return [Listener("127.0.0.1", other.getsockname()[1], "api")]

    try:
        with pytest.raises(PortsTakenError, match=rf"no free port for api: {wanted.api} to \d+ in steps of 100"):
            claim_ports(listeners, wanted)
    finally:
        for other in taken:
            other.close()
    assert len(taken) <= TRIES


def test_an_address_that_the_machine_lacks_is_said_with_the_remedy() -> None:
    with pytest.raises(LoopbackError, match=r"192\.0\.2\.1 is not an address of this machine.*lo0 alias 192\.0\.2\.1"):
        busy([Listener("192.0.2.1", 0, "api")])


def test_children_get_the_mapping_as_text() -> None:
    told = dict(pair.split(":") for pair in Ports().environment().split(","))
    assert (told["443"], told["5432"], told["53"]) == ("8443", "15432", "10053")
    assert (Ports().mapped(443), Ports().mapped(4566)) == (8443, 4566)


def test_a_sites_servers_and_its_agent_have_ports_of_their_own() -> None:
    ports = Ports(postgres=15532, agent=9543)
    assert [ports.mapped(each) for each in (5432, 5433, 5439, 5440)] == [15532, 15533, 15539, 5440]
    assert ports.mapped(8443) == 9543
