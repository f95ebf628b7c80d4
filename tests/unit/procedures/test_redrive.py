"""The executor dies at any call; the same execution, run again from its first state, ends well."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from failover.errors import DatabaseUnreachableError
from failover.ports import Ports
from failover.procedures.commands import begun
from failover.records import Phase
from tests.products import EU, US
from tests.unit.procedures.incidents import OpenIncident
from tests.worlds import World

EXECUTION = "arn:aws:states:eu-west-1:111122223333:execution:lifeboat-quickstart-failover:failover-1"
# An executor that is killed has counted nothing, of which Powertools complains as it unwinds.
pytestmark = pytest.mark.filterwarnings("ignore:No application metrics to publish")
TOUCHED = ("store", "agent", "replicas", "http", "pager")


class Killed(BaseException):
    """The executor is gone; nothing that catches errors may catch this."""


class Watched:
    """Any port; it tells of each call, before and after it has taken effect."""

    def __init__(self, real: Any, told: Callable[[], None]) -> None:
        self._real, self._told = real, told

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)

        def called(*arguments: Any, **named: Any) -> Any:
            self._told()
            answer = real(*arguments, **named)
            self._told()
            return answer

        return called


class Mortal(World):
    """A world whose executor dies at the call of that number, counted before and after each."""

    def __init__(self) -> None:
        super().__init__()
        self.calls, self.dies_at, self.executing = 0, 0, False

    def ports(self, here: str) -> Ports:
        real = super().ports(here)
        watched: dict[str, Any] = {name: Watched(getattr(real, name), self._told) for name in TOUCHED}
        return replace(real, **watched)

    def _told(self) -> None:
        if not getattr(self, "executing", False):
            return
        self.calls += 1
        if self.calls == self.dies_at:
            raise Killed


def play(dies_at: int, scene: Callable[[OpenIncident], None]) -> tuple[OpenIncident, str]:
    """Open an incident, kill its executor at a call, and run the same execution again."""
    world = Mortal()
    moving = OpenIncident(world)
    incident = world.store.control().incident
    assert incident is not None
    document = begun(world.topology, incident)
    scene(moving)
    world.dies_at, world.executing = dies_at, True
    try:
        outcome = world.execute("failover", document, EXECUTION, EU)
    except Killed:
        outcome = world.execute("failover", document, EXECUTION, EU)
    return moving, outcome


def lose_the_region(moving: OpenIncident) -> None:
    moving.world.kill(US)


def lose_its_application(moving: OpenIncident) -> None:
    moving.world.dark.add(US)


def lose_every_candidate(moving: OpenIncident) -> None:
    moving.world.dark.add(US)
    for (_, region), copy in moving.world.copies.items():
        copy.reachable = region == US


def calls_of(scene: Callable[[OpenIncident], None]) -> int:
    moving, _ = play(0, scene)
    assert isinstance(moving.world, Mortal)
    return moving.world.calls


@pytest.mark.parametrize("scene", [lose_the_region, lose_its_application])
def test_wherever_it_dies_the_failover_is_finished(scene: Callable[[OpenIncident], None]) -> None:
    for dies_at in range(1, calls_of(scene) + 1):
        moving, outcome = play(dies_at, scene)
        world, record = moving.world, moving.world.store.database("orders")
        told = f"died at call {dies_at}: {world.states}"
        assert record.writer == EU, told
        assert world.writer() == EU, told
        assert record.epoch == 2, told
        assert world.replicas.asked == [("orders", EU)], told
        assert world.store.control().incident is None, told
        assert US in world.store.control().evacuated, told
        # An execution that died after its incident was closed has nothing to join any more.
        assert outcome in ("SUCCEEDED", "FAILED StaleTermError"), told
        assert world.store.control().closed == moving.ticket.id, told


def test_wherever_it_dies_the_compensation_is_finished() -> None:
    for dies_at in range(1, calls_of(lose_every_candidate) + 1):
        moving, outcome = play(dies_at, lose_every_candidate)
        world, record = moving.world, moving.world.store.database("orders")
        told = f"died at call {dies_at}: {world.states}"
        assert (record.writer, record.phase, record.incident) == (US, Phase.STEADY, None), told
        assert world.store.control().incident is None, told
        assert world.store.control().evacuated == {}, told
        assert world.writer() == US, told
        world.run(40)
        assert world.writer() == US, told
        assert outcome in ("FAILED DatabaseUnreachableError", "FAILED StaleTermError"), told


def test_losing_the_answer_of_a_fence_does_not_leave_the_source_shut_after_a_compensation() -> None:
    """The source was fenced and nobody knows; what is given back must be usable."""
    moving = OpenIncident()
    world = moving.world
    copy = world.copies["orders", US]
    lose_every_candidate(moving)
    fence = copy.fence

    def lost(epoch: int) -> Any:
        fence(epoch)
        raise DatabaseUnreachableError("the answer was lost")

    incident = world.store.control().incident
    assert incident is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(copy), "fence", lambda self, epoch: lost(epoch))
        world.execute("failover", begun(world.topology, incident), EXECUTION, EU)
    assert "LEASE_REGRANTED" in world.kinds()
    world.run(10)
    assert world.writer() == US
