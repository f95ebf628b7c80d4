"""An Aurora global database in memory: moves that take time, and members that rejoin by themselves."""

from dataclasses import dataclass, field

from failover.adapters.memory.databases import MemoryCopy
from failover.errors import PromotionRefusedError
from failover.ports import Clock, ReplicaState
from failover.records import LossAllowed


@dataclass(frozen=True, slots=True)
class Move:
    """A move under way: towards which region, until when (of the clock's ``elapsed``), on which basis."""

    target: str
    done_at: float
    loss: LossAllowed


@dataclass(slots=True)
class MemoryAurora:
    """``ports.ReplicaService`` over copies by (database, region); ``asked`` are the moves that were accepted.

    A move takes ``move_seconds``. A planned one is refused when the writer does not answer; the others leave the
    old writer behind, which is a replica from the moment on in which it answers again.
    """

    clock: Clock
    copies: dict[tuple[str, str], MemoryCopy]
    move_seconds: float = 0.0
    asked: list[tuple[str, str, LossAllowed]] = field(default_factory=list)
    _moves: dict[str, Move] = field(default_factory=dict)
    _writers: dict[str, str] = field(default_factory=dict)

    def describe(self, database: str, region: str) -> ReplicaState:
        self._settle(database)
        writer, move = self._writer(database), self._moves.get(database)
        if move is not None:
            return ReplicaState("switching-over" if move.loss is LossAllowed.NONE else "failing-over", writer)
        return ReplicaState("available", None if writer == region else writer)

    def promote(self, database: str, region: str, *, loss: LossAllowed) -> None:
        self._settle(database)
        writer, move = self._writer(database), self._moves.get(database)
        if (move.target if move else writer) == region:
            return
        if move is not None:
            raise PromotionRefusedError(f"{database} is being moved to {move.target}, not {region}")
        if loss is LossAllowed.NONE and not self.copies[database, writer].reachable:
            raise PromotionRefusedError(
                f"{database}: its writer in {writer} is not healthy; a failover would lose data"
            )
        self._writers[database] = writer
        self._moves[database] = Move(region, self.clock.elapsed() + self.move_seconds, loss)
        self.asked.append((database, region, loss))

    def rejoin(self, database: str, region: str, writer: str, epoch: int) -> None:
        """Nothing: it rejoins by itself."""

    def _settle(self, database: str) -> None:
        """Finish a move whose time has come, and let whoever answers follow the writer."""
        move = self._moves.get(database)
        if move is not None and self.clock.elapsed() >= move.done_at:
            new, old = self.copies[database, move.target], self.copies[database, self._writer(database)]
            if move.loss is LossAllowed.NONE:
                new.position = old.position
            new.in_recovery, new.timeline = False, new.timeline + 1
            self._writers[database] = move.target
            del self._moves[database]
        if database in self._moves or database not in self._writers:
            return
        writer = self._writers[database]
        for (name, region), copy in self.copies.items():
            if name == database and region != writer and copy.reachable:
                copy.in_recovery, copy.timeline = True, self.copies[database, writer].timeline

    def _writer(self, database: str) -> str:
        if database in self._writers:
            return self._writers[database]
        return next(region for (name, region), copy in self.copies.items() if name == database and not copy.in_recovery)
