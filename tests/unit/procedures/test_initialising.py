"""The first day: done once, done to the end, and never again over a world that has moved on."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from failover.adapters.memory import MemoryCopy, MemoryStore
from failover.errors import DatabaseUnreachableError
from failover.ports import CopyState
from failover.procedures.initialising import initialise
from failover.procedures.leases import fence_source, revoke_lease
from failover.records import LeaseState
from failover.topology import Database, DatasetKind, Engine
from tests.products import AP, EU, US, quickstart
from tests.unit.procedures.incidents import AgentBetween, OpenIncident
from tests.worlds import World

INVOICES = Database(
    "invoices", Engine.RDS_POSTGRES, DatasetKind.SINGLE, "global", US, (EU, AP), 60, "db.r6g.large", 100
)
PASSPORTS = replace(INVOICES, name="passports", kind=DatasetKind.HOME_REGION, replicas=())


def begun() -> World:
    """A world whose product was initialised."""
    return World()


def test_the_first_writers_gate_is_open_and_no_other() -> None:
    world = begun()
    assert world.writer() == US
    record = world.store.database("orders")
    assert (record.writer, record.epoch, record.lease.state) == (US, 1, LeaseState.GRANTED)
    assert world.kinds() == ["INITIALISED"]


def test_a_second_time_changes_nothing() -> None:
    world = begun()
    world.run(30)
    before = (world.store.control(), world.store.database("orders"), world.copies["orders", US].gate_valid_until)
    assert not initialise(world.ports(AP), world.topology)
    assert before == (
        world.store.control(),
        world.store.database("orders"),
        world.copies["orders", US].gate_valid_until,
    )
    assert world.kinds() == ["INITIALISED"]


def crashing(world: World, at: str) -> None:
    """Initialise an empty store again, with the answer or the request of one call lost."""

    def around(call: str, ask: Callable[[], CopyState]) -> CopyState:
        if call == at:
            raise DatabaseUnreachableError("the call was lost")
        return ask()

    ports = world.ports(EU)
    with pytest.raises(DatabaseUnreachableError):
        initialise(replace(ports, agent=AgentBetween(ports, around)), world.topology)


def empty(**changes: object) -> World:
    """A world on the evening before its first day."""
    world = World(quickstart(**changes))
    world.store = MemoryStore()
    for copy in world.copies.values():
        copy.gate_epoch, copy.gate_holder, copy.gate_valid_until = 0, "", float("-inf")
    return world


@pytest.mark.parametrize("at", ["install", "admit"])
def test_a_first_day_that_was_cut_short_is_finished_by_the_next(at: str) -> None:
    world = empty()
    crashing(world, at)
    assert world.writer() is None
    world.clock.sleep(120)
    assert initialise(world.ports(EU), world.topology)
    assert world.writer() == US
    world.run(60)
    assert world.writer() == US
    assert not initialise(world.ports(EU), world.topology)


def test_a_database_that_comes_later_does_not_turn_the_others_back() -> None:
    """The old primary is back with its old disk when the product gets another database."""
    world = begun()
    world.run(60)
    world.kill(US)
    world.run(90)
    assert world.writer() == EU
    world.revive(US)
    world.topology = replace(world.topology, databases=(*world.topology.databases, INVOICES))
    for region in INVOICES.regions:
        world.copies["invoices", region] = MemoryCopy(world.clock, in_recovery=region != US)
    assert initialise(world.ports(EU), world.topology)
    assert world.writer("orders") == EU
    assert world.writer("invoices") == US


def test_a_writer_that_is_being_stopped_is_not_admitted_by_initialising_again() -> None:
    moving = OpenIncident()
    waiting = revoke_lease(moving.ports, moving.of_database())
    fence_source(moving.ports, moving.of_database(**waiting))
    assert not initialise(moving.ports, moving.topology)
    assert moving.world.writer() is None


def test_a_topology_whose_databases_are_all_moved_needs_no_source_to_be_initialised_again() -> None:
    world = begun()
    world.run(60)
    world.kill(US)
    world.run(90)
    assert not initialise(world.ports(AP), world.topology)


def test_data_that_never_leaves_home_has_no_lease() -> None:
    world = World(quickstart(databases=(*quickstart().databases, PASSPORTS)))
    with pytest.raises(KeyError):
        world.store.database("passports")
