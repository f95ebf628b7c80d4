"""Core and shell of weighing together, over many minutes: it settles, does not flap, and keeps still in an incident."""

import dataclasses
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from failover.adapters.memory import ManualClock, MemoryStore
from failover.adapters.memory.steering import MemoryRegionMinutes, MemoryRouteWeights
from failover.decision.weights import Minute, shares_of
from failover.ports.steering import Steering
from failover.procedures.steering import SteeringPorts, steer_routes
from failover.records import Control, Pause
from tests.unit.decision.snapshots import incident
from topology_document.infrastructure.steering import WeightsSection

A, B = "us-east-1", "us-west-2"
SAID = WeightsSection(
    capacity_per_minute={A: 1000, B: 500}, namespace="Product", failed="Failed", model_health="ModelHealth"
)
COMING = 600.0


class Zone:
    """Two regions that process what their weights bring them, minute by minute."""

    def __init__(self) -> None:
        self.weights = MemoryRouteWeights({"us": {A: 255, B: 128}, "other": {A: 1, B: 1}})
        self.minutes, self.store, self.clock = MemoryRegionMinutes(), MemoryStore(), ManualClock()
        self.ports = SteeringPorts(self.store, self.weights, self.minutes, self.clock)
        self.health: Callable[[str, int], float | None] = lambda *_: 1.0
        self.failing: Callable[[str, int], float] = lambda *_: 0.0
        self.minute, self.chance = 0, random.Random(5)
        self.said: list[dict[str, object]] = []

    def run(self, minutes: int) -> None:
        for _ in range(minutes):
            for region, part in self.shares.items():
                health = self.health(region, self.minute)
                if health is not None:
                    came = COMING * part * self.chance.uniform(0.9, 1.1)
                    self.minutes.tell(region, Minute(came, None, came * self.failing(region, self.minute), health))
            self.said.append(steer_routes(self.ports, [Steering.parse("us", SAID.model_dump(mode="json"))])["us"])
            self.minute += 1

    @property
    def shares(self) -> dict[str, float]:
        return shares_of(self.weights.records["us"])

    @property
    def control(self) -> Control:
        return self.store.control()

    def set_control(self, control: Control) -> None:
        self.store.change_control(self.control, control)


@pytest.fixture
def zone() -> Zone:
    return Zone()


def test_a_quiet_day_changes_nothing(zone: Zone) -> None:
    zone.run(1440)
    assert zone.weights.written == []


def test_models_that_fail_empty_the_region_at_once_and_it_fills_again_step_by_step(zone: Zone) -> None:
    zone.health = lambda region, minute: 0.1 if region == A and 10 <= minute < 20 else 1.0
    zone.run(11)
    assert zone.weights.records["us"] == {A: 0, B: 255}
    zone.run(13)  # the last bad minute is in the window until then
    assert zone.shares[A] == 0
    zone.run(1)
    assert 0 < zone.shares[A] <= 0.21
    zone.run(30)
    assert zone.shares[A] == pytest.approx(2 / 3, abs=0.06)


def test_a_region_that_fails_more_and_more_gets_less_and_less_but_never_nothing(zone: Zone) -> None:
    zone.failing = lambda region, minute: min(1.0, minute / 30) if region == A else 0.0
    zone.run(60)
    shares = [dict(each)[A] for _, each in zone.weights.written]
    assert shares == sorted(shares, reverse=True) or min(shares) > 0
    assert 0 < zone.shares[A] < 0.1


def test_faults_that_come_and_go_do_not_make_it_flap(zone: Zone) -> None:
    zone.failing = lambda region, minute: 0.3 if region == A and minute % 3 == 0 else 0.0
    zone.run(240)
    assert len(zone.weights.written) <= 3


def test_what_other_routes_have_is_never_touched(zone: Zone) -> None:
    zone.health = lambda region, minute: 0.0 if region == B else 1.0
    zone.run(30)
    assert zone.weights.records["other"] == {A: 1, B: 1}
    assert {route for route, _ in zone.weights.written} == {"us"}
    assert all(set(weights) == {A, B} for _, weights in zone.weights.written)


def test_a_region_that_says_nothing_keeps_its_share(zone: Zone) -> None:
    zone.health = lambda region, _: None if region == A else 1.0
    zone.run(60)
    assert zone.weights.written == []


def test_weights_keep_still_while_an_incident_is_open_and_go_on_after_it(zone: Zone) -> None:
    zone.health = lambda region, _: 0.0 if region == B else 1.0
    before = zone.control
    zone.set_control(dataclasses.replace(before, evacuated={B: "incident-1"}))
    zone.run(10)
    assert zone.weights.written == []
    assert {str(each["frozen"]) for each in zone.said} == {"a region of the route is evacuated"}
    zone.set_control(dataclasses.replace(zone.control, evacuated={}))
    zone.run(1)
    assert zone.shares[B] == 0


def test_an_incident_anywhere_in_the_product_keeps_all_weights_still(zone: Zone) -> None:
    zone.health = lambda region, _: 0.0 if region == B else 1.0
    zone.set_control(dataclasses.replace(zone.control, incident=incident()))
    zone.run(5)
    assert zone.weights.written == []
    assert {str(each["frozen"]) for each in zone.said} == {"an incident is open"}


def test_weights_keep_still_in_a_pause(zone: Zone) -> None:
    zone.health = lambda region, _: 0.0 if region == B else 1.0
    until = zone.clock.now() + timedelta(hours=1)
    zone.set_control(dataclasses.replace(zone.control, pause=Pause("a migration", until)))
    zone.run(5)
    assert zone.weights.written == []
    past = datetime(2020, 1, 1, tzinfo=UTC)
    zone.set_control(dataclasses.replace(zone.control, pause=Pause("a migration", past)))
    zone.run(1)
    assert zone.weights.written != []


def test_when_route_53s_api_is_down_the_answers_stay_and_nobody_fails(zone: Zone) -> None:
    zone.health = lambda region, _: 0.0 if region == B else 1.0
    zone.weights.down = True
    zone.run(5)
    assert all("does not answer" in str(each["frozen"]) for each in zone.said)
    zone.weights.down = False
    zone.run(1)
    assert zone.weights.records["us"] == {A: 255, B: 0}
