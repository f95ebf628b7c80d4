"""What the deep health of a region says beside its parts, and what an observer makes of it."""

from __future__ import annotations

import json

import pytest

from failover.observation import Finding, Sight, Window, health_of
from failover.ports import Answer
from tests.products import quickstart
from tests.twin.workload.world import EU, US, World, eventually
from twin.postgres.troubles import take_no_writes, take_writes

pytestmark = pytest.mark.twin


def seen(world: World, region: str) -> Sight:
    """What an observer would say of a region now."""
    answer = world.get(region, "/health/deep")
    told = Answer(answer.status, json.dumps(answer.told), 0.02)
    return health_of(told, Window().after(told, 6), quickstart().observation)


def test_all_zones_are_told_and_healthy(world: World, epoch: int) -> None:
    assert world.get(EU, "/health/deep").told["zones"] == dict.fromkeys(
        ("eu-west-1a", "eu-west-1b", "eu-west-1c"), "healthy"
    )


def test_the_writers_region_tells_how_its_writes_went_and_no_other_does(world: World, epoch: int) -> None:
    for number in range(6):
        assert world.write(US, "figures", number).status == 201
        assert world.write(EU, "figures-far", number).status == 201
    far = world.get(EU, "/health/deep").told
    near = world.get(US, "/health/deep").told
    assert near["error_rate"] == 0.0
    assert 0.0 < near["latency_p95_seconds"] < 1.0
    assert (far["error_rate"], far["latency_p95_seconds"]) == (None, None)


def test_a_writer_that_takes_no_writes_is_a_database_alone_and_costs_no_other_region(world: World, epoch: int) -> None:
    """Its gate is open: only the server itself says that it is read-only."""
    assert (seen(world, US).finding, seen(world, EU).finding) == (Finding.SERVED, Finding.SERVED)
    take_no_writes(world.servers[US])
    try:
        eventually(lambda: seen(world, US).faults == ("database_write",))
        for number in range(8):
            assert world.write(EU, "read-only", number).status == 503
        assert seen(world, US).faults == ("database_write",)
        assert seen(world, EU).finding is Finding.SERVED
    finally:
        take_writes(world.servers[US])
    eventually(lambda: seen(world, US).finding is Finding.SERVED)
