"""Replicas of the quorum store's table, asked over the network; what the store makes of them is Lifeboat's own code."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from failover.adapters.replicated import (
    STEADY,
    Condition,
    Item,
    NoAnswerError,
    Patience,
    Record,
    ReplicatedStore,
    TurnedAwayError,
)
from failover.records import Control, DatabaseRecord, JournalEntry, Vote, Word
from simulator.world.network import NoAnswer, Refused
from simulator.world.table import Table

T = TypeVar("T")
R = TypeVar("R", Control, DatabaseRecord, Vote, Word, JournalEntry)

SERVICE: Final = "dynamodb"
THROTTLED: Final = "ThrottlingException"


class Reach(Protocol):
    """The network, as one who asks a replica sees it."""

    def ask(
        self,
        source: str,
        target: str,
        act: Callable[[], T],
        *,
        service: str,
        timeout_seconds: float,
        takes_seconds: float,
        writes: bool,
    ) -> T:
        """Have something done in another region; raises ``NoAnswer`` (it may be done) or ``Refused`` (it is not)."""


class SimReplica:
    """``replicated.Replica`` as one region sees it; what the network tells is translated as a client's errors are.

    A closed port and an API that is down are doubt, as they are to the client of AWS, who cannot know what became of
    the request. Only a throttled request is clearly not done.
    """

    def __init__(self, table: Table, region: str, here: str, reach: Reach, timeout_seconds: float) -> None:
        self.region = region
        self._table, self._here, self._reach = table, here, reach
        self._timeout_seconds = timeout_seconds

    def require_strong(self) -> None:
        """It is by its making; somebody must say so all the same."""
        self._ask(lambda until: self._table.read(self.region, lambda _: None, until), reads=True)

    def get(self, kind: type[R], name: str) -> Item[R] | None:
        """Read one item strongly."""
        table, region = self._table, self.region
        return self._ask(lambda until: table.get_from(region, kind, name, until), reads=True)

    def query(self, kind: type[R], first: str | None = None) -> Sequence[Item[R]]:
        """Read all items of a kind strongly, in the order of their names; or those from the name ``first`` on."""
        table, region = self._table, self.region
        return self._ask(lambda until: table.query_from(region, kind, first, until), reads=True)

    def put(self, item: Item[Record], condition: Condition | None) -> None:
        """Write an item if its condition holds."""
        key = (type(item.record), item.name)
        self._ask(lambda until: self._table.write(self.region, key, item, condition, until, by=self._here))

    def delete(self, kind: type[Record], name: str) -> None:
        """Take an item away."""
        self._ask(lambda until: self._table.write(self.region, (kind, name), None, None, until, by=self._here))

    def _ask(self, act: Callable[[float], T], *, reads: bool = False) -> T:
        timeout = self._timeout_seconds
        until = self._table.kernel.now + timeout
        try:
            return self._reach.ask(
                self._here,
                self.region,
                lambda: act(until),
                service=SERVICE,
                timeout_seconds=timeout,
                takes_seconds=self._table.read_seconds() if reads else 0.0,
                writes=not reads,
            )
        except NoAnswer as exc:
            raise NoAnswerError(str(exc)) from exc
        except Refused as exc:
            raise (TurnedAwayError if exc.code == THROTTLED else NoAnswerError)(exc.code) from exc


def store_seen_from(
    here: str, table: Table, reach: Reach, *, nonces: Callable[[], str], patience: Patience = STEADY
) -> ReplicatedStore:
    """Return the quorum store as whoever acts in a region has it; ``nonces`` give a new one each time.

    Of a call's two bounds, to connect and to answer, the network of the simulator knows one: the longer of the two.
    """
    seconds = max(patience.connect_seconds, patience.read_seconds)
    seen = [SimReplica(table, region, here, reach, seconds) for region in table.replicas]
    return ReplicatedStore("quorum", seen, nonces, patience.replicas)
