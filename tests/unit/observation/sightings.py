"""Probes and their answers, and an observer in a world of three regions."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from failover.adapters.memory import ManualClock, MemoryHttp, MemoryStore, MemoryTelemetry
from failover.observation import Finding, Observer, Sight, Watch
from failover.ports import Answer, Ports
from failover.records import Vote
from failover.topology import Names, Topology
from tests.products import EU, US, quickstart

SERVED = Sight(Finding.SERVED, "served")
MISSED = Sight(Finding.MISSED, "no answer in time")
UNSEEN = Sight(Finding.UNSEEN, "HTTP 403")
BLIND = Sight(Finding.MISSED, "nothing answers, the neutral places neither")


def watched(sights: Iterable[Sight], needed: int = 3, period: float = 5.0) -> Watch:
    """The watch after probes at a period, the first at 0 s."""
    watch = Watch()
    for number, sight in enumerate(sights):
        watch = watch.after(sight, blind="blind" if sight is BLIND else "", needed=needed, at=number * period)
    return watch


@dataclass
class Scene:
    """One observer's surroundings: which regions are down, whether it sees anything, what its clocks say.

    ``answers`` are what regions say when it is not a plain 200; ``door`` is whether its own lever endpoint answers.
    """

    topology: Topology = field(default_factory=quickstart)
    here: str = EU
    down: set[str] = field(default_factory=set)
    neutral: int = 3
    door: bool = True
    answers: dict[str, Answer] = field(default_factory=dict)
    clock: ManualClock = field(default_factory=ManualClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    telemetry: MemoryTelemetry = field(default_factory=MemoryTelemetry)
    asked: int = 0

    def observer(self, run: int = 1) -> Observer:
        """A run of the observer of this region."""
        # An observer touches these alone; whatever else steps may touch, it does without.
        others: dict[str, Any] = {each.name: None for each in fields(Ports)}
        touched = {
            "here": self.here,
            "clock": self.clock,
            "store": self.store,
            "http": MemoryHttp(self._answer),
            "telemetry": self.telemetry,
        }
        ports = Ports(**(others | touched))
        return Observer(ports, self.topology, run=run)

    def on_another_machine(self, skew_seconds: float = 0.0) -> "Scene":
        """The same region's next run: the same store, and clocks that began at another moment."""
        clock = ManualClock(skew_seconds=self.clock.elapsed() + skew_seconds)
        return replace(self, clock=clock, asked=0)

    def probed(self, times: int, observer: Observer) -> Observer:
        """Probe at the topology's period."""
        for _ in range(times):
            observer.probe()
            self.clock.sleep(self.topology.observation.probe_seconds)
        return observer

    def vote(self, subject: str = US) -> Vote:
        """This observer's vote on a region, as the store has it."""
        (vote,) = (each for each in self.store.votes() if (each.subject, each.observer) == (subject, self.here))
        return vote

    def told(self) -> list[str]:
        """The votes of the journal, in short."""
        entries = [entry for entry in self.store.journal() if entry.kind == "VOTE"]
        return [f"{entry.subject} {entry.facts['health']}" for entry in entries]

    def _answer(self, url: str) -> Answer | None:
        self.asked += 1
        neutral = self.topology.observation.neutral
        if url in neutral:
            return Answer(200, "healthy", 0.01) if neutral.index(url) < self.neutral else None
        names = Names(self.topology)
        if url == f"https://{names.lever(self.here)}/sight":
            return Answer(404, "", 0.01) if self.door and self.neutral else None
        region = next(each for each in self.topology.region_names if url.startswith(f"https://{names.origin(each)}/"))
        if region in self.down or not self.neutral:
            return None
        return self.answers.get(region, Answer(200, "{}", 0.01))
