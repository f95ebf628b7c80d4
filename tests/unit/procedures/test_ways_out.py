"""What is under way when an incident is undone, and how each incident that holds goes on after all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from failover.errors import AbortedByOperatorError, IncidentRefusedError, StaleTermError, StoreUnreachableError
from failover.procedures import operating
from failover.procedures.choosing import choose_target
from failover.procedures.commands import begun
from failover.procedures.leases import revoke_lease
from failover.procedures.ownership import take_over
from failover.procedures.regranting import regrant_lease
from failover.procedures.requests import Machine
from failover.procedures.traffic import clear_evacuation, shift_traffic
from failover.records import Incident, IncidentState, LeaseState, Phase
from tests.products import AP, EU, US
from tests.unit.procedures.decisions import refusing
from tests.unit.procedures.incidents import OpenIncident
from tests.unit.procedures.test_steps import until
from tests.worlds import World


def incident_of(world: World) -> Incident:
    incident = world.store.control().incident
    assert incident is not None
    return incident


def holding(moving: OpenIncident, machine: str = "failover") -> None:
    control = moving.world.store.control()
    assert control.incident is not None
    held = replace(control.incident, state=IncidentState.HOLDING, machine=machine)
    moving.world.store.change_control(control, replace(control, incident=held))


def test_a_revocation_that_was_under_way_while_its_incident_was_undone_is_refused() -> None:
    """Step Functions does not stop a function of a Map whose sibling failed: it may write after the compensation."""
    moving = OpenIncident()
    regrant_lease(moving.ports, moving.of_database())
    with pytest.raises(StaleTermError, match="was undone"):
        revoke_lease(moving.ports, moving.of_database())
    clear_evacuation(moving.ports, moving.of_all())
    assert moving.record.lease.state is LeaseState.GRANTED


def test_a_revocation_that_stalled_before_its_write_loses_to_a_compensation_that_changed_nothing() -> None:
    moving = OpenIncident()
    change, stalled = moving.world.store.change_database, [True]

    def undone_in_between(seen: object, wanted: object) -> object:
        if stalled.pop() if stalled else False:
            regrant_lease(moving.ports, moving.of_database())
        return change(seen, wanted)  # type: ignore[arg-type]

    moving.world.store.change_database = undone_in_between  # type: ignore[method-assign, assignment]
    with pytest.raises(StaleTermError):
        revoke_lease(moving.ports, moving.of_database())
    assert moving.record.lease.state is LeaseState.GRANTED


@pytest.mark.parametrize("step", ["fence_source", "promote_database"])
def test_an_incident_that_a_rollback_left_holding_goes_forward_by_hand(step: str) -> None:
    """Before the point of no return the source died for good; or the point passed in the rollback's own moment."""
    moving = until(step, OpenIncident())
    moving.world.kill(US)
    holding(moving, machine="rollback")
    assert moving.world.execute(Machine.FAILOVER, {"subject": US, "reason": "go on"}, "on", AP) == "SUCCEEDED"
    assert moving.world.writer() == EU


@pytest.mark.parametrize("phase", [Phase.PROMOTING, Phase.FENCED])
def test_a_switchover_that_is_taken_over_goes_on_though_its_source_is_shut(phase: Phase) -> None:
    world = World()
    world.run(12)
    request = {"subject": US, "target": EU, "reason": "maintenance"}
    step = {Phase.PROMOTING: "MoveData", Phase.FENCED: "ChooseTarget"}[phase]

    def dies() -> None:
        raise KeyboardInterrupt

    world.during(step, dies)
    with pytest.raises(KeyboardInterrupt):
        world.execute(Machine.SWITCHOVER, request, "one", AP)
    taken = take_over(world.ports(EU), incident_of(world))
    assert world.execute(Machine.SWITCHOVER, begun(world.topology, taken), "two", EU) == "SUCCEEDED"
    assert world.writer() == EU


def test_past_the_point_of_no_return_a_takeover_heeds_neither_pause_nor_abort() -> None:
    moving = until("promote_database", OpenIncident())
    taken = take_over(moving.world.ports(AP), incident_of(moving.world))
    operating.pause(moving.ports, "on call", "wait", timedelta(hours=8))
    control = moving.world.store.control()
    assert control.incident is not None
    late = replace(control.incident, aborted="just before")
    moving.world.store.change_control(control, replace(control, incident=late))
    document = begun(moving.topology, taken)
    began = moving.world.clock.elapsed()
    assert moving.world.execute(Machine.FAILOVER, document, "two", AP) == "SUCCEEDED"
    assert moving.world.clock.elapsed() - began < 60


def test_an_abort_that_comes_while_the_copies_are_asked_is_heeded() -> None:
    moving = until("choose_target", OpenIncident())
    read = moving.world.store.votes

    def aborted_meanwhile() -> object:
        operating.abort(moving.ports, "on call", "stop")
        return read()

    moving.world.store.votes = aborted_meanwhile  # type: ignore[method-assign, assignment]
    with pytest.raises(AbortedByOperatorError):
        choose_target(moving.ports, moving.of_all())
    assert moving.record.phase in (Phase.FENCED, Phase.WAITED_OUT)


def test_an_incident_that_holds_is_not_aborted_but_rolled_back() -> None:
    moving = until("choose_target", OpenIncident())
    holding(moving)
    with pytest.raises(IncidentRefusedError, match="by the machine rollback"):
        operating.abort(moving.ports, "on call", "stop")


def test_going_on_by_hand_takes_the_new_target_and_the_users_along() -> None:
    """A switchover to a region that died too; the failover that goes on with it must not insist on that one."""
    world = World()
    world.run(12)
    world.during("ChooseTarget", lambda: (world.kill(EU), world.kill(US)))
    world.execute(Machine.SWITCHOVER, {"subject": US, "target": EU, "reason": "maintenance"}, "one", AP)
    assert incident_of(world).state is IncidentState.HOLDING
    request = {"subject": US, "target": AP, "reason": "both are gone"}
    assert world.execute(Machine.FAILOVER, request, "two", AP) == "SUCCEEDED"
    assert world.writer() == AP
    assert US in world.store.control().evacuated


def test_past_the_point_of_no_return_another_target_is_refused() -> None:
    moving = until("promote_database", OpenIncident())
    holding(moving)
    request = {"subject": US, "target": AP, "reason": "rather there"}
    assert moving.world.execute(Machine.FAILOVER, request, "two", AP) == "FAILED IncidentRefusedError"


def test_undoing_a_planned_move_begins_no_cool_down() -> None:
    moving = until("choose_target", OpenIncident())
    holding(moving, machine="switchover")
    assert moving.world.execute(Machine.ROLLBACK, {"subject": US, "reason": "not today"}, "undo", AP) == "SUCCEEDED"
    assert moving.world.store.control().last_failover_at is None


def test_that_users_were_away_is_told_though_whoever_sent_them_away_died_before_it_said_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moving = OpenIncident()
    with monkeypatch.context() as patch:
        patch.setattr(moving.world.store, "append", refusing(StoreUnreachableError("gone")))
        with pytest.raises(StoreUnreachableError):
            shift_traffic(moving.ports, moving.of_all())
    assert moving.world.store.control().evacuated == {US: moving.ticket.id}
    clear_evacuation(moving.ports, moving.of_all())
    told = [each.kind for each in moving.world.store.journal() if each.incident == moving.ticket.id]
    assert told[-2:] == ["EVACUATED", "COMPENSATED"]


def test_who_has_lost_the_term_tells_of_no_evacuation() -> None:
    moving = OpenIncident()
    shift_traffic(moving.ports, moving.of_all())
    moving.superseded()
    before = len(moving.world.store.journal())
    with pytest.raises(StaleTermError):
        clear_evacuation(moving.ports, moving.of_all())
    assert len(moving.world.store.journal()) == before
