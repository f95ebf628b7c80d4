"""A deployment that shortens the lease: gates that were opened for longer are waited for in full."""

from dataclasses import replace

from failover.procedures.guarding import renew
from failover.procedures.leases import await_lease, revoke_lease
from failover.topology import Lease
from tests.products import US, quickstart
from tests.unit.procedures.incidents import OpenIncident
from tests.worlds import World

SHORTER = Lease(8.0, 1.0, 2.0)


def wait_out(moving: OpenIncident) -> None:
    """The executor was deployed with the shorter lease; the source cannot be fenced."""
    moving.world.topology = replace(moving.topology, lease=SHORTER)
    waiting = revoke_lease(moving.ports, moving.of_database())
    await_lease(moving.ports, moving.of_database(**waiting))


def renewed_shortly(moving: OpenIncident) -> bool:
    """Whether a guard of the newer deployment has renewed."""
    store, copy = moving.world.store, moving.world.copies["orders", US]
    return renew(store, copy, store.database("orders"), US, SHORTER)


def test_a_guard_of_the_deployment_before_is_waited_out_in_full() -> None:
    moving = OpenIncident()
    wait_out(moving)
    assert moving.world.writer() is None


def test_a_guard_of_the_newer_deployment_beside_it_shortens_nothing() -> None:
    moving = OpenIncident()
    moving.world.clock.sleep(2)
    assert renewed_shortly(moving)
    wait_out(moving)
    assert moving.world.writer() is None


def test_once_the_longer_lease_has_run_out_the_shorter_one_is_waited_for() -> None:
    moving = OpenIncident()
    for _ in range(10):
        moving.world.clock.sleep(2)
        renewed_shortly(moving)
    before = moving.world.clock.elapsed()
    wait_out(moving)
    assert moving.world.clock.elapsed() - before == 9.0


def test_the_step_that_waits_has_as_long_as_the_longer_lease_takes() -> None:
    """The control regions are deployed with the shorter lease, the guard is not yet, and its region is lost."""
    generous = (replace(quickstart().databases[0], rpo_seconds=600),)
    world = World(quickstart(lease=Lease(120.0, 2.0, 5.0), databases=generous))
    world.run(60)
    world.topology = quickstart(databases=generous)
    for each in world.observers.values():
        each.topology = world.topology
    world.kill(US)
    world.run(60)
    assert set(world.executed.values()) == {"SUCCEEDED"}
