"""The return of a lost region, in memory: the real machine and handlers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from failover.adapters.memory import MemoryAgent
from failover.errors import ArchiveIncompleteError, GateRefusedError, ReplicaBehindError, StaleTermError
from failover.ports import Ports
from failover.procedures.archiving import archive_tail, consent_to_gaps
from failover.procedures.commands import DatabaseCommand, IncidentCommand, Ticket
from failover.procedures.opening import open_incident
from failover.procedures.protection import unprotected
from failover.procedures.rejoining import await_replica, rejoin_database, return_traffic
from failover.procedures.requests import Machine
from failover.records import DatabaseRecord, IncidentState
from failover.tails import Archive, TailRequest
from tests.products import AP, EU, US
from tests.worlds import World

BACK: dict[str, Any] = {"subject": US, "reason": "it is there again"}
LOST = 7
"""Changes that the old writer had acknowledged and nobody had received when it died."""


@pytest.fixture
def world() -> World:
    """us-east-1 died with writes that nobody has, eu-west-1 writes, and us-east-1 has come back."""
    world = World()
    world.run(12)
    world.copies["orders", US].position += 100 * LOST
    world.kill(US)
    world.run(120)
    assert world.writer() == EU
    world.revive(US)
    world.run(60)
    return world


class Returning:
    """A failback that is open, its steps called by hand."""

    def __init__(self, world: World, subject: str = US) -> None:
        self.world, self.ports = world, world.ports(AP)
        ports = self.ports
        opened = open_incident(
            ports, world.topology, subject, "MANUAL", "back", machine="failback", databases=("orders",)
        )
        self.ticket = Ticket.of(opened)
        control = world.store.control()  # somebody works for it: without, it would be taken up by the decision
        world.store.change_control(control, replace(control, incident=replace(opened, execution="by hand")))

    def step(
        self, step: Callable[[Ports, DatabaseCommand], dict[str, Any]], ports: Ports | None = None
    ) -> dict[str, Any]:
        return step(ports or self.ports, DatabaseCommand(self.world.topology, self.ticket, "orders", {}))

    def return_traffic(self) -> dict[str, Any]:
        return return_traffic(self.ports, IncidentCommand(self.world.topology, self.ticket, ("orders",)))

    @property
    def record(self) -> DatabaseRecord:
        return self.world.store.database("orders")

    def entry(self, kind: str) -> Any:
        (found,) = [each for each in self.world.store.journal() if each.kind == kind]
        return found


class TestTheMachine:
    def test_a_region_that_returns_is_kept_rejoined_and_given_its_users(self, world: World) -> None:
        assert set(world.store.database("orders").diverged) == {US, AP}
        assert world.execute(Machine.FAILBACK, BACK, "back", AP) == "SUCCEEDED"
        record = world.store.database("orders")
        assert (record.writer, set(record.diverged)) == (EU, {AP})
        assert world.store.control().evacuated == {}
        assert world.copies["orders", US].in_recovery
        told = [
            kind for kind in world.kinds() if kind in ("TAIL_ARCHIVED", "REJOINING", "REJOINED", "TRAFFIC_RETURNED")
        ]
        assert told == ["TAIL_ARCHIVED", "REJOINING", "REJOINED", "TRAFFIC_RETURNED"]
        assert world.store.control().outcome == "REJOINED"

    def test_the_writer_stays_where_it_is(self, world: World) -> None:
        asked = list(world.replicas.asked)
        world.execute(Machine.FAILBACK, BACK, "back", AP)
        world.run(60)
        assert world.writer() == EU
        assert world.replicas.asked == asked

    def test_nothing_is_rebuilt_that_could_not_be_kept_whole(self, world: World) -> None:
        world.copies["orders", US].tail_from = None
        assert world.execute(Machine.FAILBACK, BACK, "back", AP) == "FAILED ArchiveIncompleteError"
        assert world.replicas.rejoined == []
        incident = world.store.control().incident
        assert incident is not None and incident.state is IncidentState.HOLDING
        consent_to_gaps(world.ports(AP), world.topology, "orders", "somebody", "what is lost is lost")
        assert world.execute(Machine.FAILBACK, BACK, "again", AP) == "SUCCEEDED"
        (told,) = [each for each in world.store.journal() if each.kind == "TAIL_ARCHIVED"]
        assert told.facts["complete"] == "no"

    def test_a_region_that_serves_and_follows_has_nothing_to_return(self, world: World) -> None:
        assert world.execute(Machine.FAILBACK, BACK, "back", AP) == "SUCCEEDED"
        assert world.execute(Machine.FAILBACK, BACK, "twice", AP).startswith("FAILED")


class TestArchiving:
    def test_exactly_what_only_the_old_writer_has_is_kept_and_counted(self, world: World) -> None:
        returning = Returning(world)
        answer = returning.step(archive_tail)
        assert (answer["rows"], answer["complete"]) == (LOST, True)
        facts = returning.entry("TAIL_ARCHIVED").facts
        assert (facts["rows"], facts["transactions"], facts["file"]) == (str(LOST), str(LOST), answer["archive"])
        assert facts["oldest"] and facts["newest"]
        assert answer["archive"].startswith(f"memory://{US}/tails/orders/1-")

    def test_an_old_writer_that_lost_nothing_leaves_an_empty_file(self, world: World) -> None:
        world.copies["orders", US].position = world.store.database("orders").diverged[US].position or 0
        answer = Returning(world).step(archive_tail)
        assert (answer["rows"], answer["archive"] is None) == (0, False)

    def test_a_tail_of_many_parts_is_counted_once_though_its_step_is_repeated(self, world: World) -> None:
        world.copies["orders", US].position += 100 * 333
        returning, lost_answers = Returning(world), 0

        class Forgetful(MemoryAgent):
            def archive(self, database: str, region: str, request: TailRequest) -> Archive:
                nonlocal lost_answers
                answer = super().archive(database, region, request)
                lost_answers += 1
                if lost_answers in (2, 5):
                    raise ConnectionError("the answer was lost")
                return answer

        ports = replace(returning.ports, agent=Forgetful(world.copies))
        for _ in range(2):
            with pytest.raises(ConnectionError):
                returning.step(archive_tail, ports)
        assert returning.step(archive_tail, ports)["rows"] == LOST + 333
        assert returning.step(archive_tail, ports)["rows"] == LOST + 333
        assert returning.entry("TAIL_ARCHIVED").facts["rows"] == str(LOST + 333)

    def test_a_copy_that_takes_writes_is_no_old_writers(self, world: World) -> None:
        old = world.copies["orders", US]
        old.admit(9, world.clock.now().timestamp() + 60)
        with pytest.raises(GateRefusedError):
            Returning(world).step(archive_tail)

    def test_a_replica_of_the_old_writer_has_nothing_of_its_own(self, world: World) -> None:
        world.copies["orders", AP].position = world.store.database("orders").diverged[AP].position or 0
        returning = Returning(world, AP)
        assert returning.step(archive_tail)["archive"] == "nothing"
        assert world.store.database("orders").diverged[AP].archive == "nothing"

    def test_a_replica_that_has_more_than_the_new_writer_waits_for_the_old_writers_tail(self, world: World) -> None:
        """It received what the new writer did not, and nobody has kept that yet."""
        world.copies["orders", AP].position = (world.store.database("orders").diverged[AP].position or 0) + 200
        sibling = Returning(world, AP)
        with pytest.raises(ArchiveIncompleteError, match="bring the old writer's region back first"):
            sibling.step(archive_tail)
        control = world.store.control()
        world.store.change_control(control, replace(control, incident=None))
        file = Returning(world).step(archive_tail)["archive"]
        assert world.store.database("orders").diverged[AP].archive == file


class TestRejoining:
    def test_it_is_refused_before_the_tail_is_kept(self, world: World) -> None:
        with pytest.raises(ArchiveIncompleteError, match="ArchiveTail comes before"):
            Returning(world).step(rejoin_database)
        assert world.replicas.rejoined == []

    def test_it_follows_when_it_has_the_writers_epoch_and_is_near_enough(self, world: World) -> None:
        world.lagging.add(US)
        returning = Returning(world)
        returning.step(archive_tail)
        with pytest.raises(ReplicaBehindError, match="no replica yet"):
            returning.step(await_replica)
        returning.step(rejoin_database)
        copy = world.copies["orders", US]
        copy.gate_epoch -= 1
        with pytest.raises(ReplicaBehindError, match="has not received epoch 2"):
            returning.step(await_replica)
        copy.gate_epoch, position = 2, copy.position
        copy.position = 0
        with pytest.raises(ReplicaBehindError, match="loss bound unknown"):
            returning.step(await_replica)
        copy.position = position
        copy.reachable = False
        with pytest.raises(ReplicaBehindError, match="does not answer"):
            returning.step(await_replica)
        copy.reachable = True
        assert returning.step(await_replica) == {"follows": True}
        assert US not in returning.record.diverged

    def test_one_whose_making_has_failed_is_asked_for_again(self, world: World) -> None:
        """The service takes its time, and what it began can fail when nobody waits for its answer any more."""
        returning, copy = Returning(world), world.copies["orders", US]
        returning.step(archive_tail)
        returning.step(rejoin_database)
        copy.in_recovery = False
        with pytest.raises(ReplicaBehindError, match="no replica yet"):
            returning.step(await_replica)
        assert world.replicas.rejoined == [("orders", US, EU)] * 2
        assert returning.step(await_replica) == {"follows": True}

    def test_one_that_still_follows_the_old_writer_is_asked_for_again(self, world: World) -> None:
        """A copy beside the lost writer's stays a replica, of a server that is no writer, when its making fails."""
        returning, copy = Returning(world), world.copies["orders", US]
        returning.step(archive_tail)
        returning.step(rejoin_database)
        copy.gate_epoch -= 1
        with pytest.raises(ReplicaBehindError, match="has not received epoch 2"):
            returning.step(await_replica)
        assert world.replicas.rejoined == [("orders", US, EU)] * 2

    def test_that_it_cannot_be_asked_for_now_is_no_more_than_waiting(self, world: World) -> None:
        returning, copy = Returning(world), world.copies["orders", US]
        returning.step(archive_tail)
        returning.step(rejoin_database)
        copy.in_recovery = world.copies["orders", EU].reachable = False
        with pytest.raises(ReplicaBehindError, match="no replica yet"):
            returning.step(await_replica)

    def test_asking_again_asks_the_service_to_look_again_and_is_told_once(self, world: World) -> None:
        returning = Returning(world)
        returning.step(archive_tail)
        returning.step(rejoin_database)
        returning.step(rejoin_database)
        assert returning.entry("REJOINING").epoch == 2

    def test_a_failover_in_between_ends_it(self, world: World) -> None:
        returning = Returning(world)
        returning.step(archive_tail)
        seen = returning.record
        world.store.change_database(seen, replace(seen, writer=US, epoch=3))
        for step in (archive_tail, rejoin_database, await_replica):
            with pytest.raises(StaleTermError, match="writes orders now"):
                returning.step(step)
        assert world.replicas.rejoined == []

    def test_a_failover_in_the_very_moment_of_a_write_ends_it_too(self, world: World) -> None:
        returning = Returning(world)
        returning.step(archive_tail)

        class Moved(MemoryAgent):
            def describe(self, database: str, region: str) -> Any:
                seen = world.store.database("orders")
                world.store.change_database(seen, replace(seen, writer=AP, epoch=3))
                return super().describe(database, region)

        returning.step(rejoin_database)
        with pytest.raises(StaleTermError, match="start again"):
            returning.step(await_replica, replace(returning.ports, agent=Moved(world.copies)))
        assert US in returning.record.diverged

    def test_an_incident_that_is_over_moves_nothing(self, world: World) -> None:
        returning = Returning(world)
        control = world.store.control()
        world.store.change_control(control, replace(control, incident=None))
        for step in (archive_tail, rejoin_database, await_replica):
            with pytest.raises(StaleTermError):
                returning.step(step)
        with pytest.raises(StaleTermError):
            returning.return_traffic()

    def test_a_database_none_of_whose_copies_follows_is_unprotected_until_one_does(self, world: World) -> None:
        returning = Returning(world)
        assert unprotected(world.topology, returning.record)
        for step in (archive_tail, rejoin_database, await_replica):
            returning.step(step)
        assert not unprotected(world.topology, returning.record)


class TestReturningTraffic:
    def test_users_do_not_come_back_to_a_copy_that_does_not_follow(self, world: World) -> None:
        with pytest.raises(ReplicaBehindError, match="must rejoin first"):
            Returning(world).return_traffic()
        assert US in world.store.control().evacuated

    def test_a_copy_that_somebody_promoted_meanwhile_is_told_at_once(self, world: World) -> None:
        returning = Returning(world)
        for step in (archive_tail, rejoin_database, await_replica):
            returning.step(step)
        world.copies["orders", US].in_recovery = False
        with pytest.raises(GateRefusedError, match="no replica of eu-west-1's any more: it was promoted past Lifeboat"):
            returning.return_traffic()

    def test_users_do_not_come_back_to_a_region_that_is_not_seen_up(self, world: World) -> None:
        returning = Returning(world)
        for step in (archive_tail, rejoin_database, await_replica):
            returning.step(step)
        world.dark.add(US)
        world.run(18)  # seen down, and not for as long as would open a failover in this one's place
        with pytest.raises(ReplicaBehindError, match="do not see us-east-1 up"):
            returning.return_traffic()
        world.dark.discard(US)
        world.run(60)
        assert returning.return_traffic() == {"returned": True}
        assert returning.return_traffic() == {"returned": True}
        assert world.store.control().evacuated == {}
