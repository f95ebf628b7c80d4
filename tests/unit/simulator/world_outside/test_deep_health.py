"""What a region says of itself, and what an observer makes of it; as the workload of the twin does."""

from __future__ import annotations

import json
from typing import Any

from failover.observation import Finding, Sight, Window, health_of
from failover.ports import Answer
from failover.topology import Database, DatasetKind, Engine
from tests.products import AP, EU, US, quickstart
from tests.unit.simulator.world_outside.scene import FOREVER, Scene


def told(scene: Scene, region: str) -> dict[str, Any]:
    body = scene.services.deep_health(region).body
    answer: dict[str, Any] = json.loads(body)
    return answer


def part(scene: Scene, region: str, name: str) -> str:
    return str(told(scene, region)["parts"][name]["status"])


def seen(scene: Scene, region: str) -> Sight:
    """What an observer would say of a region now."""
    given = scene.services.deep_health(region)
    answer = Answer(given.status, given.body, given.seconds)
    return health_of(answer, Window().after(answer, 6), scene.topology.observation)


def test_the_writer_writes_and_a_replica_only_reads() -> None:
    scene = Scene()
    assert [part(scene, region, "database_write") for region in (US, EU)] == ["healthy", "absent"]
    assert [part(scene, region, "database_read") for region in (US, EU)] == ["healthy", "healthy"]
    assert [scene.services.deep_health(region).status for region in (US, EU)] == [200, 200]
    assert told(scene, EU)["zones"] == dict.fromkeys(("eu-west-1a", "eu-west-1b", "eu-west-1c"), "healthy")


def test_a_dead_writer_costs_its_own_region_and_no_other() -> None:
    scene = Scene()
    scene.services.deep_health(US)  # it is known then who writes there
    scene.copies["orders", US].reachable = False
    assert seen(scene, US).faults == ("database_read", "database_write")
    assert seen(scene, EU).finding is Finding.SERVED


def test_a_dead_replica_cannot_say_that_it_is_none() -> None:
    scene = Scene()
    scene.copies["orders", EU].reachable = False
    assert part(scene, EU, "database_write") == "absent"
    assert seen(scene, EU).faults == ("database_read",)


def test_a_writer_whose_lease_has_run_out_or_that_takes_no_writes_is_unhealthy() -> None:
    scene = Scene()
    copy = scene.copies["orders", US]
    copy.read_only = True
    assert seen(scene, US).faults == ("database_write",)
    copy.read_only = False
    copy.gate_valid_until = float("-inf")
    assert seen(scene, US).faults == ("database_write",)
    copy.gate_valid_until = FOREVER
    assert seen(scene, US).finding is Finding.SERVED


def test_a_writer_that_was_fenced_has_handed_over_and_is_not_to_blame() -> None:
    scene = Scene()
    scene.copies["orders", US].fence(2)
    assert part(scene, US, "database_write") == "absent"
    assert seen(scene, US).finding is Finding.SERVED


def test_a_server_that_takes_no_writes_is_to_blame_even_when_fenced() -> None:
    scene = Scene()
    copy = scene.copies["orders", US]
    copy.fence(2)
    copy.read_only = True
    assert seen(scene, US).faults == ("database_write",)


def test_a_primary_that_comes_back_is_no_replica_and_gets_no_traffic() -> None:
    scene = Scene()
    scene.copies["orders", US].gate_holder = "somebody else"
    assert seen(scene, US).faults == ("database_write",)


def test_a_server_that_stands_still_is_not_waited_for() -> None:
    scene = Scene()
    scene.services.deep_health(US)
    scene.copies["orders", US].slow_seconds = 1e6
    answer = scene.services.deep_health(US)
    assert (answer.status, answer.seconds) == (503, 1.0)


def test_a_slow_application_answers_later() -> None:
    scene = Scene()
    scene.services[EU].slow = lambda now: 0.5 + now
    scene.run(1.0)
    assert scene.services.deep_health(EU).seconds == 1.5
    assert scene.services.deep_health(US).seconds == 0.0


def test_the_writers_region_tells_how_its_writes_went_and_no_other_does() -> None:
    scene = Scene()
    scene.run(3.5)
    assert told(scene, US)["error_rate"] is None  # four are no rate
    scene.run(30.0)
    near, far = told(scene, US), told(scene, EU)
    assert near["error_rate"] == 0.0
    assert 0.0 < near["latency_p95_seconds"] < 0.2
    assert (far["error_rate"], far["latency_p95_seconds"]) == (None, None)


def test_slow_answers_are_in_the_figures() -> None:
    scene = Scene()
    scene.services[US].slow = lambda _now: 1.0
    scene.run(30.0)
    assert told(scene, US)["latency_p95_seconds"] > 1.0


def test_each_of_several_databases_has_parts_of_its_own() -> None:
    orders, *_ = quickstart().databases
    stock = Database("stock", Engine.RDS_POSTGRES, DatasetKind.SINGLE, "global", EU, (US,), 60, "db.r6g.large", 100)
    scene = Scene(topology=quickstart(databases=(orders, stock)))
    scene.copies["stock", EU].read_only = True
    assert seen(scene, EU).faults == ("database_write:stock",)
    assert part(scene, US, "database_write:orders") == "healthy"
    assert "database_read:stock" not in told(scene, AP)["parts"]
