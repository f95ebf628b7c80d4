"""A deployed product in virtual time: its regions, their services, and Lifeboat's own functions that run in them."""

from collections.abc import Callable, Collection
from math import ceil
from random import Random
from typing import Any, Final

from failover.adapters.memory import MemoryCaches, MemoryCompute, memory_services
from failover.procedures.initialising import initialise
from failover.records import Control, DatabaseRecord, Vote
from failover.topology import DatasetKind, Topology
from rehearsal.form import Load
from rehearsal.history import Promotion
from simulator.kernel import Kernel
from simulator.latencies import Latencies
from simulator.world.bus import Bus, Hint
from simulator.world.clients import ONE_A_SECOND
from simulator.world.clocks import Clock
from simulator.world.data import database_copies, quorum_table
from simulator.world.databases import Copy
from simulator.world.executions import Executions
from simulator.world.faults import Faults
from simulator.world.functions import Functions, kept_warm
from simulator.world.gray import Gray
from simulator.world.network import Network
from simulator.world.outside import Outside
from simulator.world.recorder import Recorder
from simulator.world.regions import Regions
from simulator.world.runs import Run, Wiring
from simulator.world.services import Promotions
from simulator.world.web import Web
from simulator.world.wired import give_turn_to

DECIDES: Final = "decide_failover"
PROBES: Final = "probe_regions"
GUARDS: Final = "guard_lease"

FIRST_VOTES_SECONDS: Final = 25.0
"""By then every observer has probed often enough to vote."""

WARM_BY_SECONDS: Final = 60.0
"""Nothing is broken while it warms up: a world that is not warm by then never will be."""

LAST_ROUND_SECONDS: Final = 15
TIME_LIMITS: Final = {GUARDS: 170.0, DECIDES: 30.0, "answer_lever": 3.0}
"""Time limits of functions in seconds, as the stacks set them; a step's is longer than its state's."""


class World:
    """One schedule's world, made of a topology, a seed and latencies; ``begin`` deploys it.

    ``chance`` gives each part a stream of its own, so that one part's draws change nothing for another. ``notices``
    are the routes whose name leads to a notice when no region of theirs answers.
    """

    def __init__(
        self,
        topology: Topology,
        seed: str,
        latencies: Latencies,
        *,
        load: Load = ONE_A_SECOND,
        notices: Collection[str] = (),
    ) -> None:
        self.topology, self.seed, self.latencies = topology, seed, latencies
        self.kernel, self.recorder, self.gray = Kernel(), Recorder(), Gray()
        self.skew: dict[str, float] = {}
        self.veto: str | None = None
        self.heard_promotion: Callable[[Promotion], None] = lambda _promotion: None
        kernel = self.kernel
        near = {each.name: each.site.near for each in topology.regions if each.site is not None}
        self.network = Network(kernel, latencies, self.chance("network"), near)
        self.table = quorum_table(self.kernel, topology, self.network, self.chance("table"))
        self.copies = database_copies(self.kernel, topology, self.network, self.chance("copies"))
        self.promotions = Promotions(
            kernel, topology, self.copies, latencies, self.chance("promotions"), self._promoted
        )
        clock = Clock(kernel)
        services = memory_services(clock, topology)
        assert isinstance(services.compute, MemoryCompute)
        self.compute = services.compute
        self.compute.launch_seconds = latencies.of("nodes.launch").draw(self.chance("nodes"))
        assert isinstance(services.caches, MemoryCaches)
        services.caches.promote_seconds = latencies.of("elasticache.failover").draw(self.chance("caches"))
        limits = {**TIME_LIMITS, PROBES: ceil(topology.observation.run_seconds) + LAST_ROUND_SECONDS}
        self.functions = Functions(kernel, self.network, latencies, self.chance("functions"), self._wiring, limits)
        self.executions = Executions(kernel, self.functions, latencies, self.chance("executions"))
        self.bus = Bus(kernel, self.network, latencies, self.chance("bus"), self._deliver)
        self.outside = Outside(
            topology,
            network=self.network,
            functions=self.functions,
            copies=self.copies,
            recorder=self.recorder,
            chance=self.chance,
            put_event=self.bus.put,
            gray=self.gray,
            load=load,
            notices=notices,
        )
        self.web = Web(kernel, self.network, self.functions, topology, self.outside.services.deep_health, self.gray)
        self.regions = Regions(
            topology,
            kernel,
            self.network,
            self.table,
            self.copies,
            self.promotions,
            services,
            self.functions,
            self.executions,
            self.web,
            self.recorder,
            self.chance("clocks"),
            self.gray,
            put_points=self.outside.alarms.put,
            put_hint=lambda here, subject, reason: self.bus.put(
                here, "lifeboat", "Region Unhealthy", (subject, reason)
            ),
            refusal=lambda: self.veto,
            skew=self.skew,
        )
        self.faults = Faults(self)

    def chance(self, part: str) -> Random:
        """Return a part's own stream of chance."""
        return Random(f"{self.seed}/{part}")  # noqa: S311 - it must be repeatable

    def begin(self) -> None:
        """Deploy: the store is initialised, everything that a clock starts runs, and the clients write."""
        give_turn_to(self.kernel)
        first = self.acting(self.topology.control_regions[-1], lambda: initialise(self._ports(), self.topology))
        while not first.triggered:
            self.kernel.run(self.kernel.now + 1.0)
        phase = self.chance("schedules")
        for region in self.topology.control_regions:
            self.functions.keep_warm(region, kept_warm())
        for region in sorted({*self.topology.control_regions, *self.topology.region_names}):
            for function in self._scheduled(region):
                start, first = self._starting(region, function), phase.uniform(0.0, 60.0)
                if function == DECIDES:
                    first = max(first, FIRST_VOTES_SECONDS)  # before anybody has voted all is dark, and it pages
                else:
                    start()
                self.bus.each_minute(region, start, first=first)
        self.outside.start()

    def warm_up(self, look: Callable[[], None] = lambda: None) -> float:
        """Let it run until every observer has voted and every lease is renewed; returns when that was.

        Whole seconds, so that what is told since then is told exactly.

        Raises:
            RuntimeError: it never is.
        """
        while not self._is_warm:
            if self.kernel.now > WARM_BY_SECONDS:
                raise RuntimeError(f"{self.topology.name} is not warm after {WARM_BY_SECONDS:g} s")
            self.kernel.run(self.kernel.now + 1.0, look)
        return self.kernel.now

    @property
    def _is_warm(self) -> bool:
        votes = {(vote.observer, vote.subject) for vote in self.table.peek_all(Vote)}
        regions = self.topology.region_names
        asked = {(here, subject) for here in self.topology.control_regions for subject in regions if subject != here}
        return votes >= asked and all(record.lease.positions for record in self.records)

    def acting(self, here: str, act: Callable[[], Any]) -> Any:
        """Have somebody act in a region with its functions' ports; returns the event of the end."""
        run = Run(here, "operator", self.regions.wiring(here))
        return self.kernel.actor(act, f"somebody in {here}", context=run).done

    def now(self, act: Callable[[], None]) -> None:
        """Have something done to the world in a turn of its own, at this very moment."""

        def done() -> None:
            self.settle()
            act()
            self.settle()
            self.outside.checks.stir()

        self.kernel.now_or_later(0.0, done)

    @property
    def control(self) -> Control:
        """The control item, as nobody inside can see it."""
        return self.table.peek(Control, "control") or Control(version=0)

    def record(self, database: str) -> DatabaseRecord | None:
        """A database's item, as nobody inside can see it."""
        return self.table.peek(DatabaseRecord, database)

    @property
    def records(self) -> list[DatabaseRecord]:
        """The items of the databases that have one writer."""
        found = (self.record(each.name) for each in self.topology.databases if each.kind is DatasetKind.SINGLE)
        return [each for each in found if each is not None]

    def copies_in(self, region: str) -> list[Copy]:
        """Every copy that a region holds."""
        return [copy for (_, where), copy in self.copies.items() if where == region]

    def is_lost(self, region: str) -> bool:
        """Whether a region is without power."""
        return region in self.network.down

    def settle(self) -> None:
        """Let every replica receive what has come; before and after anything breaks or mends."""
        for copy in self.copies.values():
            copy.settle()
        self.network.settle()

    def _wiring(self, here: str) -> Wiring:
        return self.regions.wiring(here)

    def _ports(self) -> Any:
        actor = self.kernel.running
        assert actor is not None
        return actor.context.wiring.ports

    def _scheduled(self, region: str) -> list[str]:
        control = [PROBES, DECIDES] if region in self.topology.control_regions else []
        return [*control, *([GUARDS] if self.copies_in(region) else [])]

    def _starting(self, region: str, function: str) -> Callable[[], None]:
        return lambda: self.functions.invoke_later(region, function, {"source": "lifeboat.tick"})

    def _deliver(self, region: str, _hint: Hint) -> None:
        if region in self.topology.control_regions:
            self.functions.invoke_later(region, DECIDES, {"source": "an event"}, retries=2)

    def _promoted(self, promotion: Promotion) -> None:
        self.heard_promotion(promotion)
        if promotion.done_at is None:
            self.recorder.promotions.append(promotion)
            return
        for index, each in enumerate(self.recorder.promotions):
            if (each.at, each.database, each.region) == (promotion.at, promotion.database, promotion.region):
                self.recorder.promotions[index] = promotion
