"""Invariants of the right to write: I1, I2, I3, I10, I11, I16."""

from failover.invariants.chronicle import Acknowledged, Complaint
from failover.invariants.invariant import Invariant, Lines, Records, Setting
from failover.records import JournalEntry, LossAllowed

Move = tuple[str | None, str | None]
"""An incident and a database."""


class OneWriter(Invariant):
    """I1: each epoch has one region, and no write of an older epoch commits after a newer one's first.

    Writes may be shown in any order: a client can hear of its own long after it was committed.
    """

    number, name = "I1", "one writer"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._holders: dict[tuple[str, int], str] = {}
        self._spans: dict[str, dict[int, tuple[float, float]]] = {}

    def records(self) -> Records:
        """Acknowledged writes."""
        return {Acknowledged: self._written}

    def _written(self, write: Acknowledged, at: float) -> None:
        self.checked += 1
        holder = self._holders.setdefault((write.database, write.epoch), write.region)
        if holder != write.region:
            self.complain(at, f"{write.database}: epoch {write.epoch} written in {holder} and in {write.region}")
        spans = self._spans.setdefault(write.database, {})
        first, last = spans.get(write.epoch, (at, at))
        spans[write.epoch] = min(first, at), max(last, at)
        if len(spans) > 1:
            self._ordered(write, at, spans)

    def _ordered(self, write: Acknowledged, at: float, spans: dict[int, tuple[float, float]]) -> None:
        newer = [epoch for epoch, (first, _) in spans.items() if epoch > write.epoch and first < at]
        if newer:
            self._late(write.database, write.region, write.epoch, at, max(newer))
        for epoch, (_, last) in spans.items():
            if epoch < write.epoch and at < last:
                self._late(write.database, self._holders[write.database, epoch], epoch, last, write.epoch)

    def _late(self, database: str, region: str, epoch: int, at: float, newer: int) -> None:
        why = f"{database}: {region} committed under epoch {epoch} at {at:.2f} s, after epoch {newer} had begun"
        self.complain(at, why)


class RevokedFirst(Invariant):
    """I2: before PROMOTING the source's lease was revoked, and read back FENCED or waited out."""

    number, name = "I2", "revoked first"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._revoked: set[Move] = set()
        self._stopped: set[Move] = set()

    def effects(self) -> Lines:
        """The way of a lease."""
        return {
            "LEASE_REVOKED": lambda entry, _: self._revoked.add(_move(entry)),
            "FENCED": lambda entry, _: self._stopped.add(_move(entry)),
            "LEASE_WAITED_OUT": lambda entry, _: self._stopped.add(_move(entry)),
            "LEASE_REGRANTED": self._regranted,
            "PROMOTING": self._promoting,
        }

    def _regranted(self, entry: JournalEntry, _: float) -> None:
        self._revoked.discard(_move(entry))
        self._stopped.discard(_move(entry))

    def _promoting(self, entry: JournalEntry, at: float) -> None:
        self.checked += 1
        if _move(entry) not in self._revoked:
            self.complain(at, f"{entry.database}: promoting, and the lease was not revoked")
        if _move(entry) not in self._stopped:
            self.complain(at, f"{entry.database}: promoting, and the source was neither FENCED nor waited out")


class NoSilentLoss(Invariant):
    """I3: a target whose loss bound is over the RPO, or unknown, had a recorded consent."""

    number, name = "I3", "no silent loss"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._consented: set[str | None] = set()

    def effects(self) -> Lines:
        """Consents, and what a promotion may lose where the store says it."""
        return {"CONSENT": lambda entry, _: self._consented.add(entry.database), "PROMOTING": self._allowed}

    def lines(self) -> Lines:
        """The loss bound, as it was recorded."""
        return {"PROMOTING": self._bound}

    def _allowed(self, entry: JournalEntry, at: float) -> None:
        asked = entry.facts.get("loss_allowed") == LossAllowed.CONSENTED
        if asked and entry.database not in self._consented:
            self.complain(at, f"{entry.database}: promoting on a consent that nobody gave")

    def _bound(self, entry: JournalEntry, at: float) -> None:
        self.checked += 1
        bound = entry.facts["loss_bound"]
        allowed = self.topology.database(str(entry.database)).rpo_seconds
        within = bound != "unknown" and float(bound.removesuffix(" s")) <= allowed
        if not within and entry.database not in self._consented:
            self.complain(at, f"{entry.database}: loss bound {bound}, allowed {allowed} s, and nobody consented")


class Forward(Invariant):
    """I10: nothing is undone after the point of no return."""

    number, name = "I10", "forward"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._passed: set[Move] = set()

    def effects(self) -> Lines:
        """The point of no return, and what is undone."""
        return {"PROMOTING": self._promoting, "LEASE_REGRANTED": self._regranted}

    def _promoting(self, entry: JournalEntry, _: float) -> None:
        self.checked += 1
        self._passed.add(_move(entry))

    def _regranted(self, entry: JournalEntry, at: float) -> None:
        self.checked += 1
        if _move(entry) in self._passed:
            self.complain(at, f"{entry.database}: granted again after its point of no return")


class Closed(Invariant):
    """I11: no write under an epoch that was never admitted; epoch 1 is the initial admission.

    An admission is told after the gate is open: whether one is missing is known at the end.
    """

    number, name = "I11", "closed"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._admitted: set[tuple[str | None, int | None]] = set()
        self._written: dict[tuple[str, int, str], float] = {}

    def effects(self) -> Lines:
        """Admissions of a new writer, or of the same one again."""
        return {"ADMITTED": self._admit, "LEASE_REGRANTED": self._admit}

    def records(self) -> Records:
        """Acknowledged writes."""
        return {Acknowledged: self._write}

    def ended(self, at: float, *, running: bool) -> None:  # noqa: ARG002 - a play cut short has its admissions too
        """Judge every epoch that was written under."""
        for (database, epoch, region), first in self._written.items():
            if epoch != 1 and (database, epoch) not in self._admitted:
                self.complain(first, f"{database}: {region} wrote under epoch {epoch}, never admitted")

    def _admit(self, entry: JournalEntry, _: float) -> None:
        self._admitted.add((entry.database, entry.epoch))

    def _write(self, write: Acknowledged, at: float) -> None:
        self.checked += 1
        self._written.setdefault((write.database, write.epoch, write.region), at)


class Whole(Invariant):
    """I16: the databases of one incident all move or none does, and with each those that belong to it."""

    number, name = "I16", "whole"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._moved: dict[str | None, dict[str, str | None]] = {}
        self._admitted: dict[str | None, set[str]] = {}

    def effects(self) -> Lines:
        """Targets, admissions and outcomes."""
        return {"PROMOTING": self._move, "PROMOTION_ASKED": self._move, "ADMITTED": self._admit, "OUTCOME": self._out}

    def _move(self, entry: JournalEntry, _: float) -> None:
        targets = self._moved.setdefault(entry.incident, {})
        targets[str(entry.database)] = entry.facts.get("target", targets.get(str(entry.database)))

    def _admit(self, entry: JournalEntry, _: float) -> None:
        self._admitted.setdefault(entry.incident, set()).add(str(entry.database))

    def _out(self, entry: JournalEntry, at: float) -> None:
        if entry.facts["outcome"] != "FAILED_OVER":
            return
        self.checked += 1
        moved, admitted = self._moved.get(entry.incident, {}), self._admitted.get(entry.incident, set())
        if set(moved) - admitted:
            self.complain(at, f"{entry.incident}: {sorted(set(moved) - admitted)} were promoted and not admitted")
        if admitted - set(moved):
            self.complain(at, f"{entry.incident}: {sorted(admitted - set(moved))} were admitted and not promoted")
        left = sorted(set(self.topology.moves_with(moved)) - set(moved))
        if left:
            self.complain(at, f"{entry.incident}: {sorted(moved)} moved without {left}, which belong to them")
        self._together(entry, at, moved)

    def _together(self, entry: JournalEntry, at: float, moved: dict[str, str | None]) -> None:
        for name in sorted(moved):
            mates = {moved.get(mate) for mate in self.topology.moves_with([name])} - {None}
            if len(mates) > 1:
                self.complain(
                    at, f"{entry.incident}: {name} and those that belong to it moved to {sorted(map(str, mates))}"
                )


def _move(entry: JournalEntry) -> Move:
    return entry.incident, entry.database
