"""A guard of many databases: those that hang take no lease from those that answer."""

from dataclasses import replace

import pytest

from failover.adapters.memory import ManualClock, MemoryCopy, MemoryPromisers, MemoryStore, MemoryTelemetry
from failover.errors import DatabaseUnreachableError
from failover.ports import CopyState
from failover.procedures.guarding import GuardPorts, guard
from tests.products import US, quickstart
from tests.unit.procedures.test_guarding import GRANTED


class Hanging(MemoryCopy):
    """A server that does not answer until the guard's patience is over."""

    def describe(self) -> CopyState:
        self.clock.sleep(3.5)
        raise DatabaseUnreachableError("no answer")


def test_databases_that_hang_do_not_let_the_lease_of_another_one_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, store = ManualClock(), MemoryStore()
    healthy = MemoryCopy(clock)
    healthy.admit(1, clock.now().timestamp() + 18.0)
    copies: dict[str, MemoryCopy] = {f"d{number}": Hanging(clock) for number in range(6)} | {"orders": healthy}
    store.initialise([replace(GRANTED, name=name) for name in copies])
    shut: list[float] = []
    sleep = clock.sleep

    def watched(seconds: float) -> None:
        sleep(seconds)
        if not healthy.open():
            shut.append(clock.elapsed())

    monkeypatch.setattr(clock, "sleep", watched)
    ports = GuardPorts(US, clock, store, MemoryPromisers({}), copies, MemoryTelemetry())
    guard(ports, quickstart(), 150)
    assert [at for at in shut if at > 25] == [], "the first round finds out who hangs, one after the other"


def test_each_that_hangs_has_its_turn() -> None:
    clock, store = ManualClock(), MemoryStore()
    asked: list[str] = []

    class Counted(Hanging):
        def describe(self) -> CopyState:
            asked.append(next(name for name, copy in copies.items() if copy is self))
            return super().describe()

    copies: dict[str, MemoryCopy] = {f"d{number}": Counted(clock) for number in range(5)}
    store.initialise([replace(GRANTED, name=name) for name in copies])
    guard(GuardPorts(US, clock, store, MemoryPromisers({}), copies, MemoryTelemetry()), quickstart(), 60)
    assert {asked.count(name) for name in copies} <= {3, 4}
