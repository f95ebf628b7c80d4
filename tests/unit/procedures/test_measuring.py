"""What an incident tells the dashboards of itself: how long it is open, how long it took, what may be lost."""

import pytest

from failover.procedures.deciding import decide_failover
from failover.procedures.opening import open_incident
from tests.products import EU, US
from tests.worlds import World

BY_HAND = {"subject": US, "reason": "the region is gone"}


@pytest.fixture
def world() -> World:
    world = World()
    world.run(12)
    return world


def test_a_failover_tells_once_how_long_it_took_and_what_may_be_lost(world: World) -> None:
    world.kill(US)
    assert world.execute("failover", BY_HAND, "one", EU) == "SUCCEEDED"
    ((subject, seconds),) = world.telemetry.recoveries
    opened, closed = (
        next(entry.at for entry in world.store.journal() if entry.kind == kind)
        for kind in ("INCIDENT_OPENED", "INCIDENT_CLOSED")
    )
    assert subject == US
    assert seconds == (closed - opened).total_seconds() > 0
    assert world.telemetry.bounds == [("orders", world.store.database("orders").bound_seconds)]


def test_what_was_undone_counts_as_no_recovery(world: World) -> None:
    world.kill(US)
    world.replicas.refusals = 10_000
    assert world.execute("failover", BY_HAND, "one", EU).startswith("FAILED")
    assert (world.telemetry.recoveries, world.telemetry.bounds) == ([], [])


def test_a_planned_move_is_no_recovery(world: World) -> None:
    planned = {"subject": US, "target": EU, "reason": "we want to"}
    assert world.execute("switchover", planned, "one", EU) == "SUCCEEDED"
    assert world.telemetry.recoveries == []


def test_each_look_tells_for_how_long_an_incident_is_open(world: World) -> None:
    ports = world.ports(EU)
    decide_failover(ports, world.topology)
    assert world.telemetry.stands == [0.0]
    open_incident(ports, world.topology, US, "R330", "down for the whole dwell time")
    world.run(30)
    decide_failover(ports, world.topology)
    assert world.telemetry.stands[-1] == pytest.approx(30, abs=1)
