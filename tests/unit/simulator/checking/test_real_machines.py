"""The real machines and steps, on memory adapters: what their items say has happened is what their lines tell."""

from collections.abc import Callable
from typing import Any

import pytest

from failover.adapters.memory import MemoryStore
from failover.adapters.memory.surroundings import NOON
from failover.invariants import Execution
from failover.procedures.operating import abort
from failover.records import Control, DatabaseRecord, JournalEntry, Vote, Word
from simulator.checking import Checker
from tests.products import AP, EU, US
from tests.unit.simulator.checking.plays import Line
from tests.worlds import World


class HeardStore(MemoryStore):
    """Tells what took effect in it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: Callable[[Any], None] = lambda _: None

    def change_control(self, seen: Control, wanted: Control) -> Control:
        after = super().change_control(seen, wanted)
        self.heard(after)
        return after

    def change_database(self, seen: DatabaseRecord, wanted: DatabaseRecord) -> DatabaseRecord:
        after = super().change_database(seen, wanted)
        self.heard(after)
        return after

    def cast(self, vote: Vote) -> None:
        super().cast(vote)
        self.heard(vote)

    def say(self, word: Word) -> None:
        super().say(word)
        self.heard(word)

    def append(self, entry: JournalEntry) -> None:
        super().append(entry)
        self.heard(entry)


class CheckedWorld(World):
    """A product in memory with a checker beside it."""

    def __init__(self) -> None:
        super().__init__()
        heard, before = HeardStore(), self.store
        heard.__dict__.update({**before.__dict__, "heard": self._heard})
        self.store, line = heard, Line()
        self.checker = Checker(self.topology, lambda _, __: line, began=NOON.timestamp(), goes_on=True)
        for item in (self.store.control(), self.store.database("orders")):
            self._heard(item)

    def _heard(self, record: Any) -> None:
        self.checker.stored(record, self.clock.elapsed())

    def broken(self) -> dict[str, str]:
        """Each broken invariant, and why, when everything is over."""
        executions = [Execution(name, "", status.split()[0]) for name, status in self.executed.items()]
        self.checker.ended(self.clock.elapsed(), executions)
        return {name.split()[0]: each.why for name, each in self.checker.verdicts().items() if not each.holds}

    def by_hand(self, machine: str, here: str, **request: Any) -> str:
        name = f"{machine}-by-hand-{len(self.executed)}"
        self.executed[name] = self.execute(machine, {"reason": "a test", **request}, name, here)
        return self.executed[name]


@pytest.fixture
def world() -> CheckedWorld:
    world = CheckedWorld()
    world.run(30)
    return world


def test_a_failover_and_a_failback(world: CheckedWorld) -> None:
    world.kill(US)
    world.run(120)
    assert world.writer() == EU
    world.revive(US)
    world.run(60)
    assert world.by_hand("failback", AP, subject=US) == "SUCCEEDED"
    assert {"INCIDENT_OPENED", "PROMOTING", "ADMITTED", "TAIL_ARCHIVED", "REJOINING", "REJOINED"} <= set(world.kinds())
    assert world.broken() == {}


def test_a_switchover(world: CheckedWorld) -> None:
    assert world.by_hand("switchover", AP, subject=US, target=EU) == "SUCCEEDED"
    assert world.writer() == EU
    assert world.broken() == {}


def test_what_is_undone(world: CheckedWorld) -> None:
    world.during("ChooseTarget", lambda: abort(world.ports(AP), "me", "no"))
    assert world.by_hand("failover", AP, subject=US).startswith("FAILED")
    world.run(30)
    assert world.writer() == US
    assert {"LEASE_REGRANTED", "COMPENSATED"} <= set(world.kinds())
    assert world.broken() == {}


def test_a_database_alone(world: CheckedWorld) -> None:
    world.by_hand("database_failover", AP, subject=US, databases=["orders"])
    assert world.writer() == EU
    assert world.broken() == {}
