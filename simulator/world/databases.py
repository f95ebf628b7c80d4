"""Databases: copies that replicate, lag, fork and are promoted, each with its gate and its own clock."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from failover.adapters.memory import MemoryCopy
from failover.errors import DatabaseUnreachableError
from failover.ports import CopyState

WRITE_BYTES: Final = 100
"""A client's row: what ``read_tail`` counts as one change."""

GATE_BYTES: Final = 8
"""The gate is a row of the database, and changing it is a write like any other."""


class NotWritten(Exception):  # noqa: N818 - an ordinary answer of a database
    """The row was not committed; the message says why."""


class GateRow(NamedTuple):
    """The gate as it is replicated: a row like any other."""

    epoch: int
    holder: str
    fenced: bool
    valid_until: float


class Commit(NamedTuple):
    """Something that became durable: when, at which position, and the gate's row after it."""

    at: float
    position: int
    gate: GateRow


@dataclass(slots=True, eq=False)
class Branch:
    """One timeline: what its one server committed, after it forked from its parent's at a position."""

    name: str
    parent: "Branch | None" = None
    forked_at: int = 0
    times: list[float] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)

    def append(self, commit: Commit) -> None:
        """Note what was committed last."""
        self.times.append(commit.at)
        self.commits.append(commit)

    def until(self, at: float) -> Commit | None:
        """Return the last commit that was made by then, if any."""
        found = bisect_right(self.times, at)
        return self.commits[found - 1] if found else None

    def contains(self, other: "Branch", position: int) -> bool:
        """Whether a server on this branch has what was committed on another one at a position."""
        branch: Branch | None = self
        limit: float = float("inf")
        while branch is not None:
            if branch is other:
                return position <= limit
            limit, branch = min(limit, branch.forked_at), branch.parent
        return False


@dataclass(slots=True)
class Copy(MemoryCopy):
    """``ports.DatabaseCopy`` of one region; as a replica it receives what ``follows`` has committed, a lag later.

    ``linked`` says whether WAL passes now, ``told`` hears when its gate has changed. ``read_only`` and ``full`` are
    troubles of the server: it takes no writes; when it is full it ends with the first one. ``slow_seconds`` is how
    long each answer of its takes, ``held_back`` that it receives nothing. One that never moves is not ``gated``.
    """

    database: str = ""
    region: str = ""
    world_now: Callable[[], float] = lambda: 0.0
    linked: Callable[["Copy"], bool] = lambda _copy: True
    told: Callable[["Copy"], None] = lambda _copy: None
    branch: Branch = field(default_factory=lambda: Branch("1"))
    follows: "Copy | None" = None
    lag_seconds: float = 0.0
    extra_lag_seconds: float = 0.0
    held_back: bool = False
    read_only: bool = False
    full: bool = False
    gated: bool = True
    slow_seconds: float = 0.0
    version: int = 180003

    def settle(self) -> None:
        """Receive what has come by now; must be called before the path to the source changes."""
        source = self.follows
        if not self.in_recovery or source is None or self.held_back or not self.linked(self):
            return
        last = source.branch.until(self.world_now() - self.lag_seconds - self.extra_lag_seconds)
        if last is not None and last.position > self.position:
            self.position = last.position
            self.gate_epoch, self.gate_holder, self.gate_fenced, self.gate_valid_until = last.gate
        self.timeline = source.timeline

    def refusal(self) -> str | None:
        """Say why a write of the application would be refused now; ``None`` if it would pass."""
        if not self.reachable:
            return "the server does not run"
        if self.in_recovery:
            return "this copy is a replica"
        if self.read_only:
            return "the server takes no writes of anybody"
        return None if self.open() or not self.gated else "the gate is shut"

    def write(self, client: str, number: int) -> tuple[int, int]:  # noqa: ARG002 - what is in a row does not matter
        """Commit a client's row.

        Returns:
            The epoch of the gate that it passed, and its position.

        Raises:
            NotWritten: it was not committed.
        """
        why = self.refusal()
        if why is not None:
            raise NotWritten(why)
        if self.full:
            self.reachable = False
            raise NotWritten("the disk is full, and the server has ended")
        self.position += WRITE_BYTES
        self._commit()
        return self.gate_epoch, self.position

    def fence(self, epoch: int) -> CopyState:
        """As ``DatabaseCopy``; the gate's row is replicated."""
        MemoryCopy.fence(self, epoch)
        return self._durable()

    def admit(self, epoch: int, valid_until: float) -> CopyState:
        """As ``DatabaseCopy``; the gate's row is replicated."""
        MemoryCopy.admit(self, epoch, valid_until)
        return self._durable()

    def extend(self, epoch: int, valid_until: float) -> None:
        """As ``DatabaseCopy``; the gate's row is replicated."""
        MemoryCopy.extend(self, epoch, valid_until)
        self._durable()

    def promote(self) -> CopyState:
        """As ``DatabaseCopy``."""
        self._answer()
        if self.in_recovery:
            self.become_primary()
        return self.describe()

    def become_primary(self) -> None:
        """End the recovery on a branch of its own; its gate is shut, since it belongs to another server."""
        self.settle()
        forked = Branch(f"{self.branch.name}.{self.region}", self._received_branch(), self.position)
        self.in_recovery, self.timeline, self.follows = False, self.timeline + 1, None
        self.branch = forked
        self._commit()
        self.told(self)

    def follow(self, writer: "Copy") -> None:
        """Begin again as a replica of the writer, with all that it has by now."""
        self.in_recovery, self.follows, self.timeline = True, writer, writer.timeline
        self.position, self.tail_from = writer.position, 0
        self.gate_epoch, self.gate_holder = writer.gate_epoch, writer.gate_holder
        self.gate_fenced, self.gate_valid_until = writer.gate_fenced, writer.gate_valid_until
        self.told(self)

    @property
    def history(self) -> Branch:
        """The timeline whose writes it has: its own, or that of the server that it follows."""
        return self.follows.branch if self.in_recovery and self.follows is not None else self.branch

    def _received_branch(self) -> Branch:
        return self.follows.branch if self.follows is not None else self.branch

    def _answer(self) -> None:
        if not self.reachable:
            raise DatabaseUnreachableError("the server does not run")
        self.settle()

    def _durable(self) -> CopyState:
        self.position += GATE_BYTES
        self._commit()
        self.told(self)
        return self.describe()

    def _gate(self) -> GateRow:
        return GateRow(self.gate_epoch, self.gate_holder, self.gate_fenced, self.gate_valid_until)

    def _commit(self) -> None:
        self.branch.append(Commit(self.world_now(), self.position, self._gate()))
