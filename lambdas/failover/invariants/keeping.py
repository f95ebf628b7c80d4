"""Invariants of what must not be lost or done twice: I14, I15."""

from failover.invariants.chronicle import Acknowledged, Complaint, WorkDone
from failover.invariants.invariant import Invariant, Lines, Records, Setting
from failover.records import JournalEntry

Copy = tuple[str | None, str | None]
"""A database and the region that a copy of it is in."""


class Kept(Invariant):
    """I14: before a copy is rebuilt, what it had acknowledged was archived, after the last of it was written.

    A copy that never wrote has nothing of its own: what was archived of the old writer's copy covers it.
    """

    number, name = "I14", "kept"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._written: dict[Copy, float] = {}
        self._archived: dict[Copy, float] = {}

    def effects(self) -> Lines:
        """Archives, and what they must come before."""
        return {"TAIL_ARCHIVED": self._archive, "REJOINING": self._rebuilt, "REJOINED": self._rebuilt}

    def records(self) -> Records:
        """Acknowledged writes."""
        return {Acknowledged: self._write}

    def _write(self, write: Acknowledged, at: float) -> None:
        copy = write.database, write.region
        self._written[copy] = max(at, self._written.get(copy, at))

    def _archive(self, entry: JournalEntry, at: float) -> None:
        self._archived[_copy_of(entry)] = at

    def _rebuilt(self, entry: JournalEntry, at: float) -> None:
        self.checked += 1
        copy = _copy_of(entry)
        if copy in self._written:
            kept = copy in self._archived and self._archived[copy] >= self._written[copy]
        else:
            kept = any(database == entry.database for database, _ in self._archived)
        if not kept:
            why = f"{entry.database}: {entry.kind} in {copy[1]}, and what it had written was not archived before"
            self.complain(at, why)


class OneActive(Invariant):
    """I15: under one epoch workers work in one region, and under no older epoch after a newer one's first work."""

    number, name = "I15", "one active"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._places: dict[tuple[str, int], str] = {}
        self._newest: dict[str, int] = {}

    def records(self) -> Records:
        """Work that was committed."""
        return {WorkDone: self._worked}

    def _worked(self, work: WorkDone, at: float) -> None:
        self.checked += 1
        place = self._places.setdefault((work.database, work.epoch), work.region)
        if place != work.region:
            self.complain(at, f"{work.worker} worked in {work.region} under epoch {work.epoch}, which is {place}'s")
        newest = self._newest.get(work.database, 0)
        if work.epoch < newest:
            why = f"{work.worker} worked in {work.region} under epoch {work.epoch} at {at:.2f} s, after epoch {newest}"
            self.complain(at, f"{why} had begun")
        self._newest[work.database] = max(work.epoch, newest)


def _copy_of(entry: JournalEntry) -> Copy:
    """The copy that a line is about: the one in the region that returns, unless the line names another."""
    return entry.database, entry.facts.get("region", entry.subject)
