"""A linearizable store in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import RLock

from failover.errors import ChangedMeanwhileError, NotInitialisedError, StoreUnreachableError
from failover.records import Control, DatabaseRecord, JournalEntry, Vote, Word, WordKind


class MemoryStore:
    """``ports.QuorumStore``; one lock makes each call atomic. ``reachable`` is the test's to switch."""

    def __init__(self) -> None:
        self.reachable = True
        self._lock = RLock()
        self._control = Control(version=0)
        self._databases: dict[str, DatabaseRecord] = {}
        self._votes: dict[tuple[str, str], Vote] = {}
        self._words: dict[tuple[WordKind, str], Word] = {}
        self._journal: list[JournalEntry] = []

    def require_strong(self) -> None:
        """One lock is as strong as it gets."""

    def control(self) -> Control:
        with self._call():
            return self._control

    def change_control(self, seen: Control, wanted: Control) -> Control:
        with self._call():
            if self._control.version != seen.version:
                raise ChangedMeanwhileError(f"the control item is at version {self._control.version}")
            self._control = replace(wanted, version=seen.version + 1)
            return self._control

    def database(self, name: str) -> DatabaseRecord:
        with self._call():
            if name not in self._databases:
                raise NotInitialisedError(f"database {name} was never initialised")
            return self._databases[name]

    def change_database(self, seen: DatabaseRecord, wanted: DatabaseRecord) -> DatabaseRecord:
        with self._call():
            if self._databases[seen.name].version != seen.version:
                raise ChangedMeanwhileError(f"{seen.name} is at version {self._databases[seen.name].version}")
            self._databases[seen.name] = replace(wanted, version=seen.version + 1)
            return self._databases[seen.name]

    def initialise(self, databases: Sequence[DatabaseRecord]) -> bool:
        with self._call():
            new = [each for each in databases if each.name not in self._databases]
            self._databases.update({each.name: each for each in new})
            first = self._control.version == 0
            if first:
                self._control = Control(version=1)
            return bool(new) or first

    def votes(self) -> Sequence[Vote]:
        with self._call():
            return tuple(self._votes.values())

    def cast(self, vote: Vote) -> None:
        with self._call():
            last = self._votes.get((vote.subject, vote.observer))
            if last is not None and (last.run, last.sequence) > (vote.run, vote.sequence):
                raise ChangedMeanwhileError(f"run {last.run} of {vote.observer} has voted as {last.sequence}")
            self._votes[vote.subject, vote.observer] = vote

    def words(self) -> Sequence[Word]:
        with self._call():
            return tuple(self._words.values())

    def word(self, kind: WordKind, about: str) -> Word | None:
        with self._call():
            return self._words.get((kind, about))

    def say(self, word: Word) -> None:
        with self._call():
            self._words[word.kind, word.about] = word

    def withdraw(self, kind: WordKind, about: str) -> None:
        with self._call():
            self._words.pop((kind, about), None)

    def append(self, entry: JournalEntry) -> None:
        with self._call():
            self._journal.append(entry)

    def journal(self, since: datetime | None = None) -> Sequence[JournalEntry]:
        with self._call():
            found = [each for each in self._journal if since is None or each.at >= since]
            return tuple(sorted(found, key=lambda each: each.at))

    def _call(self) -> RLock:
        if not self.reachable:
            raise StoreUnreachableError("no replica answered (memory: unreachable)")
        return self._lock


class MemoryLastKnown:
    """``ports.LastKnown``."""

    def __init__(self) -> None:
        self._evacuated: dict[str, str] = {}

    def remember(self, evacuated: Mapping[str, str]) -> None:
        self._evacuated = dict(evacuated)

    def evacuated(self) -> Mapping[str, str]:
        return dict(self._evacuated)
