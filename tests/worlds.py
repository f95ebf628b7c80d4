"""A whole product in memory: three control regions, one store, databases with gates, and time that only tests move."""

import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from failover.adapters.memory import (
    ManualClock,
    MemoryAgent,
    MemoryCopy,
    MemoryHttp,
    MemoryMachines,
    MemoryPager,
    MemoryPromisers,
    MemoryPromises,
    MemoryReplicas,
    MemoryStore,
    MemoryTelemetry,
    MemoryVeto,
    memory_services,
)
from failover.errors import LifeboatError, StoreUnreachableError
from failover.observation import Observer
from failover.ports import Answer, Ports
from failover.procedures.deciding import decide_failover
from failover.procedures.guarding import GuardPorts, prolong, renew
from failover.procedures.initialising import initialise
from failover.procedures.promising import give_promise
from failover.promises import Promise
from failover.topology import Names, Topology
from runtime import wiring
from simulator.asl import Interpreter, MachineFailed
from tests.products import EU, US, quickstart

MACHINES = Path(__file__).parent.parent / "state_machines"


class World:
    """Every second the guards renew, every period the observers probe, and started executions run at once."""

    def __init__(self, topology: Topology | None = None) -> None:
        self.topology = topology or quickstart()
        self.names = Names(self.topology)
        self.clock = ManualClock()
        self.store = MemoryStore()
        self.copies = {
            (each.name, region): MemoryCopy(self.clock, in_recovery=region != each.born_primary)
            for each in self.topology.databases
            for region in each.regions
        }
        self.replicas = MemoryReplicas(self.copies)
        self.services = memory_services(self.clock, self.topology)
        self.pager, self.machines, self.telemetry = MemoryPager(), MemoryMachines(), MemoryTelemetry()
        self.veto = MemoryVeto()
        everywhere = dict.fromkeys([*self.topology.region_names, *self.topology.control_regions])
        self.promises = {region: MemoryPromises() for region in everywhere}
        self.dead: set[str] = set()
        self.dark: set[str] = set()
        self.blind: set[str] = set()
        self.lagging: set[str] = set()
        self.storeless: set[str] = set()
        self.executed: dict[str, str] = {}
        self.outputs: dict[str, Any] = {}
        self._acts: dict[str, Callable[[], object]] = {}
        self.states: list[str] = []
        self.observers: dict[str, Observer] = {}
        initialise(self.ports(EU if EU in everywhere else self.topology.control_regions[0]), self.topology)

    def ports(self, here: str) -> Ports:
        """The world as a function in that region sees it."""
        return Ports(
            here=here,
            clock=self.clock,
            store=self.store,
            agent=MemoryAgent(self.copies),
            replicas=self.replicas,
            http=MemoryHttp(lambda url: self._answer(url, here)),
            pager=self.pager,
            machines=self.machines,
            telemetry=self.telemetry,
            services=self.services,
            veto=self.veto,
            promises=self.promises[here],
        )

    def _answer(self, url: str, asker: str) -> Answer | None:
        if asker in self.blind:
            return None
        for region in self.topology.control_regions:
            if url.startswith(f"https://{self.names.lever(region)}"):
                subject = url.rsplit("/", 1)[-1]
                evacuated = subject in self.store.control().evacuated
                body = self.names.lever_token(subject) if evacuated else "in service"
                return None if region in self.dead else Answer(200, body, 0.01)
        for region in self.topology.region_names:
            if url.startswith(f"https://{self.names.origin(region)}"):
                return None if region in self.dead | self.dark else Answer(200, "{}", 0.01)
        return Answer(200, "healthy", 0.01)

    def kill(self, region: str) -> None:
        """The region is gone: application, database, functions."""
        self.dead.add(region)
        for (_, where), copy in self.copies.items():
            if where == region:
                copy.reachable = False

    def revive(self, region: str) -> None:
        """It comes back as it was on disk."""
        self.dead.discard(region)
        for (_, where), copy in self.copies.items():
            if where == region:
                copy.reachable = True

    def run(self, seconds: int) -> None:
        """Let time pass, second by second."""
        for _ in range(seconds):
            now = int(self.clock.elapsed())
            self._renew(now)
            self._replicate()
            if now % int(self.topology.observation.probe_seconds) == 0:
                self._probe()
            self.clock.sleep(1)

    def _renew(self, now: int) -> None:
        for (name, region), copy in self.copies.items():
            if region in self.dead or now % int(self.topology.lease.renew_seconds):
                continue
            copy.position += 100 if copy.open() else 0
            try:
                if region in self.storeless:
                    prolong(self._guard(region), self.topology, name, copy)
                else:
                    renew(self.store, copy, self.store.database(name), region, self.topology.lease)
            except LifeboatError:
                continue

    def _guard(self, region: str) -> GuardPorts:
        """A guard that does not reach the store, and every control region as it answers to it."""
        promisers = MemoryPromisers({each: partial(self._promise, each) for each in self.topology.control_regions})
        return GuardPorts(region, self.clock, self.store, promisers, {}, self.telemetry)

    def _promise(self, here: str, promise: Promise) -> None:
        if here in self.dead or promise.region in self.dead:
            raise StoreUnreachableError("no answer in time")
        ports = self.ports(here)
        if here in self.storeless:
            ports = replace(ports, store=MemoryStore())
            ports.store.reachable = False  # type: ignore[attr-defined]
        give_promise(ports, self.topology, promise)

    def _replicate(self) -> None:
        for each in self.topology.databases:
            source = self.copies[each.name, self.store.database(each.name).writer]
            for region in each.regions:
                copy = self.copies[each.name, region]
                if copy.in_recovery and source.reachable and copy.reachable and region not in self.lagging:
                    copy.position, copy.timeline = source.position, source.timeline
                    copy.gate_epoch, copy.gate_holder = source.gate_epoch, source.gate_holder
                    copy.gate_fenced, copy.gate_valid_until = source.gate_fenced, source.gate_valid_until

    def _probe(self) -> None:
        for region in self.topology.control_regions:
            if region in self.dead:
                continue
            observer = self.observers.setdefault(region, Observer(self.ports(region), self.topology, run=1))
            observer.probe()
            if any(watch.misses for watch in observer.watches.values()):
                decide_failover(self.ports(region), self.topology)
                self._execute(region)

    def _execute(self, region: str) -> None:
        for name, (machine, document) in list(self.machines.started.items()):
            if name not in self.executed:
                self.executed[name] = self.execute(machine, document, name, region)

    def execute(self, machine: str, document: Any, name: str, here: str) -> str:
        """Run a machine to its end in a region; returns SUCCEEDED, or FAILED and the error's name."""
        definition = json.loads((MACHINES / f"{machine}.asl.json").read_text("utf-8"))
        with self.wired(here):
            interpreter = Interpreter(definition, self._invoke, self.clock.sleep, Substitutions(), self._entered)
            try:
                self.outputs[name] = interpreter.execute(document, name)
            except MachineFailed as failure:
                return f"FAILED {failure.error}"
        return "SUCCEEDED"

    def _invoke(self, function: str, payload: Any, limit: float) -> Any:
        """Call a step; one that would sleep past its state's limit ends there, as on Step Functions."""
        until, sleep = self.clock.elapsed() + limit, self.clock.sleep

        def bounded(seconds: float) -> None:
            sleep(min(seconds, max(0.0, until - self.clock.elapsed())))
            if self.clock.elapsed() >= until:
                raise _TimedOutError

        try:
            with mock.patch.object(self.clock, "sleep", bounded):
                return invoke(function, payload)
        except _TimedOutError:
            raise MachineFailed("States.Timeout", f"{function} ran for longer than {limit:g} s") from None

    def during(self, state: str, act: Callable[[], object]) -> None:
        """Have somebody do something once, in the moment in which an execution enters a state."""
        self._acts[state] = act

    def _entered(self, state: str) -> None:
        self.states.append(state)
        if (act := self._acts.pop(state, None)) is not None:
            act()

    @contextmanager
    def wired(self, here: str) -> Iterator[None]:
        """Give the real handlers this world."""
        with (
            mock.patch.object(wiring, "ports", lambda: self.ports(here)),
            mock.patch.object(wiring, "topology", lambda: self.topology),
        ):
            yield

    def writer(self, database: str = "orders") -> str | None:
        """The region whose gate is open, if exactly one is."""
        opened = [region for (name, region), copy in self.copies.items() if name == database and copy.open()]
        assert len(opened) <= 1, f"two open gates: {opened}"
        return opened[0] if opened else None

    def kinds(self) -> list[str]:
        """What the journal tells, without the votes."""
        return [entry.kind for entry in self.store.journal() if entry.kind != "VOTE"]

    def pause(self) -> None:
        """Operators said to do nothing."""
        control = self.store.control()
        from failover.records import Pause

        until = self.clock.now().replace(year=2030)
        self.store.change_control(control, replace(control, pause=Pause("testing", until)))


class _TimedOutError(BaseException):
    """The function is given up; nothing that catches errors may catch this."""


class Substitutions(dict[str, str]):
    """``PromoteDatabaseArn`` → ``promote_database``."""

    def __missing__(self, key: str) -> str:
        name = key.removesuffix("Arn")
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def invoke(function: str, payload: Any) -> Any:
    """Call a step's real handler, through JSON as Lambda does."""
    handler = importlib.import_module(f"{function}.handler").handle
    context = SimpleNamespace(
        function_name=function,
        memory_limit_in_mb=1769,
        invoked_function_arn=f"arn:aws:lambda:{US}:111122223333:function:{function}",
        aws_request_id="test",
        get_remaining_time_in_millis=lambda: 10_000,
    )
    return json.loads(json.dumps(handler(json.loads(json.dumps(payload)), context)))
