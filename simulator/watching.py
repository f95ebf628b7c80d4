"""Shows what happens in a world to the checker, and each event to whoever directs."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from failover.adapters.replicated import Record
from failover.invariants import DnsAnswer, Execution
from failover.records import Control, DatabaseRecord, JournalEntry, Vote, Word
from failover.topology import DatasetKind
from rehearsal.history import Outcome as Ended
from simulator.checking import Checker, Write
from simulator.hearing import Listener
from simulator.world.databases import Branch
from simulator.world.recorder import ClientWrite, Witness
from simulator.world.world import World

ITEMS: Final = {Control: "control", DatabaseRecord: "database", Vote: "vote", Word: "word", JournalEntry: "journal"}


class Watching(Witness):
    """Shows everything to the checker, and each event to the director."""

    def __init__(self, world: World, director: Listener, checker: Checker, covered: Counter[tuple[str, str]]) -> None:
        self._world, self._director, self._checker, self._covered = world, director, checker, covered
        self._evacuated: Mapping[str, str] = {}
        self.served: dict[str, float] = {}

    def stored(self, record: Record, at: float, by: str) -> None:
        """As ``Witness``; an evacuation wakes Route 53's checkers."""
        self._checker.stored(record, at)
        if isinstance(record, JournalEntry):
            self._director.heard("journal", record.kind, record.region)
            by = record.region
        elif isinstance(record, Control) and record.evacuated != self._evacuated:
            changed = set(record.evacuated.items()) ^ set(self._evacuated.items())
            self._evacuated = record.evacuated
            self._world.outside.checks.stir(*sorted({region for region, _ in changed}))
        self._director.heard("written", ITEMS[type(record)], by)

    def gate(self, at: float, database: str, region: str, epoch: int, open_until: float) -> None:
        """As ``Witness``."""
        self._checker.gate(at, database, region, epoch, open_until)

    def wrote(self, write: ClientWrite) -> None:
        """As ``Witness``."""
        if write.outcome is not Ended.ACKNOWLEDGED:
            return
        self.served[write.group] = write.ended_at
        if self._world.topology.database(str(write.database)).kind is not DatasetKind.SINGLE:
            return  # no gate, no epoch: only who was served is known of it
        assert isinstance(write.branch, Branch)
        assert write.committed_at is not None and write.epoch is not None and write.position is not None
        told = Write(
            write.committed_at,
            write.epoch,
            write.position,
            write.branch,
            str(write.committed_in),
            write.group,
            write.number,
        )
        self._checker.acknowledged(str(write.database), told)

    def answered(self, at: float, client: str, region: str, acknowledged: bool, reason: str) -> None:  # noqa: FBT001 - as recorded
        """As ``Witness``."""
        self._checker.answered(at, client, region, acknowledged, reason)

    def dns(self, answer: DnsAnswer) -> None:
        """As ``Witness``."""
        self._checker.recorded(answer, answer.at)

    def called(self, at: float, source: str, target: str, service: str, action: str) -> None:
        """As ``Witness``."""
        self._checker.called(at, source, target, service, action)

    def promoted(self, at: float, database: str, region: str, *, by_hand: bool) -> None:
        """As ``Witness``."""
        self._checker.promoted(at, database, region, by_hand=by_hand)

    def state(self, at: float, kind: str, region: str, state: str) -> None:  # noqa: ARG002 - the moment is now
        """As ``Witness``."""
        if kind == "entered":
            standing = self._world.faults.standing
            for fault in dict.fromkeys(each.kind.value for each in standing) or ("",):
                self._covered[state, fault] += 1
        self._director.heard(kind, state, region)

    def ended(self, at: float, execution: Execution) -> None:
        """As ``Witness``."""
        self._checker.recorded(execution, at)
