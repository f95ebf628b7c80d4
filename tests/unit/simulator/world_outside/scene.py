"""The world outside Lifeboat, with three regions of which the first one writes, and nobody who fails anything over."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from random import Random
from typing import Any

from failover.topology import Names, Topology
from rehearsal.form import Load
from rehearsal.form.fault_kinds import Failing
from rehearsal.history import Outcome
from simulator.kernel import Kernel
from simulator.latencies import Latencies
from simulator.world.clients import ONE_A_SECOND, Clients
from simulator.world.clocks import Clock
from simulator.world.databases import Copy
from simulator.world.dns import Dns
from simulator.world.functions import FunctionFailed
from simulator.world.health_checks import LeverChecks
from simulator.world.network import Network
from simulator.world.recorder import ClientWrite, Recorder
from simulator.world.service import Services
from tests.products import AP, EU, US, quickstart

FOREVER = 1e12


@functools.cache
def latencies(*, still: bool) -> Latencies:
    """The latencies of AWS, each at its median if they are to stand still."""
    return Latencies.read().without_chance() if still else Latencies.read()


def network(seed: str = "1", *, still: bool = True) -> Network:
    """A network on which everything passes."""
    return Network(Kernel(), latencies(still=still), Random(seed))


def cut(way: Network, source: str, target: str, how: Failing = Failing.HANG) -> None:
    """Let nothing pass from one place to another."""
    way.cut((source, target), how)
    way.settle()


def mend(way: Network, source: str, target: str) -> None:
    """Let everything pass again."""
    way.mend((source, target))
    way.settle()


@dataclass
class Levers:
    """``answer_lever`` of every control region, for which the evacuated regions are the same."""

    topology: Topology
    evacuated: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    asked: int = 0

    def invoke(self, source: str, region: str, function: str, payload: Any, limit_seconds: float) -> Any:
        """Answer as the function does."""
        assert (source, function) == (region, "answer_lever")
        self.asked += 1
        if region in self.broken:
            raise FunctionFailed("Lambda.ServiceException", "it does not run")
        subject = payload["pathParameters"]["region"]
        token = Names(self.topology).lever_token(subject)
        return {"statusCode": 200, "body": token if subject in self.evacuated else f"in service: {subject}"}


class Scene:
    """Clients, services, DNS and health checks on copies whose gate is open in one region."""

    def __init__(
        self,
        seed: str = "1",
        *,
        still: bool = True,
        eager: bool = False,
        topology: Topology | None = None,
        load: Load = ONE_A_SECOND,
    ) -> None:
        self.topology = topology or quickstart()
        self.network = network(seed, still=still)
        self.kernel = self.network.kernel
        self.recorder = Recorder()
        self.copies = {
            (each.name, region): self._copy(each.name, region, writer=each.born_primary)
            for each in self.topology.databases
            for region in each.regions
        }
        self.services = Services(self.topology.region_names, self.copies, self.network, Random(f"{seed}/services"))
        self.levers = Levers(self.topology)
        self.checks = LeverChecks(
            self.topology,
            self.network,
            self.levers,
            Random(f"{seed}/checks"),
            self.recorder,
            changed=self._look,
            eager=eager,
        )
        self.dns = Dns(self.topology, self.network.latencies, Random(f"{seed}/dns"), self.checks.sound, self.recorder)
        self.clients = Clients(
            self.topology,
            self.network,
            self.services,
            self.dns,
            Random(f"{seed}/clients"),
            recorder=self.recorder,
            load=load,
        )
        self.checks.start()
        self.clients.start()

    def _copy(self, database: str, region: str, *, writer: str) -> Copy:
        copy = Copy(
            Clock(self.kernel),
            in_recovery=region != writer,
            database=database,
            region=region,
            world_now=lambda: self.kernel.now,
        )
        if not copy.in_recovery:
            copy.admit(1, FOREVER)
        return copy

    def _look(self, at: float) -> None:
        self.dns.look(at)

    def run(self, until: float) -> None:
        """Let time pass up to a moment."""
        self.kernel.run(until)

    def move(self, database: str, region: str, epoch: int) -> None:
        """Make another region the writer of a database, as if it had been failed over."""
        copy = self.copies[database, region]
        copy.become_primary()
        copy.admit(epoch, FOREVER)

    def lose(self, region: str, how: Failing = Failing.HANG) -> None:
        """Take the power of a region away."""
        self.network.down[region] = how
        for (_, place), copy in self.copies.items():
            copy.reachable = copy.reachable and place != region
        self.network.settle()

    def evacuate(self, *regions: str) -> None:
        """Change who is evacuated, as one write to the store does."""
        was, self.levers.evacuated = self.levers.evacuated, set(regions)
        self.checks.stir(*sorted(was ^ self.levers.evacuated))

    def writes(self, group: str, since: float = 0.0) -> list[ClientWrite]:
        """The writes of a group that were sent since a moment and have ended."""
        return [each for each in self.recorder.writes if each.group == group and each.sent_at >= since]

    def outcomes(self, group: str, since: float = 0.0) -> set[Outcome]:
        """How they ended."""
        return {each.outcome for each in self.writes(group, since)}


__all__ = ["AP", "EU", "FOREVER", "US", "Levers", "Scene", "cut", "latencies", "mend", "network"]
