"""Guards, observers and executors that reach the store at different times: whoever waited finds the gate shut."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import cycle
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
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
from failover.errors import ChangedMeanwhileError, LifeboatError, StoreUnreachableError, TransientError
from failover.observation import LeaseWatch
from failover.ports import Ports
from failover.procedures import leases, regranting
from failover.procedures.commands import DatabaseCommand, Ticket
from failover.procedures.guarding import GuardPorts, guard
from failover.procedures.initialising import initialise
from failover.procedures.opening import open_incident
from failover.procedures.promising import give_promise
from failover.promises import Promise
from failover.records import Health, Phase, Vote
from tests.products import AP, EU, US, quickstart
from tests.unit.procedures.virtual_time import DriftingClock, Stage

TOPOLOGY = quickstart()
LEASE = TOPOLOGY.lease
DRIFT = LEASE.margin_seconds / LEASE.lease_seconds
UNTIL = 130.0
WHOLE_WAIT = LEASE.lease_seconds + LEASE.margin_seconds

Window = tuple[float, float]
NEVER: Window = (0.0, 0.0)
PROMISING = tuple(f"{region} promising" for region in (US, EU, AP))
"""Promising asks the store over connections of its own, which may fail where an executor's do not."""


@dataclass(frozen=True)
class Trip:
    """How one call fares: its way there, its way back, and what of it is lost."""

    there: float = 0.0
    back: float = 0.0
    lost: str = ""


rates = st.floats(1 - DRIFT, 1 + DRIFT)
trips = st.builds(
    Trip,
    st.sampled_from([0.0, 0.01, 0.3, 2.0]),
    st.sampled_from([0.0, 0.01, 0.3, 2.0, 7.0]),
    st.sampled_from(["", "", "", "", "", "", "request", "answer"]),
)
ways = st.lists(trips, min_size=1, max_size=9)
windows = st.tuples(st.floats(0, 60), st.floats(5, 80)).map(lambda each: (each[0], each[0] + each[1]))


class Path:
    """A port at the end of a path that is slow, loses calls, and is cut for a while."""

    def __init__(self, real: Any, stage: Stage, way: Iterator[Trip], cut: Window, error: type[LifeboatError]) -> None:
        self._real, self._stage, self._way, self._cut, self._error = real, stage, way, cut, error

    def __getattr__(self, name: str) -> Any:
        real: Callable[..., Any] = getattr(self._real, name)

        def called(*arguments: Any, **named: Any) -> Any:
            trip = next(self._way)
            self._stage.sleep(trip.there)
            if self._is_cut() or trip.lost == "request":
                self._lose(trip)
            answer = real(*arguments, **named)
            self._stage.sleep(trip.back)
            if self._is_cut() or trip.lost == "answer":
                self._lose(trip)
            return answer

        return called

    def _is_cut(self) -> bool:
        return self._cut[0] <= self._stage.now < self._cut[1]

    def _lose(self, trip: Trip) -> NoReturn:
        self._stage.sleep(max(0.2, trip.back))
        raise self._error("no answer in time")


class Play:
    """A writer in US with two guards, observers in EU and AP, and executors in both."""

    def __init__(
        self, database: float = 1.0, way: tuple[Trip, ...] = (Trip(),), regions: tuple[float, ...] = ()
    ) -> None:
        self.stage, self.store = Stage(), MemoryStore()
        self.copy = MemoryCopy(DriftingClock(self.stage, database, ahead_seconds=40.0))
        self.copies = {("orders", US): self.copy, ("orders", EU): MemoryCopy(self.copy.clock, in_recovery=True)}
        self.promises = {region: MemoryPromises() for region in TOPOLOGY.control_regions}
        self.clocks = dict(zip((US, EU, AP), (DriftingClock(self.stage, each) for each in regions), strict=False))
        self.way = way
        self.cuts: dict[str, Window] = {}
        self.mail: list[tuple[float, Callable[[], object]]] = []
        self.waited_out = 0
        initialise(self.ports(EU, self.store), TOPOLOGY)

    def ports(self, here: str, store: Any) -> Ports:
        clock = self.clocks.get(here) or DriftingClock(self.stage)
        return Ports(
            here=here,
            clock=clock,
            store=store,
            agent=MemoryAgent(self.copies),
            replicas=MemoryReplicas(self.copies),
            http=MemoryHttp(),
            pager=MemoryPager(),
            machines=MemoryMachines(),
            telemetry=MemoryTelemetry(),
            services=memory_services(clock, TOPOLOGY),
            veto=MemoryVeto(),
            promises=self.promises[here],
        )

    def reached_from(self, region: str) -> Any:
        """The store as seen from a region, or from the guards."""
        return Path(self.store, self.stage, cycle(self.way), self.cuts.get(region, NEVER), StoreUnreachableError)

    def ask(self, promise: Promise) -> dict[str, str]:
        """Ask each control region in turn; a request that is lost may arrive much later."""
        answers: dict[str, str] = {}
        for number, region in enumerate(TOPOLOGY.control_regions):
            trip = self.way[(int(self.stage.now) + number) % len(self.way)]
            self.stage.sleep(trip.there)
            give = self._give(region, promise)
            if trip.lost == "request":
                self.mail.append((self.stage.now + 9.0, give))
                answers[region] = "no answer"
                continue
            try:
                give()
                answers[region] = "no answer" if trip.lost else ""
            except LifeboatError as exc:
                answers[region] = str(exc)
            self.stage.sleep(trip.back)
        return answers

    def _give(self, region: str, promise: Promise) -> Callable[[], object]:
        return lambda: give_promise(self.ports(region, self.reached_from(f"{region} promising")), TOPOLOGY, promise)

    def deliver(self) -> None:
        """What was lost arrives after all."""
        while self.stage.now < UNTIL:
            due, self.mail = (
                [each for each in self.mail if each[0] <= self.stage.now],
                [each for each in self.mail if each[0] > self.stage.now],
            )
            for _, give in due:
                with suppress(LifeboatError):
                    give()
            self.stage.sleep(1.0)

    def guard(self, rate: float = 1.0, dies_at: float = UNTIL) -> None:
        clock = DriftingClock(self.stage, rate)
        ports = GuardPorts(US, clock, self.reached_from("guards"), self, {"orders": self.copy}, MemoryTelemetry())
        guard(ports, TOPOLOGY, (dies_at - self.stage.now) * rate)

    def observe(self, region: str) -> None:
        store, watch, sequence = self.reached_from(region), LeaseWatch(), 0
        clock = self.clocks.get(region) or DriftingClock(self.stage)
        while self.stage.now < UNTIL:
            with suppress(StoreUnreachableError):
                watch.saw(store.database("orders"), clock.elapsed())
            sequence += 1
            seen = watch.sightings(clock.elapsed())
            with suppress(LifeboatError):
                store.cast(Vote(US, region, Health.UNHEALTHY, "", 1, sequence, clock.now(), 0.0, ("a",), seen))
            clock.sleep(5.0)

    def execute(self, here: str, undoes: bool = False) -> None:
        """Open an incident, or take the open one over, and do what the machine does until the lease is waited out."""
        ports = self.ports(here, self.reached_from(here))
        with suppress(LifeboatError):
            ticket = Ticket(**_retried(ports, lambda: asdict(self._begun(ports))))
            command = DatabaseCommand(TOPOLOGY, ticket, "orders", {})
            waiting = _retried(ports, lambda: leases.revoke_lease(ports, command))
            if undoes:
                _retried(ports, lambda: regranting.regrant_lease(ports, command))
                control = self.store.control()
                self.store.change_control(control, replace(control, incident=None))
                return
            _retried(ports, lambda: leases.await_lease(ports, replace(command, waiting=waiting)))

    def _begun(self, ports: Ports) -> Ticket:
        control = self.store.control()
        if control.incident is None:
            return Ticket.of(open_incident(ports, TOPOLOGY, US, "R330", "down"))
        taken = replace(control.incident, owner=ports.here, term=control.term + 1)
        self.store.change_control(control, replace(control, incident=taken, term=taken.term))
        return Ticket.of(taken)

    def watch(self) -> None:
        phase = self.store.database("orders").phase
        self.waited_out += phase is Phase.WAITED_OUT
        assert not (phase is Phase.WAITED_OUT and self.copy.open()), "waited out, and the gate is open"

    def run(self) -> None:
        self.stage.actor(self.deliver)
        self.stage.run(self.watch)


def _retried(ports: Ports, step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    for _ in range(30):
        with suppress(TransientError):
            return step()
        ports.clock.sleep(0.5)
    raise ChangedMeanwhileError("given up")


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    clocks=st.tuples(rates, rates, rates, rates, rates),
    way=ways,
    guards=windows,
    others=st.tuples(*[st.just(NEVER) | windows] * 5),
    first=st.floats(5, 90),
    again=st.none() | st.floats(0, 30),
    undoes=st.booleans(),
    dies_at=st.just(UNTIL) | st.floats(20, 90),
)
def test_the_gate_is_shut_when_it_has_been_waited_out_whoever_reached_the_store(
    clocks: tuple[float, ...],
    way: list[Trip],
    guards: Window,
    others: tuple[Window, ...],
    first: float,
    again: float | None,
    undoes: bool,
    dies_at: float,
) -> None:
    play = Play(clocks[0], tuple(way), clocks[1:4])
    play.cuts = {"guards": guards, **dict(zip((EU, AP, *PROMISING), others, strict=True))}
    play.stage.actor(lambda: play.guard(clocks[4], dies_at))
    play.stage.actor(lambda: play.guard(1.0), at=2.0)
    for region in (EU, AP):
        play.stage.actor(lambda region=region: play.observe(region))  # type: ignore[misc]
    play.stage.actor(lambda: play.execute(EU, undoes), at=first)
    if again is not None:
        play.stage.actor(lambda: play.execute(AP), at=first + again)
    play.run()


def dark_play(executor: str = EU, at: float = 50.0) -> Play:
    """The guards lose the store at 10 s; everybody else reaches it, and an executor revokes at 50 s."""
    play = Play()
    play.cuts = dict.fromkeys(("guards", *PROMISING), (10.0, 500.0))
    play.stage.actor(play.guard)
    for region in (EU, AP):
        play.stage.actor(lambda region=region: play.observe(region))  # type: ignore[misc]
    play.stage.actor(lambda: play.execute(executor), at=at)
    return play


@pytest.mark.parametrize("executor", [EU, AP, US])
def test_whichever_region_executes_it_waits_out_what_it_has_promised(executor: str) -> None:
    """Observers have seen the lease unrenewed for 40 s, and the gate is open all the while."""
    play, shut_at, waited_at = dark_play(executor), [0.0], [0.0]
    look = play.watch

    def watch() -> None:
        look()
        if play.copy.open():
            shut_at[0] = play.stage.now
        if play.waited_out == 1:
            waited_at[0] = waited_at[0] or play.stage.now

    play.watch = watch  # type: ignore[method-assign]
    play.run()
    assert 60.0 <= shut_at[0] < 50.0 + WHOLE_WAIT
    assert waited_at[0] == 50.0 + WHOLE_WAIT


MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "the executor forgets what it promised": lambda patch: patch.setattr(leases, "outlasts", lambda *_: False),
    "the executor goes on promising": lambda patch: patch.setattr(
        leases, "stop_promising", lambda ports, _ticket, record: ports.promises.read(record.name).promise
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_the_property_notices(mutant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    with pytest.raises(AssertionError, match="the gate is open"):
        dark_play().run()


def test_a_guard_that_renews_in_the_store_hides_no_promise_of_another() -> None:
    """One renews in the store while the other, cut off, lives on promises; then only that one is left.

    The store's renewal has a number that the one cut off has never heard of, so numbers would not tell which is newer.
    """
    play = Play()
    play.cuts = {"guards": (9.0, 500.0)}
    play.stage.actor(play.guard)

    def renews_once() -> None:
        play.cuts["guards"] = NEVER
        play.guard(1.0, play.stage.now + 1.0)

    play.stage.actor(renews_once, at=12.0)
    for region in (EU, AP):
        play.stage.actor(lambda region=region: play.observe(region))  # type: ignore[misc]
    play.stage.actor(lambda: play.execute(EU), at=45.0)
    play.run()
    assert play.waited_out
