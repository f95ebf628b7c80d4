"""What is decided while an incident is open, and with which machine one is opened."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from failover.procedures.deciding import decide_failover
from failover.procedures.opening import begin, open_incident
from failover.procedures.requests import Machine
from failover.records import Health, IncidentSighting, JournalEntry, Vote
from failover.regional_ports import Nodes
from tests.products import AP, EU, US
from tests.unit.procedures.decisions import SEQUENCE, Cramped, decided, down
from tests.worlds import World


@pytest.fixture
def world() -> World:
    world = World()
    world.run(12)
    return world


class TestDatabaseAlone:
    def test_its_own_machine_moves_it_and_its_users_stay(self, world: World) -> None:
        down(world, faults=("database_write:orders", "errors"))
        assert decided(world.ports(EU), world) == "R331"
        incident = world.store.control().incident
        assert incident is not None
        assert (incident.machine, incident.databases, incident.evacuates) == ("database_failover", ("orders",), False)
        assert list(world.machines.started) == [f"database-failover-{incident.id}-1"]
        assert [machine for machine, _ in world.machines.started.values()] == ["database_failover"]


class TestTakingOver:
    @pytest.fixture
    def world(self) -> World:
        """EU opened and joined an incident, and is silent since."""
        world = World()
        world.run(12)
        down(world)
        decide_failover(world.ports(EU), world.topology)
        ((name, (_, document)),) = world.machines.started.items()
        begin(world.ports(EU), world.topology, document, name)
        world.machines.started.clear()
        return world

    def sees(self, world: World, seconds: float) -> None:
        incident = world.store.control().incident
        assert incident is not None
        sighting = IncidentSighting(incident.id, incident.term, incident.beat, seconds)
        told = Vote(US, AP, Health.UNHEALTHY, "told", 1, next(SEQUENCE), world.clock.now(), 30.0, ("a",))
        world.store.cast(replace(told, incident=sighting))

    def test_the_next_term_begins_in_the_region_that_saw_the_silence(self, world: World) -> None:
        self.sees(world, 30.0)
        assert decided(world.ports(AP), world) == "R106"
        incident = world.store.control().incident
        assert incident is not None
        assert (incident.owner, incident.term, incident.execution) == (AP, 2, None)
        assert list(world.machines.started) == [f"failover-{incident.id}-2"]

    def test_a_pause_does_not_orphan_what_has_begun(self, world: World) -> None:
        world.pause()
        self.sees(world, 30.0)
        assert decided(world.ports(AP), world) == "R106"

    def test_an_executor_that_was_only_slow_keeps_it(self, world: World) -> None:
        self.sees(world, 30.0)
        ports, ahead = world.ports(AP), world.store.control()
        assert ahead.incident is not None
        append = ports.store.append

        def beaten_meanwhile(entry: JournalEntry) -> None:
            control = world.store.control()
            assert control.incident is not None
            alive = replace(control.incident, beat=control.incident.beat + 1)
            world.store.change_control(control, replace(control, incident=alive))
            append(entry)

        world.store.append = beaten_meanwhile  # type: ignore[method-assign]
        decide_failover(ports, world.topology)
        after = world.store.control().incident
        assert after is not None
        assert (after.owner, after.term) == (EU, 1)
        assert world.machines.started == {}


class TestCapacity:
    def test_regions_that_cannot_carry_everybody_are_not_given_everybody(self, world: World) -> None:
        world.services = replace(world.services, compute=Cramped())
        down(world)
        assert decided(world.ports(EU), world) == "R315"
        assert world.store.control().incident is None

    def test_a_compute_service_that_does_not_answer_stops_nothing(self, world: World) -> None:
        world.services = replace(world.services, compute=Cramped("no answer"))
        down(world)
        assert decided(world.ports(EU), world) == "R330"


def test_neither_copies_nor_nodes_are_asked_before_they_matter(world: World) -> None:
    asked: list[Any] = []
    world.services = replace(world.services, compute=Cramped(asked=asked))
    ports = world.ports(EU)
    brief: dict[str, Any] = {"unhealthy_seconds": 1.0}
    flapping: dict[str, Any] = {"unhealthy_seconds": 30.0, "flaps": 9}
    for trouble in (brief, flapping):
        down(world, **trouble)
        decide_failover(ports, world.topology)
    assert asked == []


def test_only_the_regions_that_stay_are_asked_for_nodes_and_none_for_a_database_alone(world: World) -> None:
    asked: list[Any] = []
    world.services = replace(world.services, compute=Cramped("no answer", asked=asked))
    control = world.store.control()
    world.store.change_control(control, replace(control, evacuated={AP: "ap-southeast-1-1"}))
    down(world, faults=("database_write:orders",))
    assert decided(world.ports(EU), world) == "R331"
    assert asked == []
    control = world.store.control()
    world.store.change_control(control, replace(control, incident=None))
    down(world)
    assert decided(world.ports(EU), world) == "R330"
    assert [list(regions) for regions in asked] == [[EU]]


def test_what_another_region_opened_and_closed_meanwhile_is_not_opened_again(world: World) -> None:
    """Asking the copies and the nodes takes seconds, in which a whole incident may begin and end elsewhere."""

    class Slow(Cramped):
        def describe(self, regions: Sequence[str]) -> Mapping[str, Nodes]:
            if world.store.control().closed is None:
                opened = open_incident(world.ports(AP), world.topology, US, "R330", "down")
                ended = replace(world.store.control(), incident=None, closed=opened.id, outcome="FAILED_OVER")
                cooling = replace(ended, last_failover_at=world.clock.now())
                world.store.change_control(world.store.control(), cooling)
            return super().describe(regions)

    world.services = replace(world.services, compute=Slow("no answer"))
    down(world)
    assert decided(world.ports(EU), world) == "R280"
    assert world.store.control().incident is None
    assert world.machines.started == {}


def test_a_region_that_is_seen_again_while_copies_are_asked_is_left_alone(world: World) -> None:
    """Asking takes seconds; the votes that count are those that stand after it."""

    class Slow(Cramped):
        def describe(self, regions: Sequence[str]) -> Mapping[str, Nodes]:
            for observer in (EU, AP):
                world.store.cast(
                    Vote(US, observer, Health.HEALTHY, "served", 1, next(SEQUENCE), world.clock.now(), 0.0, ("a",))
                )
            return super().describe(regions)

    world.services = replace(world.services, compute=Slow("no answer"))
    down(world)
    assert decided(world.ports(EU), world) == "R230"
    assert world.store.control().incident is None


def test_a_failback_is_given_up_for_a_failover(world: World) -> None:
    returning = open_incident(world.ports(AP), world.topology, AP, "MANUAL", "return", machine=Machine.FAILBACK)
    down(world)
    assert decided(world.ports(EU), world) == "R330"
    incident = world.store.control().incident
    assert incident is not None
    assert (incident.subject, incident.machine) == (US, "failover")
    assert incident.id != returning.id
