"""Databases in memory: copies with gates, the agents beside them, and the service that promotes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from failover.adapters.memory.tails import MemoryShelf, tail_of
from failover.errors import (
    DatabaseUnreachableError,
    EpochRefusedError,
    FatalError,
    GateRefusedError,
    LifeboatError,
    PromotionRefusedError,
    ReplicaNotReadyError,
)
from failover.ports import Clock, CopyState, ReplicaState
from failover.procedures.tailing import archived
from failover.records import LossAllowed
from failover.tails import Archive, TailPart, TailPoint, TailRequest


@dataclass(slots=True)
class MemoryCopy:
    """``ports.DatabaseCopy``; its gate is closed by default and after each promotion until admitted."""

    clock: Clock
    in_recovery: bool = False
    timeline: int = 1
    position: int = 0
    reachable: bool = True
    gate_epoch: int = 0
    gate_holder: str = ""
    gate_valid_until: float = float("-inf")
    gate_fenced: bool = False
    tail_from: int | None = 0
    version: int = 0
    logins: dict[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """The server's own identity, which a replicated row does not carry."""
        return f"1/{self.timeline}"

    def open(self) -> bool:
        """Whether a write would pass now."""
        held = self.gate_holder == self.identity and not self.gate_fenced
        return held and not self.in_recovery and self._now() < self.gate_valid_until

    def install(self) -> CopyState:
        return self.describe()

    def describe(self) -> CopyState:
        self._answer()
        return CopyState(
            in_recovery=self.in_recovery,
            identity=self.identity,
            position=self.position,
            clock=self._now(),
            gate_epoch=self.gate_epoch,
            gate_open=self.open(),
            gate_fenced=self.gate_fenced,
            version=self.version,
        )

    def fence(self, epoch: int) -> CopyState:
        self._answer()
        if self.in_recovery:
            raise GateRefusedError("a copy in recovery cannot be fenced; what it has of the gate is its writer's")
        if epoch < self.gate_epoch:
            raise EpochRefusedError(f"the gate knows epoch {self.gate_epoch}; got {epoch}")
        self.gate_holder = self.gate_holder if epoch == self.gate_epoch else ""
        self.gate_epoch, self.gate_fenced, self.gate_valid_until = epoch, True, float("-inf")
        return self.describe()

    def admit(self, epoch: int, valid_until: float) -> CopyState:
        self._answer()
        if self.in_recovery:
            raise GateRefusedError("a copy in recovery cannot be admitted; promote it first")
        if epoch < self.gate_epoch or (epoch == self.gate_epoch and self.gate_holder not in ("", self.identity)):
            raise EpochRefusedError(f"the gate knows epoch {self.gate_epoch} of {self.gate_holder}; got {epoch}")
        again = epoch == self.gate_epoch and not self.gate_fenced
        self.gate_epoch, self.gate_holder, self.gate_fenced = epoch, self.identity, False
        self.gate_valid_until = max(valid_until, self.gate_valid_until) if again else valid_until
        return self.describe()

    def extend(self, epoch: int, valid_until: float) -> None:
        self._answer()
        if epoch != self.gate_epoch:
            raise EpochRefusedError(f"the gate is of epoch {self.gate_epoch}; got {epoch}")
        if self.in_recovery or self.gate_fenced or self.gate_holder != self.identity:
            raise GateRefusedError("fenced, in recovery, or another server's: only an admission opens it")
        self.gate_valid_until = max(self.gate_valid_until, valid_until)

    def promote(self) -> CopyState:
        self._answer()
        if self.in_recovery:
            self.in_recovery, self.timeline = False, self.timeline + 1
        return self.describe()

    def give_login(self, user: str, password: str) -> CopyState:
        self._answer()
        if not self.open():
            raise GateRefusedError("no password is changed while the gate is shut")
        self.logins[user] = password
        return self.describe()

    def try_login(self, user: str, password: str) -> CopyState:
        self._answer()
        if self.logins.get(user) != password:
            raise FatalError(f"{user} is not let in")
        return self.describe()

    def keep_tail(self, followers: int) -> None:  # noqa: ARG002 - nothing is thrown away here
        self._answer()

    def read_tail(self, position: int | None, at: TailPoint | None) -> TailPart:
        """Return a change of one row for each hundred bytes; what an earlier part had is gone then."""
        self._answer()
        if at is not None and self.tail_from is not None:
            self.tail_from = max(self.tail_from, at.position)
        return tail_of(self.position, self.tail_from, position, at, self.clock)

    def _now(self) -> float:
        return self.clock.now().timestamp()

    def _answer(self) -> None:
        if not self.reachable:
            raise DatabaseUnreachableError("this copy does not answer")


@dataclass(slots=True)
class MemoryAgent:
    """``ports.DatabaseAgent`` over copies by (database, region)."""

    copies: dict[tuple[str, str], MemoryCopy]
    shelves: dict[str, MemoryShelf] = field(default_factory=dict)

    def install(self, database: str, region: str) -> CopyState:
        return self.copies[database, region].install()

    def describe(self, database: str, region: str) -> CopyState:
        return self.copies[database, region].describe()

    def describe_all(self, copies: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], CopyState | LifeboatError]:
        return {copy: self._told(*copy) for copy in copies}

    def _told(self, database: str, region: str) -> CopyState | LifeboatError:
        try:
            return self.describe(database, region)
        except LifeboatError as exc:
            return exc

    def fence(self, database: str, region: str, epoch: int) -> CopyState:
        return self.copies[database, region].fence(epoch)

    def archive(self, database: str, region: str, request: TailRequest) -> Archive:
        shelf = self.shelves.setdefault(region, MemoryShelf(region))
        return archived(self.copies[database, region], shelf, database, request)

    def promote(self, database: str, region: str) -> CopyState:
        return self.copies[database, region].promote()

    def admit(self, database: str, region: str, epoch: int, valid_until: float) -> CopyState:
        return self.copies[database, region].admit(epoch, valid_until)


@dataclass(slots=True)
class MemoryReplicas:
    """``ports.ReplicaService``; ``refusals`` promotions are refused first, ``asked`` counts those accepted."""

    copies: dict[tuple[str, str], MemoryCopy]
    refusals: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    rejoined: list[tuple[str, str, str]] = field(default_factory=list)

    def describe(self, database: str, region: str) -> ReplicaState:
        copy = self.copies[database, region]
        return ReplicaState("available", "the source" if copy.in_recovery else None)

    def promote(self, database: str, region: str, *, loss: LossAllowed) -> None:  # noqa: ARG002 - as RDS does
        if self.refusals > 0:
            self.refusals -= 1
            raise PromotionRefusedError(f"{database} in {region}: refused")
        copy = self.copies[database, region]
        self.asked.append((database, region))
        copy.in_recovery, copy.timeline = False, copy.timeline + 1

    def rejoin(self, database: str, region: str, writer: str, epoch: int) -> None:  # noqa: ARG002 - as RDS does
        copy, source = self.copies[database, region], self.copies[database, writer]
        if not copy.reachable or not source.reachable:
            raise ReplicaNotReadyError(f"{database} in {region} cannot follow {writer} now")
        self.rejoined.append((database, region, writer))
        copy.in_recovery, copy.timeline, copy.position = True, source.timeline, source.position
        copy.gate_epoch, copy.gate_holder = source.gate_epoch, source.gate_holder
        copy.gate_fenced, copy.gate_valid_until = source.gate_fenced, source.gate_valid_until
