"""Switchover and rollback by hand, in memory: the real machines and handlers."""

from typing import Any

import pytest

from failover.errors import RollbackRefusedError
from failover.procedures.opening import begin
from failover.procedures.requests import Machine
from failover.records import IncidentState, LeaseState, Phase
from tests.products import AP, EU, US
from tests.unit.procedures.incidents import OpenIncident
from tests.unit.procedures.test_steps import STEPS, until
from tests.worlds import World

MOVE: dict[str, Any] = {"subject": US, "target": EU, "reason": "maintenance"}
UNDO: dict[str, Any] = {"subject": US, "reason": "a false alarm"}


@pytest.fixture
def world() -> World:
    world = World()
    world.run(12)
    return world


class TestSwitchover:
    def test_the_target_writes_with_nothing_lost_and_the_users_stay(self, world: World) -> None:
        assert world.execute(Machine.SWITCHOVER, MOVE, "planned", AP) == "SUCCEEDED"
        assert world.writer() == EU
        assert world.store.control().evacuated == {}
        (promoting,) = [entry for entry in world.store.journal() if entry.kind == "PROMOTING"]
        assert promoting.facts["loss_bound"] == "0.0 s"

    def test_the_users_move_where_that_is_asked_for(self, world: World) -> None:
        assert world.execute(Machine.SWITCHOVER, {**MOVE, "evacuate": True}, "planned", AP) == "SUCCEEDED"
        assert set(world.store.control().evacuated) == {US}

    def test_it_begins_no_cool_down(self, world: World) -> None:
        world.execute(Machine.SWITCHOVER, MOVE, "planned", AP)
        assert world.store.control().last_failover_at is None

    def test_a_source_that_does_not_answer_is_no_source_of_a_planned_move(self, world: World) -> None:
        world.kill(US)
        assert world.execute(Machine.SWITCHOVER, MOVE, "planned", AP) == "FAILED SwitchoverRefusedError"
        assert world.store.database("orders").lease.state is LeaseState.GRANTED
        assert world.replicas.asked == []

    def test_a_target_that_lags_is_refused_while_the_source_still_writes(self, world: World) -> None:
        world.lagging.add(EU)
        world.run(200)
        assert world.execute(Machine.SWITCHOVER, MOVE, "planned", AP) == "FAILED SwitchoverRefusedError"
        assert "LEASE_REVOKED" not in world.kinds()

    def test_a_target_that_never_receives_the_last_write_is_not_promoted(self, world: World) -> None:
        world.copies["orders", EU].position -= 1
        assert world.execute(Machine.SWITCHOVER, MOVE, "planned", AP) == "FAILED ReplicaBehindError"
        assert world.replicas.asked == []
        world.run(12)
        assert world.writer() == US

    def test_its_loss_bound_is_that_of_the_moment_in_which_the_target_has_everything(self, world: World) -> None:
        """A target that is weighed a moment before the last write arrives has lost nothing when it is chosen."""
        source, target, sleep = world.copies["orders", US], world.copies["orders", EU], world.clock.sleep

        def catch_up(seconds: float) -> None:
            target.position = source.position
            sleep(seconds)

        def fall_behind() -> None:
            target.position -= 1
            world.clock.sleep = catch_up  # type: ignore[method-assign]

        world.during("ChooseTarget", fall_behind)
        assert world.execute(Machine.SWITCHOVER, MOVE, "planned", AP) == "SUCCEEDED"
        (promoting,) = [entry for entry in world.store.journal() if entry.kind == "PROMOTING"]
        assert promoting.facts["loss_bound"] == "0.0 s"

    def test_it_leaves_the_database_unprotected_and_says_so(self, world: World) -> None:
        """RDS for PostgreSQL: the old writer and the sibling do not follow a promoted replica."""
        world.execute(Machine.SWITCHOVER, MOVE, "planned", AP)
        assert set(world.store.database("orders").diverged) == {US, AP}
        assert "UNPROTECTED" in world.kinds()
        assert "unprotected until a copy has rejoined" in world.pager.pages[-1][1]


class TestRollback:
    @pytest.mark.parametrize("step", ["shift_traffic", "revoke_lease", "fence_source", "await_lease", "choose_target"])
    def test_whatever_was_done_before_the_point_of_no_return_is_undone(self, step: str) -> None:
        moving = until(step, OpenIncident())
        assert moving.world.execute(Machine.ROLLBACK, UNDO, "undo", AP) == "SUCCEEDED"
        control = moving.world.store.control()
        assert (control.incident, control.evacuated, control.outcome) == (None, {}, "COMPENSATED")
        assert (moving.record.phase, moving.record.lease.state) == (Phase.STEADY, LeaseState.GRANTED)
        moving.world.run(12)
        assert moving.world.writer() == US

    def test_past_it_nothing_is_undone_and_the_executor_keeps_its_term(self) -> None:
        moving = until("promote_database", OpenIncident())
        assert moving.world.execute(Machine.ROLLBACK, UNDO, "undo", AP) == "FAILED RollbackRefusedError"
        STEPS["promote_database"](moving)
        STEPS["admit_writer"](moving)
        assert moving.world.writer() == EU

    def test_without_an_incident_there_is_nothing_to_undo(self, world: World) -> None:
        with pytest.raises(RollbackRefusedError, match="comes back by the machine failback"):
            begin(world.ports(AP), world.topology, UNDO, "arn:e:undo", Machine.ROLLBACK)

    def test_a_point_of_no_return_that_passes_in_the_moment_of_the_request_is_held(self) -> None:
        """The old executor's write was on its way when the incident was taken over."""
        moving = until("choose_target", OpenIncident())
        ticket = begin(moving.world.ports(AP), moving.topology, UNDO, "memory:rollback:undo", Machine.ROLLBACK)
        record = moving.record
        from dataclasses import replace

        moving.world.store.change_database(record, replace(record, phase=Phase.PROMOTING, target=EU))
        assert ticket["incident"]["owner"] == AP
        assert (
            moving.world.execute(Machine.ROLLBACK, ticket, "memory:rollback:undo", AP) == "FAILED RollbackRefusedError"
        )
        incident = moving.world.store.control().incident
        assert incident is not None and incident.state is IncidentState.HOLDING
        assert moving.world.writer() is None
