"""One replica of the quorum store's table: what it is asked, and the three ways in which it fails.

An item is a record under the record's kind and a name. It carries a nonce, fresh for each write, which says whose
write it was; everything that a condition looks at stands in the record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from failover.records import Control, DatabaseRecord, JournalEntry, Vote, Word

Record = Control | DatabaseRecord | Vote | Word | JournalEntry
R = TypeVar("R", Control, DatabaseRecord, Vote, Word, JournalEntry)
R_co = TypeVar("R_co", bound=Record, covariant=True)


class ReplicaError(Exception):
    """A replica has not done what it was asked, as far as one knows; whoever asks several translates it."""


class NoAnswerError(ReplicaError):
    """It is not known whether the request has taken effect, or still will."""


class TurnedAwayError(ReplicaError):
    """A clear no that is about this replica (it throttles, it is not there): another one may do it."""


class ConflictError(ReplicaError):
    """The condition does not hold, or another write of the same item is under way in another region."""


@dataclass(frozen=True, slots=True)
class Item(Generic[R_co]):
    """What stands under a record's kind and this name; ``nonce`` is that of its last write."""

    name: str
    record: R_co
    nonce: str


@dataclass(frozen=True, slots=True)
class StillSeen:
    """The item is of the version that was read; 0: there is none."""

    version: int

    def holds(self, found: Item[Record] | None) -> bool:
        """Whether an item that is there, or that none is, lets the write happen."""
        if found is None or not self.version:
            return found is None and not self.version
        return isinstance(found.record, Control | DatabaseRecord) and found.record.version == self.version


@dataclass(frozen=True, slots=True)
class NoneNewer:
    """No vote of a newer run is there, and no later vote of this run. The same vote again passes."""

    run: int
    sequence: int

    def holds(self, found: Item[Record] | None) -> bool:
        """Whether an item that is there, or that none is, lets the write happen."""
        if found is None:
            return True
        vote = found.record
        return isinstance(vote, Vote) and (vote.run, vote.sequence) <= (self.run, self.sequence)


Condition = StillSeen | NoneNewer


class Replica(Protocol):
    """A place of the table that answers; every call raises one of the ``ReplicaError`` family when it fails."""

    @property
    def region(self) -> str:
        """The region it is in."""

    def require_strong(self) -> None:
        """See that the table is strongly consistent over all its places; raises ``StoreUnfitError``."""

    def get(self, kind: type[R], name: str) -> Item[R] | None:
        """Read one item strongly."""

    def query(self, kind: type[R], first: str | None = None) -> Sequence[Item[R]]:
        """Read all items of a kind strongly, in the order of their names; or those from the name ``first`` on."""

    def put(self, item: Item[Record], condition: Condition | None) -> None:
        """Write an item if its condition holds; none always does."""

    def delete(self, kind: type[Record], name: str) -> None:
        """Take an item away; nothing happens when there is none."""
