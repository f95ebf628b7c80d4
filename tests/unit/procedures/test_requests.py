"""A wrong request is refused before anything is done, and says what is allowed."""

from dataclasses import replace
from typing import Any

import pytest

from failover.errors import RequestInvalidError
from failover.procedures.opening import begin
from failover.procedures.requests import Machine, read_request
from failover.topology import Region, Role, Topology
from tests.products import AP, EU, US, quickstart
from tests.worlds import World

LAWFUL = {"subject": US, "reason": "maintenance", "target": EU}


def told(machine: Machine, here: str = EU, **changes: Any) -> str:
    """What a request is refused with; nothing in the store may have changed by it."""
    world = World()
    world.run(12)
    before = (world.store.control(), world.kinds())
    document = {key: value for key, value in {**LAWFUL, **changes}.items() if value is not None}
    with pytest.raises(RequestInvalidError) as refused:
        begin(world.ports(here), world.topology, document, "arn:e:by-hand", machine)
    assert (world.store.control(), world.kinds()) == before
    return str(refused.value)


@pytest.mark.parametrize("machine", Machine)
def test_a_wrong_region(machine: Machine) -> None:
    assert told(machine, subject="mars") == (
        "subject: got 'mars'; name a region of quickstart, one of: us-east-1, eu-west-1, ap-southeast-1"
    )


@pytest.mark.parametrize("machine", [Machine.FAILOVER, Machine.DATABASE_FAILOVER])
def test_a_lost_region_cannot_run_its_own_failover(machine: Machine) -> None:
    assert "start it in another control region (eu-west-1, ap-southeast-1)" in told(machine, here=US)


def test_a_reason_is_owed() -> None:
    assert told(Machine.FAILOVER, reason=" ").startswith("reason: missing")


def test_a_stale_epoch() -> None:
    assert told(Machine.SWITCHOVER, epochs={"orders": 7}) == (
        "epochs: orders: got 7, and its epoch is 1: its writer has changed since you looked; look again before you ask"
    )


def test_an_epoch_of_an_unknown_database() -> None:
    assert told(Machine.SWITCHOVER, epochs={"invoices": 1}) == "epochs: 'invoices': unknown; one of: orders"


def test_an_unknown_database() -> None:
    assert told(Machine.DATABASE_FAILOVER, databases=["invoices"], target=None) == (
        "databases: got ['invoices']; a list of some of: orders"
    )


def test_a_database_that_is_written_elsewhere() -> None:
    assert "not a database that ap-southeast-1 writes" in told(
        Machine.DATABASE_FAILOVER, subject=AP, databases=["orders"], target=None
    )


def test_a_target_that_is_the_source() -> None:
    assert told(Machine.SWITCHOVER, target=US) == (
        "target: got 'us-east-1', which is the subject; name the region that shall take over"
    )


def test_a_switchover_without_a_target() -> None:
    assert told(Machine.SWITCHOVER, target=None).startswith("target: got None; name a region of quickstart")


def test_a_field_that_is_none() -> None:
    assert told(Machine.FAILOVER, region=US).startswith("region: no field of a request; it takes: databases, dry_run")


@pytest.mark.parametrize("field", ["dry_run", "evacuate"])
def test_a_word_that_is_no_flag(field: str) -> None:
    assert told(Machine.FAILOVER, **{field: "yes"}) == f"{field}: got 'yes'; true or false"


def test_nothing_to_bring_back() -> None:
    assert "there is nothing to bring back" in told(Machine.FAILBACK, target=None)


class TestResidency:
    topology = quickstart(
        regions=(
            Region(US, Role.PRIMARY, "US", "10.10.0.0/16"),
            Region(EU, Role.SECONDARY, "EU", "10.20.0.0/16"),
            Region(AP, Role.SECONDARY, "US", "10.30.0.0/16"),
        ),
        databases=(replace(quickstart().databases[0], zone="US"),),
    )

    def test_a_target_outside_the_residency_zone(self) -> None:
        world = World(self.topology)
        with pytest.raises(
            RequestInvalidError, match="eu-west-1 is in zone EU, and orders may not leave US; one of: ap"
        ):
            begin(world.ports(AP), world.topology, LAWFUL, "arn:e:by-hand", Machine.SWITCHOVER)


def test_databases_that_belong_together_come_along() -> None:
    orders = replace(quickstart().databases[0], together="shop")
    topology: Topology = quickstart(databases=(orders, replace(orders, name="stock")))
    records = [World(topology).store.database(name) for name in ("orders", "stock")]
    document = {**LAWFUL, "databases": ["stock"]}
    request = read_request(Machine.SWITCHOVER, document, topology, records, EU)
    assert request.databases == ("orders", "stock")
