"""The linearizable store, and what a control region keeps for the day when it does not answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from failover.records import Control, DatabaseRecord, JournalEntry, Vote, Word, WordKind


class QuorumStore(Protocol):
    """The linearizable store; every call raises ``StoreUnreachableError`` when no replica answers."""

    def require_strong(self) -> None:
        """See that a write which was answered is read everywhere from then on.

        Raises:
            StoreUnfitError: in some place the last writer would win; it must not be used.
        """

    def control(self) -> Control:
        """Read the control item strongly."""

    def change_control(self, seen: Control, wanted: Control) -> Control:
        """Replace the control item if it still is the one seen; returns it with its new version.

        Raises:
            ChangedMeanwhileError: somebody else was faster.
        """

    def database(self, name: str) -> DatabaseRecord:
        """Read a database's item strongly; ``NotInitialisedError`` when it has none."""

    def change_database(self, seen: DatabaseRecord, wanted: DatabaseRecord) -> DatabaseRecord:
        """Replace a database's item if it still is the one seen; raises ``ChangedMeanwhileError``."""

    def initialise(self, databases: Sequence[DatabaseRecord]) -> bool:
        """Write the control item and the databases' items where there are none; False when all were there."""

    def votes(self) -> Sequence[Vote]:
        """Read every vote strongly."""

    def cast(self, vote: Vote) -> None:
        """Write a vote; raises ``ChangedMeanwhileError`` when the same observer has voted later, or in a newer run."""

    def words(self) -> Sequence[Word]:
        """Read every recorded word strongly, those that count no more as well."""

    def word(self, kind: WordKind, about: str) -> Word | None:
        """Read what was last said about something."""

    def say(self, word: Word) -> None:
        """Write a word; the newest of a kind about one thing counts."""

    def withdraw(self, kind: WordKind, about: str) -> None:
        """Forget a word; nothing happens when there is none."""

    def append(self, entry: JournalEntry) -> None:
        """Add a line to the journal."""

    def journal(self, since: datetime | None = None) -> Sequence[JournalEntry]:
        """Read the journal, oldest first: what is dated from then on, or all of it."""


class LastKnown(Protocol):
    """A control region's own copy of what it last read, for the day when the store does not answer.

    Each call raises a ``TransientError`` when the copy cannot be reached.
    """

    def remember(self, evacuated: Mapping[str, str]) -> None:
        """Keep the evacuations."""

    def evacuated(self) -> Mapping[str, str]:
        """The evacuations last kept; empty when none were."""
