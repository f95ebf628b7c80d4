"""The tail of an old writer: what it had acknowledged and the new writer never received."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TailPoint:
    """Where to go on: what committed up to ``position`` (bytes of WAL) is kept, and ``skip`` changes after it."""

    position: int
    skip: int = 0


@dataclass(frozen=True, slots=True)
class TailRequest:
    """What is asked of the agent beside an old writer.

    ``epoch`` is the one that it wrote under, ``position`` where the new writer's history forked from its own,
    ``at`` where to go on after an earlier part. ``gaps_allowed`` says that an operator consented to keeping what
    can still be read where not all of it can.
    """

    epoch: int
    position: int | None
    at: TailPoint | None = None
    gaps_allowed: bool = False


@dataclass(frozen=True, slots=True)
class TailPart:
    """What was read of a tail: JSON lines, counted; ``gap`` is why they are not all that there were.

    The times are those of the oldest and newest commit, by the old writer's clock. ``rest`` is where to go on, None
    when there is no more.
    """

    lines: bytes
    transactions: int
    rows: int
    oldest_at: datetime | None
    newest_at: datetime | None
    gap: str | None
    rest: TailPoint | None


@dataclass(frozen=True, slots=True)
class Archive:
    """What was kept of a tail in one file, or by now in ``parts`` of them, the first of which is ``file``.

    ``complete`` is false where an operator allowed for gaps. ``rest`` is where to go on, None when all is kept.
    """

    file: str | None
    transactions: int
    rows: int
    oldest_at: datetime | None
    newest_at: datetime | None
    complete: bool
    rest: TailPoint | None
    parts: int = 1

    def joined(self, later: "Archive") -> "Archive":
        """This archive and a later part of it as one."""
        oldest = [each for each in (self.oldest_at, later.oldest_at) if each is not None]
        newest = [each for each in (self.newest_at, later.newest_at) if each is not None]
        return Archive(
            self.file or later.file,
            self.transactions + later.transactions,
            self.rows + later.rows,
            min(oldest, default=None),
            max(newest, default=None),
            self.complete and later.complete,
            later.rest,
            self.parts + later.parts,
        )


class TailShelf(Protocol):
    """Where a region keeps the tails of its old writers."""

    def keep(self, name: str, lines: bytes) -> str:
        """Write a file, over one of the same name, and return where it is; raises ``ArchiveNotKeptError``."""
