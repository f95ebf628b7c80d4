"""Nothing is stuck for ever: whatever failed, somebody can go on, and people were told."""

import json
from dataclasses import replace
from typing import Any

import pytest

from failover.adapters.memory import MemoryPromisers
from failover.errors import IncidentRefusedError, PageNotSentError, StaleTermError, StoreUnreachableError
from failover.procedures.deciding import decide_failover
from failover.procedures.guarding import GuardPorts, guard
from failover.procedures.opening import begin
from failover.procedures.traffic import shift_traffic, verify_traffic
from failover.records import DatabaseRecord, Health, IncidentState, Phase, Vote
from failover.topology import Database, DatasetKind, Engine
from simulator.asl import Interpreter, MachineFailed
from tests import worlds
from tests.products import AP, EU, US, quickstart
from tests.unit.procedures.incidents import OpenIncident
from tests.worlds import World

BY_HAND = {"subject": US, "reason": "the promotion is possible now"}


def down(world: World, subject: str = US) -> None:
    for observer in {US, EU, AP} - {subject}:
        world.store.cast(Vote(subject, observer, Health.UNHEALTHY, "", 9, 1, world.clock.now(), 30.0, ("a", "b")))


def held() -> World:
    """The incident is past its point of no return and holds: its promotion was refused for too long."""
    world = World()
    world.run(60)
    world.replicas.refusals = 10_000
    world.kill(US)
    world.run(60)
    world.replicas.refusals = 0
    incident = world.store.control().incident
    assert incident is not None
    assert incident.state is IncidentState.HOLDING
    return world


class TestAHeldIncident:
    def test_goes_on_when_a_person_starts_it_again(self) -> None:
        world = held()
        assert world.execute("failover", BY_HAND, "by-hand", AP) == "SUCCEEDED"
        assert world.writer() == EU
        assert world.store.control().incident is None

    def test_goes_on_under_the_next_term_with_the_same_target(self) -> None:
        world = held()
        before = world.store.control().incident
        assert before is not None
        begun = begin(world.ports(AP), world.topology, BY_HAND, "arn:by-hand")
        incident = world.store.control().incident
        assert incident is not None
        assert (incident.id, incident.owner, incident.term) == (before.id, AP, before.term + 1)
        assert incident.state is IncidentState.OPEN
        assert begun["incident"]["term"] == incident.term
        assert world.store.database("orders").target == EU
        assert "TAKEN_OVER" in world.kinds()

    def test_is_taken_over_once_though_the_answer_was_lost(self) -> None:
        world = held()
        first = begin(world.ports(AP), world.topology, BY_HAND, "arn:by-hand")
        assert begin(world.ports(AP), world.topology, BY_HAND, "arn:by-hand") == first

    def test_refuses_the_one_who_held_it(self) -> None:
        world = held()
        before = world.store.control().incident
        assert before is not None
        begin(world.ports(AP), world.topology, BY_HAND, "arn:by-hand")
        ticket = {"id": before.id, "subject": US, "owner": before.owner, "term": before.term}
        with pytest.raises(StaleTermError):
            begin(world.ports(EU), world.topology, {"incident": ticket}, str(before.execution))

    def test_of_another_region_is_none_of_this_requests(self) -> None:
        world = held()
        with pytest.raises(IncidentRefusedError, match=US):
            begin(world.ports(EU), world.topology, {"subject": AP, "reason": "drain"}, "arn:by-hand")

    def test_that_is_worked_on_is_left_to_its_execution(self) -> None:
        world = held()
        begin(world.ports(AP), world.topology, BY_HAND, "arn:by-hand")
        with pytest.raises(IncidentRefusedError, match="is open"):
            begin(world.ports(EU), world.topology, BY_HAND, "arn:by-another-hand")


class TestAnExecutionThatNeverJoined:
    def test_is_followed_by_another_one(self) -> None:
        """Its first state failed, for as long as it was tried, to reach the store; its name is used up."""
        world = World()
        world.run(12)
        down(world)
        decide_failover(world.ports(EU), world.topology)
        ((name, (machine, document)),) = world.machines.started.items()
        world.store.reachable = False
        assert world.execute(machine, document, name, EU) == "FAILED StoreUnreachableError"
        world.store.reachable = True
        world.clock.sleep(60)
        decide_failover(world.ports(EU), world.topology)
        (again,) = set(world.machines.started) - {name}
        assert world.execute(*world.machines.started[again], again, EU) == "SUCCEEDED"
        assert world.writer() == EU

    def test_is_given_its_time_to_begin(self) -> None:
        world = World()
        world.run(12)
        down(world)
        for _ in range(10):
            decide_failover(world.ports(EU), world.topology)
            world.clock.sleep(5)
        assert len(world.machines.started) == 1


class TestPages:
    def test_a_page_of_a_held_incident_that_was_not_taken_is_sent_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        world = World()
        world.run(60)
        world.replicas.refusals = 10_000
        page, failures = world.pager.page, [PageNotSentError("throttled")] * 3

        def failing(subject: str, text: str) -> None:
            if failures:
                raise failures.pop()
            page(subject, text)

        monkeypatch.setattr(world.pager, "page", failing)
        world.kill(US)
        world.run(60)
        assert any("needs you" in subject for subject, _ in world.pager.pages)


class Rebooting(World):
    """Its target says that it is promoted, and then does not answer for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.back_at, sleep = 0.0, self.clock.sleep

        def passing(seconds: float) -> None:
            sleep(seconds)
            target = self.copies["orders", EU]
            if not target.in_recovery and not self.back_at:
                target.reachable, self.back_at = False, self.clock.elapsed() + 60
            elif self.clock.elapsed() >= self.back_at:
                target.reachable = True

        self.clock.sleep = passing  # type: ignore[method-assign]


def test_a_target_that_reboots_after_its_promotion_is_waited_for() -> None:
    world = Rebooting()
    world.run(60)
    world.kill(US)
    world.run(45)
    assert list(world.executed.values()) == ["SUCCEEDED"]


@pytest.mark.parametrize("error", ["Lambda.Unknown", "Lambda.ClientExecutionTimeoutException", "Runtime.ExitError"])
def test_a_function_that_was_lost_in_mid_step_is_called_again(error: str) -> None:
    world = World()
    world.run(30)
    lost: set[str] = set()

    def losing(function: str, payload: Any, _limit: float) -> Any:
        answer = worlds.invoke(function, payload)
        if function not in lost:
            lost.add(function)
            raise MachineFailed(error, "the function's environment is gone")
        return answer

    definition = json.loads((worlds.MACHINES / "failover.asl.json").read_text("utf-8"))
    with world.wired(EU):
        Interpreter(definition, losing, world.clock.sleep, worlds.Substitutions()).execute(BY_HAND, "by-hand")
    assert world.writer() == EU


class TestTraffic:
    def test_a_lever_that_is_cut_off_from_the_store_holds_up_nothing(self) -> None:
        """One that says evacuated suffices: Route 53 needs no more."""
        moving = OpenIncident()
        world = moving.world
        shift_traffic(moving.ports, moving.of_all())
        answer = moving.ports.http.answers  # type: ignore[attr-defined]
        cut_off = f"https://{world.names.lever(AP)}"

        def stale(url: str) -> Any:
            told = answer(url)
            return replace(told, body="in service") if url.startswith(cut_off) else told

        moving.ports.http.answers = stale  # type: ignore[attr-defined]
        assert len(verify_traffic(moving.ports, moving.of_all())["levers"]) == 1

    def test_the_last_region_that_is_up_is_not_drained(self) -> None:
        """By hand, while another region is gone and not yet evacuated."""
        moving = OpenIncident(subject=EU, here=AP)
        world = moving.world
        control = world.store.control()
        world.store.change_control(control, replace(control, evacuated={US: "us-east-1-2"}))
        down(world, AP)
        assert shift_traffic(moving.ports, moving.of_all()) == {"evacuated": False}


def test_a_database_that_was_never_initialised_stops_no_failover() -> None:
    """It was added to the topology and deployed; nobody has ever been let to write it."""
    world = World()
    world.run(12)
    new = Database("invoices", Engine.RDS_POSTGRES, DatasetKind.SINGLE, "global", US, (EU,), 60, "db.r6g.large", 9)
    topology = replace(world.topology, databases=(*world.topology.databases, new))
    down(world)
    decide_failover(world.ports(EU), topology)
    incident = world.store.control().incident
    assert incident is not None
    assert incident.databases == ("orders",)


def test_an_error_that_nobody_foresaw_does_not_end_a_guard() -> None:
    world = World()
    copy, failures = world.copies["orders", US], [RuntimeError("a service says something new")]

    class Surprising:
        def __getattr__(self, name: str) -> Any:
            if failures:
                raise failures.pop()
            return getattr(copy, name)

    ports = GuardPorts(US, world.clock, world.store, MemoryPromisers({}), {"orders": Surprising()}, world.telemetry)
    world.clock.sleep(5)
    assert guard(ports, world.topology, 30.0)["orders"] >= 4


class TestSeveralDatabases:
    """One has passed its point of no return, and the other's write fails for as long as it is tried."""

    INVOICES = Database(
        "invoices", Engine.RDS_POSTGRES, DatasetKind.SINGLE, "global", US, (EU, AP), 60, "db.r6g.large", 9
    )

    def half_committed(self) -> World:
        world = World(quickstart(databases=(*quickstart().databases, self.INVOICES)))
        change = world.store.change_database

        def failing(seen: DatabaseRecord, wanted: DatabaseRecord) -> DatabaseRecord:
            if (wanted.name, wanted.phase) == ("invoices", Phase.PROMOTING):
                raise StoreUnreachableError("no replica answered")
            return change(seen, wanted)

        world.store.change_database = failing  # type: ignore[method-assign]
        world.run(60)
        world.kill(US)
        world.run(45)
        assert list(world.executed.values()) == ["FAILED StoreUnreachableError"]
        world.store.change_database = change  # type: ignore[method-assign]
        return world

    def test_hold_together_and_nothing_of_them_is_undone(self) -> None:
        world = self.half_committed()
        incident = world.store.control().incident
        assert incident is not None
        assert incident.state is IncidentState.HOLDING
        assert "LEASE_REGRANTED" not in world.kinds()
        assert world.replicas.asked == []

    def test_move_together_when_a_person_goes_on(self) -> None:
        world = self.half_committed()
        assert world.execute("failover", BY_HAND, "by-hand", AP) == "SUCCEEDED"
        assert {world.store.database(name).writer for name in ("orders", "invoices")} == {EU}
        assert sorted(world.replicas.asked) == [("invoices", EU), ("orders", EU)]


def test_whoever_is_paged_for_a_held_incident_is_told_how_to_go_on() -> None:
    world = held()
    ((_, text),) = [page for page in world.pager.pages if "needs you" in page[0]]
    assert '{"subject": "us-east-1", "reason": ' in text
