"""All that a decision may look at, read in one go and then held still."""

from dataclasses import dataclass
from datetime import datetime

from failover.decision.capacity import CapacityView
from failover.records import Control, DatabaseRecord, Vote, Word, WordKind
from failover.topology import Topology


@dataclass(frozen=True, slots=True)
class Candidate:
    """A copy that might become the writer.

    ``loss_seconds`` bounds what would be lost, ``None`` when it is not known; ``doubt`` says why it is not.
    ``refused`` says why this copy may not be promoted at all, empty when it may; an ``unheard`` one is refused
    because it did not answer, which may be otherwise a second later. One ``beside`` the writer is of the other
    provider in the writer's own place.
    """

    region: str
    loss_seconds: float | None
    refused: str = ""
    doubt: str = ""
    unheard: bool = False
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of the store and of the candidates, for one region under suspicion.

    ``candidates`` maps each database that the subject writes to its copies, best first. ``capacity`` is ``None``
    where nobody was asked.
    """

    topology: Topology
    subject: str
    here: str
    control: Control
    databases: tuple[DatabaseRecord, ...]
    votes: tuple[Vote, ...]
    candidates: dict[str, tuple[Candidate, ...]]
    words: tuple[Word, ...] = ()
    capacity: CapacityView | None = None

    @property
    def written_here(self) -> tuple[str, ...]:
        """The databases whose writer is the subject."""
        return tuple(record.name for record in self.databases if record.writer == self.subject)

    def said(self, kind: WordKind, now: datetime) -> tuple[Word, ...]:
        """The words of a kind that still count."""
        return tuple(word for word in self.words if word.kind is kind and word.counts(now))

    def is_said(self, kind: WordKind, now: datetime) -> bool:
        """Whether a word of a kind about the subject counts."""
        return any(word.about == self.subject for word in self.said(kind, now))
