"""What the functions of each region are given: their ports, clocks and copies, as ``runtime.wiring`` does on AWS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from failover.adapters.memory import MemoryAgent, MemoryLastKnown, MemoryPromises, MemoryShelf
from failover.adapters.replicated import GUARDS, QUICK, STEADY, Patience, ReplicatedStore
from failover.ports import Ports
from failover.procedures.desk import DatabaseDesk
from failover.procedures.guarding import GuardPorts
from failover.procedures.lever import Lever
from failover.regional_ports import RegionalServices
from failover.topology import Topology
from simulator.kernel import Kernel
from simulator.world.clocks import Clock
from simulator.world.databases import Copy
from simulator.world.executions import Executions
from simulator.world.functions import Functions
from simulator.world.gray import Gray
from simulator.world.network import Network
from simulator.world.ports import (
    Calls,
    NearCopy,
    SimAgent,
    SimHttp,
    SimLastKnown,
    SimMachines,
    SimPager,
    SimPromisers,
    SimPromises,
    SimReplicas,
    SimTelemetry,
    SimVeto,
    StoreCalls,
    services_seen_through,
)
from simulator.world.recorder import Recorder
from simulator.world.runs import Wiring
from simulator.world.services import Promotions
from simulator.world.store import store_seen_from
from simulator.world.table import Table
from simulator.world.web import Web

FUNCTIONS_WRONG_SECONDS: Final = 0.1
"""By how much the clocks of Lambda may be wrong: the Amazon Time Sync Service keeps them within milliseconds."""


@dataclass(slots=True)
class Regions:
    """Makes, once for each region, what its functions work with."""

    topology: Topology
    kernel: Kernel
    network: Network
    table: Table
    copies: Mapping[tuple[str, str], Copy]
    promotions: Promotions
    services: RegionalServices
    functions: Functions
    executions: Executions
    web: Web
    recorder: Recorder
    chance: Random
    gray: Gray
    put_points: Callable[[str, list[tuple[str, str, float]]], None]
    put_hint: Callable[[str, str, str], None]
    refusal: Callable[[], str | None]
    skew: Mapping[str, float]
    shelves: dict[str, MemoryShelf] = field(default_factory=dict)
    promises: dict[str, MemoryPromises] = field(default_factory=dict)
    last_known: dict[str, MemoryLastKnown] = field(default_factory=dict)
    clocks: dict[str, Clock] = field(default_factory=dict)
    _made: dict[str, Wiring] = field(default_factory=dict)
    _nonces: int = 0

    def wiring(self, region: str) -> Wiring:
        """Return what the functions of a region work with."""
        if region not in self._made:
            self._made[region] = self._wired(region)
        return self._made[region]

    def forget(self, region: str) -> None:
        """Nothing is left of what its functions had in memory; their tables are on disk."""
        self._made.pop(region, None)

    def _wired(self, region: str) -> Wiring:
        calls = Calls(region, self.kernel, self.network, self.recorder)
        clock = self.clocks.setdefault(region, self._clock(region))
        agent = SimAgent(calls, self.functions, MemoryAgent(dict(self.copies), self.shelves), self.copies)
        ports = Ports(
            here=region,
            clock=clock,
            store=self._store(calls, STEADY),
            agent=agent,
            replicas=SimReplicas(calls, self.promotions, self.gray),
            http=SimHttp(region, self.web),
            pager=SimPager(calls),
            machines=SimMachines(calls, self.executions),
            telemetry=SimTelemetry(calls, self.put_points, self.put_hint),
            services=services_seen_through(calls, self.services, self.gray),
            veto=SimVeto(calls, self.refusal),
            promises=SimPromises(calls, self.promises.setdefault(region, MemoryPromises())),
        )
        sql = self.network.latencies.of("postgres.statement")
        near = {name: copy for (name, where), copy in self.copies.items() if where == region}
        return Wiring(
            topology=self.topology,
            ports=ports,
            promising=replace(ports, store=self._store(calls, QUICK)),
            guard=GuardPorts(
                region,
                clock,
                self._store(calls, GUARDS),
                SimPromisers(region, self.kernel, self.functions, self.topology),
                {name: NearCopy(copy, self.kernel, sql, self.chance) for name, copy in near.items()},
                SimTelemetry(calls, self.put_points, self.put_hint),
            ),
            desk=DatabaseDesk(near, self.shelves.setdefault(region, MemoryShelf(region))),
            lever=Lever(
                self.topology,
                self._store(calls, QUICK),
                SimLastKnown(calls, self.gray, self.last_known.setdefault(region, MemoryLastKnown())),
                clock,
            ),
        )

    def _store(self, calls: Calls, patience: Patience) -> ReplicatedStore:
        reach = StoreCalls(calls)
        return store_seen_from(calls.here, self.table, reach, nonces=self._nonce, patience=patience)

    def _nonce(self) -> str:
        self._nonces += 1
        return f"{self._nonces:08d}"

    def _clock(self, region: str) -> Clock:
        wrong = self.chance.uniform(-FUNCTIONS_WRONG_SECONDS, FUNCTIONS_WRONG_SECONDS)
        return Clock(self.kernel, wrong, skew=lambda: self.skew.get(region, 0.0))
