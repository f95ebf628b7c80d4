"""Each step: twice is once, and only for whoever holds the current term."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from failover.errors import LifeboatError, NotFencedError, StaleTermError
from failover.procedures.choosing import choose_target
from failover.procedures.closing import (
    announce_outcome,
    close_incident,
    hold_for_operator,
    verify_target,
    weigh_failure,
)
from failover.procedures.leases import await_lease, fence_source, revoke_lease
from failover.procedures.promotion import admit_writer, promote_database
from failover.procedures.regranting import regrant_lease
from failover.procedures.traffic import clear_evacuation, shift_traffic, verify_traffic
from tests.products import EU, US
from tests.unit.procedures.incidents import OpenIncident

Step = Callable[[OpenIncident], dict[str, Any]]


def revoke(moving: OpenIncident) -> dict[str, Any]:
    return revoke_lease(moving.ports, moving.of_database())


def fence(moving: OpenIncident) -> dict[str, Any]:
    return fence_source(moving.ports, moving.of_database(wait_seconds=22.0))


def wait(moving: OpenIncident) -> dict[str, Any]:
    return await_lease(moving.ports, moving.of_database(wait_seconds=22.0))


STEPS: dict[str, Step] = {
    "shift_traffic": lambda moving: shift_traffic(moving.ports, moving.of_all()),
    "revoke_lease": revoke,
    "fence_source": fence,
    "await_lease": wait,
    "choose_target": lambda moving: choose_target(moving.ports, moving.of_all()),
    "promote_database": lambda moving: promote_database(moving.ports, moving.of_database()),
    "admit_writer": lambda moving: admit_writer(moving.ports, moving.of_database()),
    "verify_target": lambda moving: verify_target(moving.ports, moving.of_all()),
    "verify_traffic": lambda moving: verify_traffic(moving.ports, moving.of_all()),
    "close_incident": lambda moving: close_incident(moving.ports, moving.of_all()),
    "announce_outcome": lambda moving: announce_outcome(moving.ports, moving.of_all(), "FAILED_OVER"),
}
ORDER = tuple(STEPS)
COMPENSATIONS: dict[str, Step] = {
    "weigh_failure": lambda moving: weigh_failure(moving.ports, moving.of_all()),
    "regrant_lease": lambda moving: regrant_lease(moving.ports, moving.of_database()),
    "clear_evacuation": lambda moving: clear_evacuation(moving.ports, moving.of_all()),
}


def until(step: str, moving: OpenIncident) -> OpenIncident:
    """All steps before this one are done."""
    for name in ORDER[: ORDER.index(step)]:
        STEPS[name](moving)
    return moving


def state(moving: OpenIncident) -> tuple[object, ...]:
    """Everything that a step may change, without the versions and the renewals."""
    control, record = moving.world.store.control(), moving.record
    if control.incident is not None:  # that somebody works for it is no result
        control = replace(control, incident=replace(control.incident, beat=0))
    gates = [(copy.gate_epoch, copy.gate_fenced, copy.open()) for copy in moving.world.copies.values()]
    plain = replace(record, version=0, lease=replace(record.lease, renewal=0, positions=()))
    return replace(control, version=0), plain, gates, list(moving.world.replicas.asked)


@pytest.mark.parametrize("reachable", [True, False], ids=["source-reachable", "source-lost"])
@pytest.mark.parametrize("step", ORDER)
def test_twice_is_once(step: str, reachable: bool) -> None:
    moving = OpenIncident()
    if not reachable:
        moving.world.kill(US)
    until(step, moving)
    first = STEPS[step](moving)
    after = state(moving)
    second = STEPS[step](moving)
    assert state(moving) == after
    if step != "await_lease":  # it says for how long it waited, which the second time is not at all
        assert second == first


@pytest.mark.parametrize("stopped_at", ["revoke_lease", "fence_source", "await_lease", "choose_target"])
@pytest.mark.parametrize("step", COMPENSATIONS)
def test_a_compensation_twice_is_once(step: str, stopped_at: str) -> None:
    moving = until(stopped_at, OpenIncident())
    for name in list(COMPENSATIONS)[: list(COMPENSATIONS).index(step)]:
        COMPENSATIONS[name](moving)
    first = COMPENSATIONS[step](moving)
    after = state(moving)
    assert COMPENSATIONS[step](moving) == first
    assert state(moving) == after


# What only tells people of an end, and asks nothing of the world, may be said by anybody.
ACTING = [name for name in ORDER if name != "announce_outcome"]


@pytest.mark.parametrize("lost", [OpenIncident.superseded, OpenIncident.closed], ids=["superseded", "closed"])
@pytest.mark.parametrize("step", ACTING)
def test_an_old_term_is_refused_at_its_next_step(step: str, lost: Callable[[OpenIncident], OpenIncident]) -> None:
    if step == "close_incident" and lost is OpenIncident.closed:
        return  # it finds its own closing done; see below
    moving = lost(until(step, OpenIncident()))
    before, told = state(moving), len(moving.world.kinds())
    elapsed = moving.world.clock.elapsed()
    with pytest.raises(StaleTermError, match=moving.ticket.id):
        STEPS[step](moving)
    assert state(moving) == before
    assert len(moving.world.kinds()) == told
    assert moving.world.clock.elapsed() == elapsed, "it waits for nothing either"


@pytest.mark.parametrize("lost", [OpenIncident.superseded, OpenIncident.closed], ids=["superseded", "closed"])
@pytest.mark.parametrize("step", [*COMPENSATIONS, "hold_for_operator"])
def test_an_old_term_undoes_nothing(step: str, lost: Callable[[OpenIncident], OpenIncident]) -> None:
    moving = until("choose_target", OpenIncident())
    if step == "clear_evacuation" and lost is OpenIncident.closed:
        return
    lost(moving)
    before = state(moving)
    with pytest.raises(StaleTermError):
        if step == "hold_for_operator":
            hold_for_operator(moving.ports, moving.of_all(), {"Error": "X", "Cause": "y"})
        else:
            COMPENSATIONS[step](moving)
    assert state(moving) == before
    assert moving.world.pager.pages == []


@pytest.mark.parametrize("step", ORDER[1:7])
def test_no_step_works_before_the_ones_that_make_it_safe(step: str) -> None:
    """Whatever the machine's definition says: nothing is promoted or admitted that was not stopped and chosen."""
    moving = OpenIncident()
    before = moving.record
    try:
        STEPS[step](moving)
    except LifeboatError as refusal:
        assert isinstance(refusal, NotFencedError)
    assert moving.world.replicas.asked == []
    assert moving.record.writer == before.writer
    assert not moving.world.copies["orders", EU].open()


def test_closing_finds_its_own_closing_done() -> None:
    """The write happened and its answer was lost; the databases that it left behind are settled."""
    moving = until("close_incident", OpenIncident()).closed()
    assert close_incident(moving.ports, moving.of_all()) == {"outcome": "FAILED_OVER"}
    assert (moving.record.incident, moving.record.target) == (None, None)


def test_a_database_left_behind_by_a_closing_can_be_moved_again() -> None:
    """The executor died between the closing of the incident and that of its database."""
    moving = until("close_incident", OpenIncident()).closed()
    moving.world.run(6)
    again = OpenIncident(moving.world, subject=EU, here="ap-southeast-1")
    assert again.databases == ("orders",)
    for step in ORDER[:-1]:
        STEPS[step](again)
    assert moving.world.writer() == "ap-southeast-1"
    assert again.record.epoch == 3
