"""What operators order while an incident is being worked on: pause, resume, skip, abort, approve, veto."""

from dataclasses import replace
from datetime import timedelta
from unittest import mock

import pytest

from failover.errors import (
    AbortedByOperatorError,
    ApprovalMissingError,
    ApprovalRefusedError,
    IncidentRefusedError,
    PausedByOperatorError,
    RequestInvalidError,
    StoreUnreachableError,
    VetoedError,
)
from failover.procedures import operating
from failover.procedures.asking import ask_veto, await_approval
from failover.procedures.opening import open_incident
from failover.procedures.requests import Machine
from failover.records import IncidentState
from failover.topology import Topology, Veto
from tests.products import AP, EU, US, quickstart
from tests.unit.procedures.decisions import refusing
from tests.unit.procedures.incidents import OpenIncident
from tests.unit.procedures.test_steps import ORDER, STEPS, until
from tests.worlds import World

BEFORE = ("shift_traffic", "revoke_lease", "fence_source", "await_lease", "choose_target")
AFTER = ORDER[ORDER.index("promote_database") :]


def with_policy(**changes: object) -> Topology:
    topology = quickstart()
    return replace(topology, policy=replace(topology.policy, **changes))  # type: ignore[arg-type]


class TestAbort:
    @pytest.mark.parametrize("step", BEFORE)
    def test_the_next_step_before_the_point_of_no_return_stops(self, step: str) -> None:
        moving = until(step, OpenIncident())
        operating.abort(moving.ports, "on call", "a false alarm")
        with pytest.raises(AbortedByOperatorError, match="on call: a false alarm"):
            STEPS[step](moving)

    @pytest.mark.parametrize(("step", "kind"), [("fence_source", "FENCED"), ("await_lease", "LEASE_WAITED_OUT")])
    def test_what_was_done_before_it_and_not_told_is_told_first(self, step: str, kind: str) -> None:
        moving = until(step, OpenIncident())
        if step == "await_lease":  # it was not fenced, so that it is waited for
            moving = until("fence_source", OpenIncident())
        gone = refusing(StoreUnreachableError("gone"))
        with mock.patch.object(moving.world.store, "append", gone), pytest.raises(StoreUnreachableError):
            STEPS[step](moving)
        operating.abort(moving.ports, "on call", "a false alarm")
        with pytest.raises(AbortedByOperatorError):
            STEPS[step](moving)
        assert kind in moving.world.kinds()

    @pytest.mark.parametrize("step", AFTER[:-1])
    def test_after_it_the_order_is_refused(self, step: str) -> None:
        moving = until(step, OpenIncident())
        if moving.world.store.control().incident is None:
            return
        with pytest.raises(IncidentRefusedError, match="past its point of no return"):
            operating.abort(moving.ports, "on call", "too late")

    def test_the_machine_undoes_everything_and_ends_failed(self) -> None:
        world = World()
        world.run(12)
        world.during("RevokeLease", lambda: operating.abort(world.ports(AP), "on call", "a false alarm"))
        assert (
            world.execute(Machine.FAILOVER, {"subject": US, "reason": "x"}, "e", EU) == "FAILED AbortedByOperatorError"
        )
        assert (world.store.control().incident, world.store.control().evacuated) == (None, {})
        world.run(12)
        assert world.writer() == US


class TestPause:
    @pytest.mark.parametrize("step", BEFORE)
    def test_the_incident_stands_still_until_operators_resume(self, step: str) -> None:
        moving = until(step, OpenIncident())
        operating.pause(moving.ports, "on call", "let me look", timedelta(hours=1))
        with pytest.raises(PausedByOperatorError, match="let me look"):
            STEPS[step](moving)
        operating.resume(moving.ports, "on call")
        STEPS[step](moving)

    def test_the_machine_waits_and_goes_on(self) -> None:
        world = World()
        world.run(12)

        def paused() -> None:
            operating.pause(world.ports(AP), "on call", "let me look", timedelta(minutes=10))

        world.during("ChooseTarget", paused)
        assert world.execute(Machine.FAILOVER, {"subject": US, "reason": "x"}, "e", EU) == "SUCCEEDED"
        told = {entry.kind: entry.at for entry in world.store.journal()}
        assert told["PROMOTING"] - told["PAUSED"] >= timedelta(minutes=10)


class TestSkip:
    def test_a_fence_that_is_left_out_is_waited_for(self) -> None:
        world = World()
        world.run(12)
        world.during("RevokeLease", lambda: operating.skip(world.ports(AP), "FenceSource", "on call", "it hangs"))
        assert world.execute(Machine.FAILOVER, {"subject": US, "reason": "x"}, "e", EU) == "SUCCEEDED"
        assert "FENCED" not in world.kinds()
        assert "LEASE_WAITED_OUT" in world.kinds()

    @pytest.mark.parametrize("step", ["AwaitLease", "RevokeLease", "ChooseTarget", "AdmitWriter", "PromoteDatabase"])
    def test_a_step_on_which_an_invariant_stands_is_not_left_out(self, step: str) -> None:
        moving = OpenIncident()
        with pytest.raises(RequestInvalidError, match="an invariant stands on it"):
            operating.skip(moving.ports, step, "on call", "hurry")


class TestApproval:
    def waiting(self, world: World) -> OpenIncident:
        moving = OpenIncident.__new__(OpenIncident)
        moving.world, moving.ports = world, world.ports(EU)
        opened = open_incident(moving.ports, world.topology, US, "R270", "down", approval="REQUIRED")
        from failover.procedures.commands import Ticket

        moving.ticket, moving.databases = Ticket.of(opened), opened.databases
        return moving

    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.run(12)
        return world

    def test_nothing_is_done_until_somebody_approves(self, world: World) -> None:
        moving = self.waiting(world)
        with pytest.raises(ApprovalMissingError):
            await_approval(moving.ports, moving.of_all())
        incident = world.store.control().incident
        assert incident is not None and incident.state is IncidentState.WAITING
        operating.approve(moving.ports, world.topology, "on call", "it is gone")
        assert await_approval(moving.ports, moving.of_all()) == {"approval": "GIVEN"}

    def test_a_refusal_ends_it(self, world: World) -> None:
        moving = self.waiting(world)
        operating.approve(moving.ports, world.topology, "on call", "a drill", refuses=True)
        with pytest.raises(ApprovalRefusedError, match="on call refused"):
            await_approval(moving.ports, moving.of_all())

    def test_silence_is_a_refusal(self, world: World) -> None:
        moving = self.waiting(world)
        with pytest.raises(ApprovalMissingError):
            await_approval(moving.ports, moving.of_all())
        world.clock.sleep(world.topology.policy.approval_seconds + 1)
        with pytest.raises(ApprovalRefusedError, match="nobody approved"):
            await_approval(moving.ports, moving.of_all())

    def test_an_incident_that_needs_none_takes_none(self) -> None:
        moving = OpenIncident()
        with pytest.raises(IncidentRefusedError, match="needs no approval"):
            operating.approve(moving.ports, moving.topology, "on call", "yes")


class TestVeto:
    def asked(self, veto: Veto) -> OpenIncident:
        return OpenIncident(World(with_policy(veto=veto)))

    def test_a_function_refuses(self) -> None:
        moving = self.asked(Veto(function_arn="arn:aws:lambda:eu-west-3:111122223333:function:board"))
        moving.world.veto.refusal = "a freeze"
        with pytest.raises(VetoedError, match="a freeze"):
            ask_veto(moving.ports, moving.of_all())

    def test_silence_is_no_veto(self) -> None:
        moving = self.asked(Veto(function_arn="arn:aws:lambda:eu-west-3:111122223333:function:board"))
        assert ask_veto(moving.ports, moving.of_all()) == {"veto": "NONE"}

    def test_somebody_who_heard_of_it_refuses_within_the_time(self) -> None:
        moving = self.asked(Veto(event_bus="default", seconds=5.0))
        operating.veto(moving.ports, moving.topology, "the board", "a freeze")
        with pytest.raises(VetoedError, match="the board: a freeze"):
            ask_veto(moving.ports, moving.of_all())

    def test_an_event_that_nobody_answers_costs_its_time_and_no_more(self) -> None:
        moving = self.asked(Veto(event_bus="default", seconds=5.0))
        began = moving.ports.clock.elapsed()
        assert ask_veto(moving.ports, moving.of_all()) == {"veto": "NONE"}
        assert 5.0 <= moving.ports.clock.elapsed() - began < 6.0


class TestAcknowledged:
    def test_an_unknown_region_is_refused(self) -> None:
        moving = OpenIncident()
        with pytest.raises(RequestInvalidError, match="got 'mars'"):
            operating.acknowledge(moving.ports, moving.topology, "mars", "me", "known", lasts=timedelta(hours=1))
