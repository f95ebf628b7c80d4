"""A practice begins where nothing is going on, and nowhere else: the handler, the procedure and the store together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from unittest import mock

import pytest

from failover.errors import StoreUnreachableError
from failover.procedures.changing import change_control
from failover.procedures.practising import BEGUN, PUT_OFF
from failover.records import Pause, Phase, Word, WordKind
from failover.topology import Maintenance
from runtime import wiring
from tests.products import AP, EU, US, quickstart
from tests.worlds import World, invoke

DUE = {"experiment": "database-failover", "template": "EXT1", "due": "2026-01-01T12:00:00Z"}


@dataclass
class Remembered:
    """In the place of FIS: what was started, once for each reference."""

    started: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    def running(self) -> list[str]:
        return self.others

    def start(self, template: str, reference: str) -> str:
        self.started[reference] = template
        return f"EXP-{reference}"


@pytest.fixture
def world() -> World:
    calm = World()
    calm.run(30)
    return calm


def practise(world: World, fis: Remembered, here: str = EU) -> dict[str, str]:
    with world.wired(here), mock.patch.object(wiring, "experiments", lambda: fis):
        told: dict[str, str] = invoke("begin_practice", DUE)
        return told


def test_it_begins_where_all_is_well_and_the_journal_says_so(world: World) -> None:
    fis = Remembered()
    assert practise(world, fis)["outcome"] == BEGUN
    assert list(fis.started.values()) == ["EXT1"]
    assert world.kinds().count(BEGUN) == 1


def test_a_schedule_that_asks_twice_starts_one(world: World) -> None:
    fis = Remembered()
    practise(world, fis)
    practise(world, fis)
    assert len(fis.started) == 1


def say(world: World, kind: WordKind, about: str) -> None:
    now = world.clock.now()
    world.store.say(Word(kind, about, "ops", "in the midst of it", now, now + timedelta(minutes=30)))


def order(world: World, **changes: object) -> None:
    change_control(world.ports(EU), lambda control: replace(control, **changes))  # type: ignore[arg-type]


def move(world: World) -> None:
    record = world.store.database("orders")
    world.store.change_database(record, replace(record, phase=Phase.REVOKED))


def lose(world: World) -> None:
    world.kill(US)
    world.run(20)


AGAINST: dict[str, Callable[[World], None]] = {
    "us-east-1 is not well": lose,
    "operators have paused": lambda world: order(
        world, pause=Pause("by hand", world.clock.now() + timedelta(minutes=5))
    ),
    "gets no traffic": lambda world: order(world, evacuated={AP: "some-incident"}),
    "not long ago": lambda world: order(world, last_failover_at=world.clock.now() - timedelta(minutes=30)),
    "is being deployed": lambda world: say(world, WordKind.DEPLOYING, AP),
    "in somebody's hands": lambda world: say(world, WordKind.ACKNOWLEDGED, US),
    "AWS Health speaks": lambda world: say(world, WordKind.ADVISORY, EU),
    "orders is revoked": move,
    "does not see": lambda world: world.clock.sleep(60),
}


@pytest.mark.parametrize("reason", AGAINST)
def test_whatever_speaks_against_it_puts_it_off(world: World, reason: str) -> None:
    fis = Remembered()
    AGAINST[reason](world)
    told = practise(world, fis)
    assert told["outcome"] == PUT_OFF
    assert reason in told["reason"]
    assert fis.started == {}
    assert PUT_OFF in world.kinds()


def test_it_is_put_off_while_an_incident_is_open_and_until_the_cool_down_is_over(world: World) -> None:
    fis = Remembered()
    world.kill(US)
    for _ in range(20):
        world.run(30)
        assert practise(world, fis)["outcome"] == PUT_OFF
    assert fis.started == {}


def test_it_is_put_off_in_a_maintenance_window() -> None:
    base = quickstart()
    window = Maintenance("thursday", "11:30", 120, EU)  # noon of that day is when the world begins
    world = World(quickstart(policy=replace(base.policy, maintenance=(window,))))
    world.run(30)
    fis = Remembered()
    assert "maintenance" in practise(world, fis)["reason"]
    assert practise(world, fis, here=AP)["outcome"] == BEGUN


def test_two_experiments_never_run_at_once(world: World) -> None:
    fis = Remembered(others=["EXP9"])
    assert "EXP9" in practise(world, fis)["reason"]


def test_a_store_that_does_not_answer_starts_nothing(world: World) -> None:
    fis = Remembered()
    dark = mock.patch.object(world.store, "control", side_effect=StoreUnreachableError("dark"))
    with dark, pytest.raises(StoreUnreachableError):
        practise(world, fis)
    assert fis.started == {}
