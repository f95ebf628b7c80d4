"""The machine and its steps together, on the days on which something else fails as well."""

from collections.abc import Callable

import pytest

from failover.errors import DatabaseUnreachableError, PageNotSentError
from failover.ports import ReplicaState
from failover.records import IncidentState
from tests.products import EU, US
from tests.worlds import World

BY_HAND = {"subject": US, "reason": "the region is gone"}


@pytest.fixture
def world() -> World:
    world = World()
    world.run(12)
    world.kill(US)
    return world


def failing(times: int, error: Exception, real: Callable[..., object]) -> Callable[..., object]:
    """The real call, after so many failures."""
    left = [error] * times

    def call(*arguments: object) -> object:
        if left:
            raise left.pop()
        return real(*arguments)

    return call


def test_a_pager_that_fails_for_a_moment_does_not_keep_a_held_incident_from_people(world: World) -> None:
    world.replicas.refusals = 10_000
    page = failing(3, PageNotSentError("SNS did not take it"), world.pager.page)
    world.pager.page = page  # type: ignore[method-assign, assignment]
    assert world.execute("failover", BY_HAND, "one", EU) == "FAILED PromotionRefusedError"
    incident = world.store.control().incident
    assert incident is not None
    assert incident.state is IncidentState.HOLDING
    assert any("needs you" in subject for subject, _ in world.pager.pages)


def test_a_pager_that_fails_for_a_moment_does_not_keep_the_outcome_from_people(world: World) -> None:
    page = failing(2, PageNotSentError("SNS did not take it"), world.pager.page)
    world.pager.page = page  # type: ignore[method-assign, assignment]
    assert world.execute("failover", BY_HAND, "one", EU) == "SUCCEEDED"
    assert any("FAILED_OVER" in subject for subject, _ in world.pager.pages)


def test_a_pager_that_fails_for_ever_undoes_nothing(world: World) -> None:
    page = failing(10_000, PageNotSentError("SNS did not take it"), world.pager.page)
    world.pager.page = page  # type: ignore[method-assign, assignment]
    assert world.execute("failover", BY_HAND, "one", EU) == "SUCCEEDED"
    assert world.store.database("orders").writer == EU


def test_a_service_that_is_throttled_now_and_then_does_not_stop_a_long_promotion(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RDS takes minutes; a description that fails once in each of them must not hold and page."""
    began, asked, describe = world.clock.elapsed(), [0], world.replicas.describe

    def throttled(database: str, region: str) -> ReplicaState:
        asked[0] += 1
        if asked[0] % 40 == 0:
            raise DatabaseUnreachableError("RDS does not describe it: Throttling")
        state = describe(database, region)
        promoting = state.source is None and world.clock.elapsed() - began < 300
        return ReplicaState("modifying", "the source") if promoting else state

    monkeypatch.setattr(type(world.replicas), "describe", lambda _self, database, region: throttled(database, region))
    assert world.execute("failover", BY_HAND, "one", EU) == "SUCCEEDED"
    assert world.writer() == EU
    assert world.clock.elapsed() - began > 300
    assert world.replicas.asked == [("orders", EU)]


def test_a_store_that_fails_for_a_moment_at_every_step_stops_nothing(world: World) -> None:
    """Each step's first call of the store gets no answer."""
    entered: list[str] = []

    def outage(state: str) -> None:
        entered.append(state)
        world.store.reachable = False

    sleep = world.clock.sleep

    def over(seconds: float) -> None:
        world.store.reachable = True
        sleep(seconds)

    world.states = Told(outage)
    world.clock.sleep = over  # type: ignore[method-assign]
    assert world.execute("failover", BY_HAND, "one", EU) == "SUCCEEDED"
    assert world.writer() == EU


class Told(list[str]):
    """A list of states that tells of each as it is entered."""

    def __init__(self, told: Callable[[str], None]) -> None:
        super().__init__()
        self._told = told

    def append(self, state: str) -> None:
        self._told(state)
        super().append(state)
