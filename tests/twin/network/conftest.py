from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from failover.topology import Topology
from tests.twin.network.quickstart import topology_of
from twin.network import AddressPlan


@pytest.fixture
def topology() -> Topology:
    return topology_of()


@pytest.fixture
def plan(topology: Topology) -> AddressPlan:
    return AddressPlan.of(topology)


@pytest.fixture
def free_port() -> Callable[[], int]:
    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find
