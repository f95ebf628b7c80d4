"""From votes to an incident: once, whoever else decides, and people are told."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from failover.decision import Action
from failover.errors import StoreUnreachableError, TransientError
from failover.ports import Ports
from failover.procedures.commands import begun
from failover.procedures.deciding import decide_failover
from failover.procedures.opening import begin
from failover.procedures.operating import consent
from failover.procedures.ownership import take_over
from failover.records import Control, Health, JournalEntry
from failover.topology import Database, DatasetKind, Engine
from tests.products import AP, EU, US, quickstart
from tests.unit.procedures.decisions import decided, down
from tests.unit.procedures.incidents import OpenIncident
from tests.worlds import World

PASSPORTS = Database(
    "passports", Engine.RDS_POSTGRES, DatasetKind.HOME_REGION, "global", EU, (), 60, "db.r6g.large", 100
)


@pytest.fixture
def world() -> World:
    world = World()
    world.run(12)
    return world


def test_the_incident_that_is_opened_is_the_one_that_is_started(world: World) -> None:
    down(world)
    assert decided(world.ports(EU), world) == "R330"
    incident = world.store.control().incident
    assert incident is not None
    assert (incident.subject, incident.owner, incident.term, incident.databases) == (US, EU, 1, ("orders",))
    assert world.machines.started == {
        f"failover-{incident.id}-1": ("failover", begun(world.topology, incident)),
    }


def test_a_decision_is_journalled_with_its_rule_and_its_topology(world: World) -> None:
    down(world)
    decide_failover(world.ports(EU), world.topology)
    told = [entry for entry in world.store.journal() if entry.kind in ("DECISION", "INCIDENT_OPENED")]
    assert [(entry.kind, entry.rule) for entry in told[:2]] == [("DECISION", "R330"), ("INCIDENT_OPENED", "R330")]
    assert all(entry.digest for entry in told)


def test_a_healthy_world_is_not_talked_about(world: World) -> None:
    down(world, Health.HEALTHY)
    down(world, Health.HEALTHY, subject=AP)
    before = world.store.journal()
    assert {each.action for each in decide_failover(world.ports(EU), world.topology)} == {Action.HOLD}
    assert world.store.journal() == before


def test_the_store_is_read_once_for_all_regions_while_all_are_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each read asks another region on AWS: a round of them for every region would be most of a decision's time."""
    down(world, Health.HEALTHY)
    down(world, Health.HEALTHY, subject=AP)
    read: Counter[str] = Counter()

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*told: Any) -> Any:
            read[name] += 1
            return real(*told)

        return ask

    for name in ("control", "database", "votes", "words"):
        monkeypatch.setattr(world.store, name, counted(name, getattr(world.store, name)))
    decide_failover(world.ports(EU), world.topology)
    assert read == {"control": 1, "database": 1, "votes": 1, "words": 1}


def test_a_second_region_is_decided_about_after_what_was_done_about_the_first(world: World) -> None:
    down(world)
    down(world, subject=AP)
    rules = {each.subject: each.rule for each in decide_failover(world.ports(EU), world.topology)}
    assert (rules[US][:2], rules[AP]) == ("R3", "R105")


def test_of_all_regions_that_decide_in_the_same_instant_one_opens_one_incident(world: World) -> None:
    down(world)
    instant = threading.Barrier(6, timeout=10)

    def decide(here: str) -> None:
        ports = world.ports(here)
        instant.wait()
        decide_failover(ports, world.topology)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(decide, [EU, AP] * 3))
    incident = world.store.control().incident
    assert incident is not None
    assert list(world.machines.started) == [f"failover-{incident.id}-1"]
    assert world.kinds().count("INCIDENT_OPENED") == 1
    assert world.store.control().term == 1


def test_data_that_never_leaves_home_stops_no_decision() -> None:
    world = World(quickstart())
    world.run(12)
    topology = replace(world.topology, databases=(*world.topology.databases, PASSPORTS))
    down(world)
    decide_failover(world.ports(EU), topology)
    incident = world.store.control().incident
    assert incident is not None
    assert incident.databases == ("orders",)


class TestStarting:
    def broken_once(self, world: World, error: Exception) -> Ports:
        """A region whose first start of an execution fails."""
        ports, start, failures = world.ports(EU), world.machines.start, [error]

        class Machines:
            def start(self, machine: str, name: str, document: dict[str, object]) -> str:
                if failures:
                    raise failures.pop()
                return start(machine, name, document)

        return replace(ports, machines=Machines())  # type: ignore[arg-type]

    def test_an_execution_that_was_not_started_is_started_by_the_next_tick(self, world: World) -> None:
        down(world)
        ports = self.broken_once(world, TransientError("Step Functions did not take it"))
        with pytest.raises(TransientError):
            decide_failover(ports, world.topology)
        assert world.machines.started == {}
        assert decided(ports, world) == "R105"
        assert len(world.machines.started) == 1

    def test_it_is_started_even_when_the_region_has_come_back_meanwhile(self, world: World) -> None:
        """The lease may be revoked already; an incident that is open must come to its end."""
        down(world)
        ports = self.broken_once(world, TransientError("Step Functions did not take it"))
        with pytest.raises(TransientError):
            decide_failover(ports, world.topology)
        down(world, Health.HEALTHY)
        assert decided(ports, world) == "R105"
        assert len(world.machines.started) == 1

    def test_a_takeover_that_was_not_told_is_told_by_the_next_tick(self, world: World) -> None:
        moving = OpenIncident(world)
        append = world.store.append

        def losing(entry: JournalEntry) -> None:
            raise StoreUnreachableError("no answer")

        world.store.append = losing  # type: ignore[method-assign]
        control = world.store.control()
        assert control.incident is not None
        with pytest.raises(StoreUnreachableError):
            take_over(world.ports(AP), control.incident)
        world.store.append = append  # type: ignore[method-assign]
        assert decided(world.ports(AP), world) == "R105"
        for _ in range(5):  # it is begun again and again until it joins, and told no more
            decide_failover(world.ports(AP), world.topology)
        told = [(each.incident, each.term, each.region) for each in world.store.journal() if each.kind == "TAKEN_OVER"]
        assert told == [(moving.ticket.id, 2, AP)] * 2, "once for each region that is decided about"

    def test_a_line_of_the_journal_that_was_lost_stops_no_execution(self, world: World) -> None:
        down(world)
        append, lost = world.store.append, [True]

        def losing(entry: JournalEntry) -> None:
            if entry.kind == "INCIDENT_OPENED" and lost:
                lost.pop()
                raise StoreUnreachableError("no answer")
            append(entry)

        world.store.append = losing  # type: ignore[method-assign]
        with pytest.raises(StoreUnreachableError):
            decide_failover(world.ports(EU), world.topology)
        assert decided(world.ports(EU), world) == "R105"
        assert len(world.machines.started) == 1

    def test_another_region_does_not_start_what_it_does_not_own(self, world: World) -> None:
        down(world)
        with pytest.raises(TransientError):
            decide_failover(self.broken_once(world, TransientError("no")), world.topology)
        assert decided(world.ports(AP), world) == "R110"
        assert world.machines.started == {}

    def test_an_incident_whose_execution_works_is_left_to_it(self, world: World) -> None:
        down(world)
        decide_failover(world.ports(EU), world.topology)
        ((name, (_, document)),) = world.machines.started.items()
        begin(world.ports(EU), world.topology, document, name)
        world.machines.started.clear()
        assert decided(world.ports(EU), world) == "R110"
        assert world.machines.started == {}


def test_a_loss_over_the_objective_asks_people_and_waits(world: World) -> None:
    for region in (EU, AP):
        world.copies["orders", region].position = -1
    world.kill(US)
    down(world)
    assert decided(world.ports(EU), world) == "R320"
    assert len(world.machines.started) == 1
    assert len(world.pager.pages) == 1


def test_a_consent_given_before_spares_the_question(world: World) -> None:
    for region in (EU, AP):
        world.copies["orders", region].position = -1
    consent(world.ports(AP), world.topology, "orders", "on call", "the region is gone")
    down(world)
    assert decided(world.ports(EU), world) == "R325"
    assert world.pager.pages == []


@pytest.mark.parametrize("spoil", [lambda world: setattr(world.store, "reachable", False)])
def test_without_the_store_nothing_is_decided(world: World, spoil: Callable[[World], None]) -> None:
    down(world)
    spoil(world)
    with pytest.raises(StoreUnreachableError):
        decide_failover(world.ports(EU), world.topology)
    world.store.reachable = True
    assert world.store.control() == Control(version=1)


def test_a_decision_is_told_when_it_changes_and_not_every_second(world: World) -> None:
    """In a cool-down a region may be down for hours, and is decided about with every probe."""
    control = world.store.control()
    world.store.change_control(control, replace(control, last_failover_at=world.clock.now()))
    world.kill(US)
    world.run(300)
    told = [(entry.rule, entry.region) for entry in world.store.journal() if entry.kind == "DECISION"]
    assert ("R280", EU) in told
    assert len(told) == len(set(told)), "each region tells each of its decisions once"
    world.revive(US)
    world.run(30)
    world.kill(US)
    world.run(60)
    again = [(entry.rule, entry.region) for entry in world.store.journal() if entry.kind == "DECISION"]
    assert again.count(("R280", EU)) == 2, "the next outage is told anew"
