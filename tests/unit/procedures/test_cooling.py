"""When a cool-down begins, by whichever clock: a wrong one of who ends the incident ends it no earlier."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from failover.procedures.cooling import cooling_from
from failover.records import Health, Vote
from tests.products import AP, EU, US
from tests.unit.procedures.decisions import SEQUENCE
from tests.worlds import World

AGO = timedelta(seconds=3)


@pytest.fixture
def world() -> World:
    return World()


def cast(world: World, observer: str, at: datetime) -> None:
    subject = next(each for each in (US, EU) if each != observer)
    world.store.cast(Vote(subject, observer, Health.HEALTHY, "served", 1, next(SEQUENCE), at, 0.0, ("a",)))


def begins(world: World, own_error: float = 0.0) -> timedelta:
    """Return by how much later than the true time the cool-down begins, with a clock that is so wrong."""
    true = world.clock.now()
    ports = world.ports(EU)
    wrong = type(world.clock)(own_error + (true - type(world.clock)().now()).total_seconds())
    return cooling_from(replace(ports, clock=wrong), world.topology) - true


@pytest.fixture
def observed(world: World) -> World:
    for observer in (US, EU, AP):
        cast(world, observer, world.clock.now() - AGO)
    return world


def test_a_clock_that_is_right_is_believed(observed: World) -> None:
    assert begins(observed) == timedelta(0)


@pytest.mark.parametrize("error", [-300.0, -9.0, -4.0])
def test_a_clock_that_was_set_back_ends_no_cool_down_before_it_has_begun(observed: World, error: float) -> None:
    later = begins(observed, error)
    assert timedelta(0) <= later <= timedelta(seconds=observed.topology.observation.fresh_seconds)


def test_a_clock_that_is_ahead_makes_it_longer_and_never_shorter(observed: World) -> None:
    assert begins(observed, 30.0) == timedelta(seconds=30)


def test_one_observer_with_a_wrong_clock_moves_nothing(observed: World) -> None:
    cast(observed, AP, observed.clock.now() + timedelta(minutes=10))
    assert begins(observed) == timedelta(0)


def test_before_two_have_voted_there_is_no_other_clock(world: World) -> None:
    cast(world, US, world.clock.now() + timedelta(minutes=10))
    assert begins(world) == timedelta(0)
