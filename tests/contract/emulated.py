"""AWS as the twin emulates it, for the contracts of services that moto has no states of."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from failover.adapters.aws.clients import client
from tests.products import AP, EU, US
from twin.aws import EmulatedAws
from twin.network import AddressPlan, claim_ports


@contextmanager
def emulated_aws() -> Iterator[EmulatedAws]:
    """An empty AWS of three regions, which every client of this process calls."""
    plan = AddressPlan((US, EU, AP), ("orders",))
    with (
        claim_ports(lambda ports: plan.with_ports(ports).listeners()) as claim,
        EmulatedAws(plan.with_ports(claim.ports), preload=()) as aws,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        client.cache_clear()
        yield aws
    client.cache_clear()
