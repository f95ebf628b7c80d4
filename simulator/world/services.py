"""The control planes of AWS in each region: promotions that take their time, nodes, caches, rules of buckets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from failover.errors import PromotionNotDoneError, PromotionRefusedError, ReplicaNotReadyError
from failover.ports import ReplicaState
from failover.records import LossAllowed
from failover.topology import Topology
from rehearsal.form.entries import EVERYWHERE
from rehearsal.history import Promotion
from simulator.kernel import Kernel
from simulator.latencies import Latencies
from simulator.world.databases import Copy

NOT_READY: Final = ("InvalidDBInstanceState", "InvalidDBInstanceStateFault")
"""What the adapter of RDS takes for "not now"; any other error is a refusal."""


@dataclass(slots=True, eq=False)
class NextCalls:
    """What becomes of the next ``times`` calls in a region (``*``: any).

    They are refused with an error, or, where there is none, carried out and not answered.
    """

    region: str
    times: int
    error: str | None = None


@dataclass(slots=True)
class Promotions:
    """RDS as one that promotes and rebuilds: a promotion takes effect at its end, and cannot be taken back.

    ``failing`` is what becomes of the next calls; ``slow_seconds`` are added to each promotion in a region (``*``:
    any). ``told`` hears of each call and of each end; ``by_hand`` are the copies that somebody promotes past Lifeboat.
    """

    kernel: Kernel
    topology: Topology
    copies: Mapping[tuple[str, str], Copy]
    latencies: Latencies
    chance: Random
    told: Callable[[Promotion], None]
    failing: list[NextCalls] = field(default_factory=list)
    slow_seconds: dict[str, float] = field(default_factory=dict)
    by_hand: set[tuple[str, str]] = field(default_factory=set)
    _busy: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        """Whether a promotion or a rebuilding is under way."""
        return bool(self._busy)

    def describe(self, database: str, region: str) -> ReplicaState:
        """What the service says; a copy whose promotion is under way is ``modifying`` and still has its source."""
        copy = self.copies[database, region]
        status = self._busy.get((database, region), "available")
        return ReplicaState(status, "its source" if copy.in_recovery else None)

    def promote(self, database: str, region: str, *, loss: LossAllowed, by_hand: bool = False) -> None:
        """As ``ports.ReplicaService``, with RDS's answers translated as its adapter does."""
        copy = self.copies[database, region]
        refused = self._fails(region, refused=True)
        if refused is not None:
            self._tell(database, region, accepted=False)
            raised = ReplicaNotReadyError if refused.error in NOT_READY else PromotionRefusedError
            raise raised(f"{region}: {refused.error}")
        if (database, region) in self._busy or not copy.in_recovery:
            self._tell(database, region, accepted=False)
            raise ReplicaNotReadyError(f"{database} in {region} is no replica that is available")
        self._tell(database, region, accepted=True)
        if by_hand:
            self.by_hand.add((database, region))
        how = "switchover" if loss is LossAllowed.NONE else "promotion"
        self._later(how, database, region, copy.become_primary)
        if self._fails(region, refused=False) is not None:
            raise PromotionNotDoneError(f"RDS in {region} gave no clear answer for {database}")

    def rejoin(self, database: str, region: str, writer: str, epoch: int) -> None:  # noqa: ARG002 - it names the copy kept
        """As ``ports.ReplicaService``: the old server is kept, and a new replica of the writer takes its name."""
        copy, source = self.copies[database, region], self.copies[database, writer]
        if (database, region) in self._busy:
            raise ReplicaNotReadyError(f"{database} in {region} is {self._busy[database, region]}")
        if copy.in_recovery and copy.follows is source:
            return
        if not source.reachable:
            raise ReplicaNotReadyError(f"{database} in {writer} does not answer")
        seconds = self.latencies.of(f"rebuild.{self._engine(database)}").draw(self.chance)
        seconds += self.latencies.of("rds.rename").draw(self.chance)
        self._busy[database, region] = "creating"
        self.kernel.now_or_later(seconds, lambda: self._rebuilt(database, region, copy, source))

    def _fails(self, region: str, *, refused: bool) -> NextCalls | None:
        for each in self.failing:
            if each.times and each.region in (region, EVERYWHERE) and (each.error is not None) is refused:
                each.times -= 1
                return each
        return None

    def _rebuilt(self, database: str, region: str, copy: Copy, source: Copy) -> None:
        del self._busy[database, region]
        if source.reachable and not source.in_recovery:
            copy.follow(source)

    def _later(self, how: str, database: str, region: str, done: Callable[[], None]) -> None:
        self._busy[database, region] = "modifying"
        seconds = self.latencies.of(f"{how}.{self._engine(database)}").draw(self.chance)
        seconds += sum(self.slow_seconds.get(place, 0.0) for place in (region, EVERYWHERE))
        asked_at = self.kernel.now

        def finish() -> None:
            copy = self.copies[database, region]
            if not copy.reachable:  # it goes on when its server runs again
                self.kernel.now_or_later(1.0, finish)
                return
            del self._busy[database, region]
            done()
            if self.topology.database(database).engine.managed_rejoin:
                self._bring_along(database, copy)
            self.told(Promotion(asked_at, database, region, accepted=True, done_at=self.kernel.now))
            self.by_hand.discard((database, region))

        self.kernel.now_or_later(seconds, finish)

    def _bring_along(self, database: str, writer: Copy) -> None:
        """Where the engine does so by itself, the other copies follow the new writer as soon as they answer."""
        if writer.in_recovery:
            return  # moved once more meanwhile: they follow another one
        left = False
        for (name, _), copy in self.copies.items():
            if name == database and copy is not writer and copy.follows is not writer:
                if copy.reachable and writer.reachable:
                    copy.follow(writer)
                else:
                    left = True
        if left:
            self.kernel.now_or_later(1.0, lambda: self._bring_along(database, writer))

    def _engine(self, database: str) -> str:
        return self.topology.database(database).engine.value

    def _tell(self, database: str, region: str, *, accepted: bool) -> None:
        self.told(Promotion(self.kernel.now, database, region, accepted=accepted))
