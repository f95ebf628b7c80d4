"""The failsafe promise: what a control region may tell a guard that reaches no replica of the quorum store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from failover.records import Position


@dataclass(frozen=True, slots=True)
class Promise:
    """Not to let anybody write a database in this writer's place before another whole lease is over.

    ``region`` and ``epoch`` are those of the gate that the promise prolongs. ``position`` is where its WAL stood at a
    reading of the database's own clock which was taken before anybody was asked, and ``lasts_seconds`` for how long
    from that reading on the gate may be open.
    """

    database: str
    region: str
    epoch: int
    position: Position
    lasts_seconds: float


@dataclass(frozen=True, slots=True)
class Acting:
    """An executor of this control region has begun to take this epoch's right to write away."""

    epoch: int
    incident: str
    term: int


@dataclass(frozen=True, slots=True)
class PromiseRecord:
    """What a control region has promised of a database, and up to which epoch it promises nothing any more."""

    database: str
    version: int = 0
    promise: Promise | None = None
    acting: Acting | None = None


class Promises(Protocol):
    """A control region's own records, one item for each database, which nobody outside the region reads.

    Each call raises ``LocalTableUnreachableError`` when no clear answer comes; a change may then have happened.
    """

    def read(self, database: str) -> PromiseRecord:
        """Read the item strongly; a database of which nothing was promised has an empty one of version 0."""

    def change(self, seen: PromiseRecord, wanted: PromiseRecord) -> PromiseRecord:
        """Replace the item if it still is the one seen; raises ``ChangedMeanwhileError``."""


class Promisers(Protocol):
    """The control regions, as a guard asks them: directly, without the store."""

    def ask(self, promise: Promise) -> Mapping[str, str]:
        """Ask every control region for the promise, all at once; never raises for a region's fault.

        Returns:
            For each control region why it has not promised, which is empty for one that has.
        """
