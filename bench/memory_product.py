"""A product in memory whose primary region is lost and found to be: what an incident begins with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from failover.adapters.memory import (
    ManualClock,
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
from failover.ports import Answer, Ports
from failover.procedures.initialising import initialise
from failover.records import Health, Vote
from failover.topology import Names, Topology


class MemoryProduct:
    """Databases with gates, a store, and time that passes only when a step sleeps.

    ``lose_the_primary`` leaves it as two observers left it after the dwell: they agree, nothing is decided yet.
    """

    def __init__(self, topology: Topology) -> None:
        self.topology, self.clock, self.store = topology, ManualClock(), MemoryStore()
        self._lost, self._copies = (
            "",
            {
                (each.name, region): MemoryCopy(self.clock, in_recovery=region != each.born_primary)
                for each in topology.databases
                for region in each.regions
            },
        )
        self.replicas, self.machines = MemoryReplicas(self._copies), MemoryMachines()
        self._pager, self._telemetry = MemoryPager(), MemoryTelemetry()
        self._services = memory_services(self.clock, topology)
        initialise(self.ports(topology.primary.name), topology)
        self._replicate()

    def ports(self, here: str) -> Ports:
        """Return the product as a function in that region sees it."""
        return Ports(
            here=here,
            clock=self.clock,
            store=self.store,
            agent=MemoryAgent(self._copies),
            replicas=self.replicas,
            http=MemoryHttp(self._answer),
            pager=self._pager,
            machines=self.machines,
            telemetry=self._telemetry,
            services=self._services,
            veto=MemoryVeto(),
            promises=MemoryPromises(),
        )

    def lose_the_primary(self) -> None:
        """Let it be gone for as long as it takes until a failover is due, and every other region say so."""
        topology = self.topology
        self._lost = topology.primary.name
        for (_, region), copy in self._copies.items():
            copy.reachable = region != self._lost
        observation, dwell_seconds = topology.observation, topology.policy.database_dwell_seconds
        self.clock.sleep(observation.misses * observation.probe_seconds + dwell_seconds)
        for observer in topology.control_regions:
            for subject in topology.region_names:
                if observer not in (subject, self._lost):
                    self.store.cast(self._vote(observer, subject, dwell_seconds if subject == self._lost else None))

    def writers(self) -> set[tuple[str, str]]:
        """Return the database and the region of every gate that is open."""
        return {where for where, copy in self._copies.items() if copy.open()}

    def _vote(self, observer: str, subject: str, down_seconds: float | None) -> Vote:
        health = Health.HEALTHY if down_seconds is None else Health.UNHEALTHY
        seen = self.topology.observation.neutral
        return Vote(subject, observer, health, "lost", 1, 1, self.clock.now(), down_seconds or 0.0, tuple(seen))

    def _replicate(self) -> None:
        """Let each replica have what its source has: its position, and its gate as a row of another server."""
        for each in self.topology.databases:
            source = self._copies[each.name, each.born_primary]
            for region in each.replicas:
                copy = self._copies[each.name, region]
                copy.position = source.position
                copy.gate_epoch, copy.gate_holder = source.gate_epoch, source.gate_holder
                copy.gate_valid_until = source.gate_valid_until

    def _answer(self, url: str) -> Answer | None:
        names = Names(self.topology)
        for region in self.topology.region_names:
            if names.origin(region) in url or names.lever(region) in url:
                subject = url.rsplit("/", 1)[-1]
                evacuated = subject in self.store.control().evacuated
                body = names.lever_token(subject) if evacuated else "in service"
                return None if region == self._lost else Answer(200, body, 0.01)
        return Answer(200, "healthy", 0.01)


@contextmanager
def wired(product: MemoryProduct, here: str) -> Iterator[None]:
    """Give the steps' handlers this product in the place of AWS."""
    from runtime import wiring

    real: dict[str, Any] = {"ports": wiring.ports, "topology": wiring.topology}
    vars(wiring).update(ports=lambda: product.ports(here), topology=lambda: product.topology)
    try:
        yield
    finally:
        vars(wiring).update(real)
