"""The quorum store: replicas asked in turn, and doubt about each write that nobody has clearly answered.

The table has no transactions, so every change is one conditional write on one item. A write whose answer was lost may
have happened, so each carries a nonce: it is repeated as it was, and when its condition then fails, the item is read
back and its nonce says whose write it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from failover.adapters.replicated.replica import (
    Condition,
    ConflictError,
    Item,
    NoAnswerError,
    NoneNewer,
    Record,
    Replica,
    StillSeen,
    TurnedAwayError,
)
from failover.errors import ChangedMeanwhileError, NotInitialisedError, StoreUnreachableError
from failover.records import Control, DatabaseRecord, JournalEntry, Vote, Word, WordKind

T = TypeVar("T")

CONTROL: Final = "control"
"""The name of the one control item."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a replica may take, to connect and to answer each, and how many are tried for one call."""

    connect_seconds: float = 1.0
    read_seconds: float = 1.5
    replicas: int | None = None


STEADY: Final = Patience()
"""Of steps, observers and operators."""

QUICK: Final = Patience(connect_seconds=0.5, read_seconds=0.5, replicas=1)
"""Of those who must answer within seconds: one replica a call, and the next one the next time."""

GUARDS: Final = Patience(connect_seconds=0.7, read_seconds=1.0)
"""Of guards: when no replica answers there must be time left to ask for promises."""


class ReplicatedStore:
    """``ports.QuorumStore``; replicas are tried in order, beginning with the one that answered last.

    One that does not answer goes to the end of the order, so that a caller who tries one at a time comes round.
    ``most`` is how many are tried for one call, ``None``: all.
    """

    def __init__(
        self, table: str, replicas: Sequence[Replica], nonces: Callable[[], str], most: int | None = None
    ) -> None:
        self._table = table
        self._replicas = list(replicas)
        self._nonces = nonces
        self._most = most

    def require_strong(self) -> None:
        self._anywhere(lambda replica: replica.require_strong())

    def control(self) -> Control:
        item = self._anywhere(lambda replica: replica.get(Control, CONTROL))
        return Control(version=0) if item is None else item.record

    def change_control(self, seen: Control, wanted: Control) -> Control:
        after = replace(wanted, version=seen.version + 1)
        self._write(CONTROL, after, StillSeen(seen.version))
        return after

    def database(self, name: str) -> DatabaseRecord:
        item = self._anywhere(lambda replica: replica.get(DatabaseRecord, name))
        if item is None:
            raise NotInitialisedError(f"database {name} was never initialised in {self._table}; run `lifeboat init`")
        return item.record

    def change_database(self, seen: DatabaseRecord, wanted: DatabaseRecord) -> DatabaseRecord:
        after = replace(wanted, version=seen.version + 1)
        self._write(seen.name, after, StillSeen(seen.version))
        return after

    def initialise(self, databases: Sequence[DatabaseRecord]) -> bool:
        made = False
        firsts: tuple[tuple[str, Record], ...] = tuple((each.name, each) for each in databases)
        for name, record in ((CONTROL, Control(version=1)), *firsts):
            try:
                self._write(name, record, StillSeen(0))
                made = True
            except ChangedMeanwhileError:
                continue
        return made

    def votes(self) -> Sequence[Vote]:
        return tuple(item.record for item in self._anywhere(lambda replica: replica.query(Vote)))

    def cast(self, vote: Vote) -> None:
        # A write that was given up for lost can arrive after the votes that followed it.
        self._write(f"{vote.subject}#{vote.observer}", vote, NoneNewer(vote.run, vote.sequence))

    def words(self) -> Sequence[Word]:
        return tuple(item.record for item in self._anywhere(lambda replica: replica.query(Word)))

    def word(self, kind: WordKind, about: str) -> Word | None:
        item = self._anywhere(lambda replica: replica.get(Word, f"{kind}#{about}"))
        return None if item is None else item.record

    def say(self, word: Word) -> None:
        self._write(f"{word.kind}#{word.about}", word, None)

    def withdraw(self, kind: WordKind, about: str) -> None:
        self._anywhere(lambda replica: replica.delete(Word, f"{kind}#{about}"))

    def append(self, entry: JournalEntry) -> None:
        self._write(f"{_dated(entry.at)}#{entry.region}#{self._nonces()}", entry, None)

    def journal(self, since: datetime | None = None) -> Sequence[JournalEntry]:
        first = None if since is None else _dated(since)
        return tuple(item.record for item in self._anywhere(lambda replica: replica.query(JournalEntry, first)))

    def _write(self, name: str, record: Record, condition: Condition | None) -> None:
        item, doubtful = Item(name, record, self._nonces()), False

        def attempt(replica: Replica) -> None:
            nonlocal doubtful
            try:
                replica.put(item, condition)
            except NoAnswerError:
                doubtful = True
                raise

        try:
            self._anywhere(attempt)
        except ChangedMeanwhileError:
            if not doubtful or not self._is_ours(item):
                raise

    def _is_ours(self, item: Item[Any]) -> bool:
        kind: type[Any] = type(item.record)
        found: Item[Any] | None = self._anywhere(lambda replica: replica.get(kind, item.name))
        return found is not None and found.nonce == item.nonce

    def _anywhere(self, ask: Callable[[Replica], T]) -> T:
        """Ask the replicas in turn; the one that answers is asked first the next time."""
        failures = []
        for replica in self._replicas[: self._most]:
            try:
                return ask(replica)
            except ConflictError as exc:
                raise ChangedMeanwhileError(f"{self._table} was changed by somebody else: {exc}") from exc
            except (NoAnswerError, TurnedAwayError) as exc:
                failures.append(f"{replica.region}: {exc}")
                self._replicas = [*(each for each in self._replicas if each is not replica), replica]
        raise StoreUnreachableError(f"no replica of {self._table} answered ({'; '.join(failures)})")


def _dated(at: datetime) -> str:
    """Return a moment as the names of journal entries begin: in their order is that of time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
