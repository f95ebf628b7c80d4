"""Users come back to a provider by and by, minute by minute, and nothing ever waits for it."""

from dataclasses import replace

import pytest

from failover.adapters.memory import ManualClock, MemoryStore
from failover.adapters.memory.steering import MemoryRouteWeights
from failover.adapters.memory.surroundings import NOON
from failover.decision.returning import HOME, SPARED, Returning
from failover.procedures.returning import ReturningPorts, return_users
from failover.records import Control, Health, Pause, Vote
from tests.sites import CONTROL, HETZNER, OVH, places
from tests.unit.decision.snapshots import incident

EU = Returning("eu", (HETZNER, OVH), first_percent=10, percent_per_minute=30)


class Place:
    """Frankfurt's name, and what is known of its first provider."""

    def __init__(self) -> None:
        self.store, self.clock = MemoryStore(), ManualClock()
        self.weights = MemoryRouteWeights({"eu": {HOME: 100, SPARED: 0}})
        self.ports = ReturningPorts(self.store, self.weights, self.clock)
        self.store.initialise([])
        self.seen(Health.HEALTHY)

    def seen(self, health: Health) -> None:
        for observer in CONTROL:
            self.store.cast(Vote(HETZNER, observer, health, "", 1, 1, self.clock.now(), 0.0, ("a", "b", "c")))

    def change(self, **changes: object) -> None:
        control = self.store.control()
        self.store.change_control(control, replace(control, **changes))  # type: ignore[arg-type]

    def minute(self) -> int:
        """What a minute makes of the share."""
        return_users(self.ports, places(), [EU])
        weights = self.weights.records["eu"]
        assert weights[HOME] + weights[SPARED] == 100
        return weights[HOME]


@pytest.fixture
def place() -> Place:
    return Place()


def test_nothing_is_written_while_all_is_well(place: Place) -> None:
    assert place.minute() == 100
    assert place.weights.written == []


def test_the_share_is_made_small_while_nobody_is_there_and_grows_when_they_may_come(place: Place) -> None:
    place.change(evacuated={HETZNER: "an incident"})
    assert [place.minute() for _ in range(3)] == [10, 10, 10]
    place.change(evacuated={})
    assert [place.minute() for _ in range(5)] == [40, 70, 100, 100, 100]


@pytest.mark.parametrize("health", [Health.UNHEALTHY, Health.UNKNOWN])
def test_a_share_neither_grows_nor_shrinks_while_the_provider_is_not_seen_up(place: Place, health: Health) -> None:
    place.change(evacuated={HETZNER: "an incident"})
    place.minute()
    place.change(evacuated={})
    place.minute()
    place.seen(health)
    assert [place.minute() for _ in range(3)] == [40, 40, 40]


def test_no_weight_is_touched_while_an_incident_is_open(place: Place) -> None:
    place.change(evacuated={HETZNER: "i"}, incident=incident())
    assert place.minute() == 100
    assert place.weights.written == []


def test_no_weight_is_touched_while_operators_have_paused(place: Place) -> None:
    place.change(evacuated={HETZNER: "i"}, pause=Pause("look first", NOON.replace(year=2030)))
    assert place.minute() == 100


def test_route_53s_api_on_a_bad_day_stops_nothing(place: Place) -> None:
    place.change(evacuated={HETZNER: "an incident"})
    place.weights.down = True
    assert return_users(place.ports, places(), [EU]) == {"eu": {"frozen": "Route 53's API does not answer"}}
    place.weights.down = False
    assert place.minute() == 10


def test_the_second_provider_may_be_evacuated_and_nobody_is_moved_by_that(place: Place) -> None:
    place.change(evacuated={OVH: "an incident"})
    assert place.minute() == 100


def test_a_first_day_without_votes_changes_nothing() -> None:
    place = Place()
    place.store = MemoryStore()
    place.ports = replace(place.ports, store=place.store)
    place.store.initialise([])
    place.weights.records["eu"] = {HOME: 50, SPARED: 50}
    assert place.minute() == 50
    assert place.store.control() == Control(version=place.store.control().version)
