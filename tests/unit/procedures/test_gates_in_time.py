"""Whatever hangs and whichever clock drifts: whoever waited out a lease finds the gate shut."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import cycle
from typing import Any

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from failover.adapters.memory import (
    MemoryAgent,
    MemoryCopy,
    MemoryHttp,
    MemoryMachines,
    MemoryPager,
    MemoryPromises,
    MemoryReplicas,
    MemoryStore,
    MemoryTelemetry,
    MemoryVeto,
    memory_services,
)
from failover.errors import ChangedMeanwhileError, LifeboatError
from failover.observation import LeaseWatch
from failover.ports import Ports
from failover.procedures.commands import DatabaseCommand, Ticket
from failover.procedures.guarding import renew
from failover.procedures.initialising import initialise
from failover.procedures.leases import await_lease, revoke_lease
from failover.procedures.opening import open_incident
from failover.records import Health, Phase, Vote
from tests.products import EU, US, quickstart
from tests.unit.procedures.virtual_time import DriftingClock, Stage

TOPOLOGY = quickstart()
LEASE = TOPOLOGY.lease
DRIFT = LEASE.margin_seconds / LEASE.lease_seconds
"""The bound on drift that the margin is made for: so much over one lease."""

rates = st.floats(1 - DRIFT, 1 + DRIFT)
delays = st.lists(st.sampled_from([0.0, 0.01, 0.3, 2.0, 7.0, 15.0, 26.0]), min_size=3, max_size=12)
plenty = settings(max_examples=60, deadline=None, derandomize=True, database=None)


class Slow:
    """A port whose requests and answers each travel for a while."""

    def __init__(self, real: Any, stage: Stage, travels: Iterator[float]) -> None:
        self._real, self._stage, self._travels = real, stage, travels

    def __getattr__(self, name: str) -> Any:
        real: Callable[..., Any] = getattr(self._real, name)

        def called(*arguments: Any, **named: Any) -> Any:
            self._stage.sleep(next(self._travels))
            answer = real(*arguments, **named)
            self._stage.sleep(next(self._travels))
            return answer

        return called


class Play:
    """A writer with overlapping guards, an observer, and an executor that takes its lease away."""

    def __init__(self, database_rate: float) -> None:
        self.stage = Stage()
        self.store = MemoryStore()
        self.copy = MemoryCopy(DriftingClock(self.stage, database_rate, ahead_seconds=40.0))
        self.copies = {("orders", US): self.copy, ("orders", EU): MemoryCopy(self.copy.clock, in_recovery=True)}
        self.waited_out_at: float | None = None
        self.revoked_at: float | None = None
        self.last_open = 0.0
        initialise(self.ports(DriftingClock(self.stage), self.store), TOPOLOGY)

    def ports(self, clock: DriftingClock, store: Any) -> Ports:
        agent, replicas = MemoryAgent(self.copies), MemoryReplicas(self.copies)
        return Ports(
            here=EU,
            clock=clock,
            store=store,
            agent=agent,
            replicas=replicas,
            http=MemoryHttp(),
            pager=MemoryPager(),
            machines=MemoryMachines(),
            telemetry=MemoryTelemetry(),
            services=memory_services(clock, TOPOLOGY),
            veto=MemoryVeto(),
            promises=MemoryPromises(),
        )

    def slow(self, real: Any, travels: list[float]) -> Any:
        return Slow(real, self.stage, cycle(travels))

    def guard(self, rate: float, travels: list[float], until: float = 200.0) -> None:
        clock = DriftingClock(self.stage, rate)
        store, copy = self.slow(self.store, travels), self.slow(self.copy, travels[::-1])
        while self.stage.now < until:
            with suppress(LifeboatError):  # as the guard's own loop: the next round may succeed
                renew(store, copy, store.database("orders"), US, LEASE)
            clock.sleep(LEASE.renew_seconds)

    def observe(self, rate: float, travels: list[float], until: float = 200.0) -> None:
        clock, watch = DriftingClock(self.stage, rate), LeaseWatch()
        store, sequence = self.slow(self.store, travels), 0
        while self.stage.now < until:
            watch.saw(store.database("orders"), clock.elapsed())
            sequence += 1
            seen = watch.sightings(clock.elapsed())
            store.cast(Vote(US, EU, Health.UNHEALTHY, "", 1, sequence, clock.now(), 0.0, ("a",), seen))
            clock.sleep(5.0)

    def execute(self, rate: float, travels: list[float]) -> None:
        clock = DriftingClock(self.stage, rate)
        ports = self.ports(clock, self.slow(self.store, travels))
        ticket = Ticket.of(open_incident(ports, TOPOLOGY, US, "R330", "down"))
        waiting = _retried(lambda: revoke_lease(ports, DatabaseCommand(TOPOLOGY, ticket, "orders", {})))
        self.revoked_at = self.stage.now
        await_lease(ports, DatabaseCommand(TOPOLOGY, ticket, "orders", waiting))

    def watch(self) -> None:
        """After each turn: the moment from which on a target might be promoted, and every moment of an open gate."""
        phase = self.store.database("orders").phase
        if phase is Phase.WAITED_OUT and self.waited_out_at is None:
            self.waited_out_at = self.stage.now
        if self.copy.open():
            self.last_open = self.stage.now
            assert self.waited_out_at is None, "waited out, and the gate is open"


@plenty
@given(rates, rates, rates, delays, delays, delays, st.floats(0, 60))
def test_the_gate_is_shut_when_the_lease_has_been_waited_out(
    database: float,
    guards: float,
    executor: float,
    first: list[float],
    second: list[float],
    third: list[float],
    at: float,
) -> None:
    play = Play(database)
    play.stage.actor(lambda: play.guard(guards, first))
    play.stage.actor(lambda: play.guard(guards, second), at=2.0)
    play.stage.actor(lambda: play.execute(executor, third), at=at)
    play.stage.run(play.watch)
    assert play.waited_out_at is not None
    assert play.revoked_at is not None
    assert play.last_open <= play.revoked_at + LEASE.lease_seconds + LEASE.margin_seconds


@plenty
@given(rates, rates, rates, delays, delays, delays, st.floats(20, 90), st.floats(0, 60))
def test_what_observers_have_seen_shortens_the_wait_and_never_too_far(
    database: float,
    observer: float,
    executor: float,
    first: list[float],
    second: list[float],
    third: list[float],
    at: float,
    guard_dies_at: float,
) -> None:
    play = Play(database)
    play.stage.actor(lambda: play.guard(1.0, first, until=guard_dies_at))
    play.stage.actor(lambda: play.observe(observer, second))
    play.stage.actor(lambda: play.execute(executor, third), at=at)
    play.stage.run(play.watch)
    assert play.waited_out_at is not None


def test_a_lease_that_nobody_renews_is_not_waited_for_again() -> None:
    """The guard died half a minute before: what observers saw makes the wait nothing, and the gate is shut."""
    play = Play(1.0)
    play.stage.actor(lambda: play.guard(1.0, [0.0], until=10.0))
    play.stage.actor(lambda: play.observe(1.0, [0.0]))
    play.stage.actor(lambda: play.execute(1.0, [0.0]), at=45.0)
    play.stage.run(play.watch)
    assert play.waited_out_at == 45.0


def test_the_property_notices_a_clock_beyond_its_bound() -> None:
    """It can fail: a database's clock at half speed keeps its gate open for twice as long."""
    play = Play(0.5)
    play.stage.actor(lambda: play.guard(1.0, [0.0]))
    play.stage.actor(lambda: play.execute(1.0, [0.0]), at=21.0)
    try:
        play.stage.run(play.watch)
    except AssertionError as broken:
        assert "the gate is open" in str(broken)
    else:
        raise AssertionError("a clock at half speed went unnoticed")


def test_the_property_notices_a_guard_that_reads_the_clock_too_late() -> None:
    """It can fail: the reading is taken after the store has answered, and the answer was slow."""
    play = Play(1.0)

    def late() -> None:
        record = play.store.database("orders")
        play.store.change_database(record, replace(record, lease=replace(record.lease, renewal=2)))
        play.stage.sleep(26.0)
        play.copy.extend(1, play.copy.describe().clock + LEASE.lease_seconds - LEASE.margin_seconds)

    play.stage.actor(late, at=10.0)
    play.stage.actor(lambda: play.execute(1.0, [0.0]), at=11.0)
    try:
        play.stage.run(play.watch)
    except AssertionError as broken:
        assert "the gate is open" in str(broken)
    else:
        raise AssertionError("a reading that was too late went unnoticed")


def _retried(step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """As the machine does: a guard that renews again and again makes a slow write lose, and it is tried again."""
    for _ in range(20):
        with suppress(ChangedMeanwhileError):
            return step()
    return reject()
