from __future__ import annotations

import pytest

from failover.topology import Topology
from tests.twin.network.quickstart import topology_of
from twin.network import AddressPlan


def test_numbers_follow_the_topology_then_the_quorum_store(plan: AddressPlan) -> None:
    ours, store = ("us-east-1", "eu-west-1", "ap-southeast-1"), ("eu-central-1", "eu-west-2", "eu-west-3")
    assert plan.regions == (*ours, *store, "us-west-2"), "last the relay of AWS Health"
    assert plan.vantage("us-east-1") == "127.0.1.1"
    assert plan.load_balancer("eu-west-1") == "127.0.2.2"
    assert plan.api_gateway("ap-southeast-1") == "127.0.3.3"
    assert plan.neutral("eu-west-3") == "127.0.6.4"
    assert plan.database("orders", "eu-west-1") == "127.0.2.10"


def test_other_control_regions_and_neutral_places_come_after_all_others() -> None:
    topology = topology_of(neutral=("https://dynamodb.sa-east-1.amazonaws.com/ping",), control=("ca-central-1",))
    assert AddressPlan.of(topology).regions[6:] == ("ca-central-1", "sa-east-1", "us-west-2")


def test_no_address_is_given_twice(plan: AddressPlan) -> None:
    listeners = [(listener.address, listener.port) for listener in plan.listeners()]
    assert len(listeners) == len(set(listeners))


@pytest.mark.parametrize(
    ("address", "near", "owner"),
    [
        ("127.0.2.1", "eu-west-1", "eu-west-1"),
        ("127.0.102.1", "eu-west-1", "outside/users"),
        ("127.0.250.3", "us-east-1", "outside/checkers"),
        ("127.0.0.1", "us-east-1", None),
        ("127.0.77.1", "us-east-1", None),
    ],
)
def test_an_address_says_where_it_is_and_whose_it_is(
    plan: AddressPlan, address: str, near: str, owner: str | None
) -> None:
    assert plan.place(address) == near
    assert plan.owner(address) == owner


def test_an_unknown_region_is_named_with_the_known_ones(plan: AddressPlan) -> None:
    with pytest.raises(KeyError, match=r"mars-1: not a region of this twin; it has us-east-1"):
        plan.vantage("mars-1")
    with pytest.raises(KeyError, match=r"ledger: not a database of this twin; it has orders"):
        plan.database("ledger", "us-east-1")


def test_users_of_every_region_are_outside_all_regions(topology: Topology) -> None:
    plan = AddressPlan.of(topology)
    assert {plan.owner(plan.users(region)) for region in plan.regions} == {"outside/users"}
    assert [plan.place(plan.users(region)) for region in plan.regions] == list(plan.regions)
