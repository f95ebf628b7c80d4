"""The quorum store's table in virtual time: one truth in three places, which takes its time to agree.

What is modelled is DynamoDB's global table with multi-Region strong consistency, as its developer guide tells it: a
write is acknowledged when a second place has it; a strong read gives the last acknowledged write wherever it is read;
two writes of one item that meet in different Regions end in a ``ReplicatedWriteConflictException`` for one of them; a
replica that is cut off from both other places neither writes nor reads strongly; a witness answers nothing.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from failover.adapters.replicated import Condition, ConflictError, Item, Record
from failover.records import Control, DatabaseRecord, JournalEntry, Vote, Word
from simulator.kernel import Kernel
from simulator.world.network import NoAnswer

T = TypeVar("T")
R = TypeVar("R", Control, DatabaseRecord, Vote, Word, JournalEntry)
Key = tuple[type[Record], str]

KINDS: Final[tuple[type[Record], ...]] = (Control, DatabaseRecord, Vote, Word, JournalEntry)


def always_anew() -> int:
    """Nobody counts what breaks and mends: each question is asked anew."""
    return -1


def no_time() -> float:
    """At once."""
    return 0.0


@dataclass(slots=True)
class Write:
    """A write under way: until it takes effect, no other region may write the item. No item: it is taken away.

    It goes through the replica of one ``region``, and was sent ``by`` another.
    """

    region: str
    key: Key
    item: Item[Any] | None
    effective_at: float
    by: str
    done: bool = False


class Table:
    """What the three places agree on, and what became of each write.

    ``journal`` and ``journal_times`` grow together, in the order in which entries took effect; ``writes`` counts
    everything that did, so that who looks on need not look when nothing has changed.
    """

    def __init__(
        self,
        kernel: Kernel,
        replicas: Sequence[str],
        witness: str | None,
        *,
        places_up: Callable[[], Collection[str]],
        between: Callable[[str, str], bool],
        commit_seconds: Callable[[], float] = no_time,
        read_seconds: Callable[[], float] = no_time,
        changes: Callable[[], int] = always_anew,
    ) -> None:
        self.kernel = kernel
        self.journal: list[JournalEntry] = []
        self.journal_times: list[float] = []
        self.writes = 0
        self.told: Callable[[Record, float, str], None] = lambda _record, _at, _by: None
        self.replicas = tuple(replicas)
        self.places: Collection[str] = (*self.replicas, witness) if witness else self.replicas
        self._places_up, self._between, self._changes = places_up, between, changes
        self._served: dict[str, bool] = {}
        self._as_of = -1
        self._commit_seconds, self.read_seconds = commit_seconds, read_seconds
        self._items: dict[type[Record], dict[str, Item[Any]]] = {kind: {} for kind in KINDS}
        self._listed: dict[type[Record], tuple[Item[Any], ...]] = {}
        self._under_way: dict[Key, Write] = {}

    def peek(self, kind: type[R], name: str) -> R | None:
        """Look at a record from outside; nobody in the world can."""
        found = self._items[kind].get(name)
        return None if found is None else found.record

    def peek_all(self, kind: type[R]) -> tuple[R, ...]:
        """Look at all records of a kind from outside, in the order of their names."""
        return tuple(item.record for item in self._list(kind))

    def serves(self, region: str) -> bool:
        """Whether a replica can reach a majority of the places, itself counted."""
        changes = self._changes()
        if changes != self._as_of or changes < 0:
            self._as_of, self._served = changes, {}
        if region not in self._served:
            self._served[region] = self._agree(region)
        return self._served[region]

    def _agree(self, region: str) -> bool:
        up = self._places_up()
        if region not in up:
            return False
        others = (other for other in self.places if other != region and other in up)
        agree = sum(self._between(region, other) and self._between(other, region) for other in others)
        return 2 * (agree + 1) > len(self.places)

    def read(self, region: str, look: Callable[["Table"], T], until: float) -> T:
        """Read strongly through a replica."""
        if not self.serves(region):
            self._fall_silent(region, until)
        return look(self)

    def get_from(self, region: str, kind: type[Record], name: str, until: float) -> Item[Any] | None:
        """Read one item strongly through a replica."""
        if not self.serves(region):
            self._fall_silent(region, until)
        return self._items[kind].get(name)

    def query_from(self, region: str, kind: type[Record], first: str | None, until: float) -> tuple[Item[Any], ...]:
        """Read all items of a kind, or those from a name on, strongly through a replica, in the order of names."""
        if not self.serves(region):
            self._fall_silent(region, until)
        found = self._list(kind)
        return found if first is None else tuple(item for item in found if item.name >= first)

    def get(self, kind: type[Record], name: str) -> Item[Any] | None:
        """One item."""
        return self._items[kind].get(name)

    def query(self, kind: type[Record]) -> tuple[Item[Any], ...]:
        """All items of a kind, in the order of their names."""
        return self._list(kind)

    def write(
        self, region: str, key: Key, item: Item[Any] | None, condition: Condition | None, until: float, *, by: str = ""
    ) -> None:
        """Write through a replica; returns when it took effect, which it does even if nobody waits for it.

        Raises:
            ConflictError: the condition does not hold, or another region is writing the item.
            NoAnswer: the replica cannot reach a majority, or loses it meanwhile, or is not done in time.
        """
        if not self.serves(region):
            self._fall_silent(region, until)
        self._await_turn(region, key, until)
        if condition is not None and not condition.holds(self._items[key[0]].get(key[1])):
            raise ConflictError("ConditionalCheckFailedException")
        seconds = self._commit_seconds()
        write = Write(region, key, item, self.kernel.now + seconds, by or region)
        if seconds <= 0.0:
            self._take_effect(write)
            return
        self._under_way[key] = write
        self.kernel.now_or_later(seconds, lambda: self._commit(write))
        self._sleep_till(write.effective_at, region, until)
        if not write.done:
            self._fall_silent(region, until)

    def _await_turn(self, region: str, key: Key, until: float) -> None:
        while (other := self._under_way.get(key)) is not None:
            if other.region != region:
                raise ConflictError("ReplicatedWriteConflictException")
            self._sleep_till(other.effective_at, region, until)

    def _commit(self, write: Write) -> None:
        del self._under_way[write.key]
        if self.serves(write.region):
            self._take_effect(write)

    def _take_effect(self, write: Write) -> None:
        kind, name = write.key
        write.done = True
        self.writes += 1
        self._listed.pop(kind, None)
        if write.item is None:
            self._items[kind].pop(name, None)
            return
        if kind is JournalEntry and name not in self._items[kind]:  # repeated as it was, it is the same line
            self.journal.append(write.item.record)
            self.journal_times.append(self.kernel.now)
        known = self._items[kind].get(name)
        self._items[kind][name] = write.item
        if known is None or known.nonce != write.item.nonce:
            self.told(write.item.record, self.kernel.now, write.by)

    def _list(self, kind: type[Record]) -> tuple[Item[Any], ...]:
        listed = self._listed.get(kind)
        if listed is None:
            listed = self._listed[kind] = tuple(item for _, item in sorted(self._items[kind].items()))
        return listed

    def _sleep_till(self, moment: float, region: str, until: float) -> None:
        if until < moment:
            self._fall_silent(region, until)
        self.kernel.sleep(moment - self.kernel.now)

    def _fall_silent(self, region: str, until: float) -> None:
        self.kernel.sleep(until - self.kernel.now)
        raise NoAnswer(f"{region} did not answer")
