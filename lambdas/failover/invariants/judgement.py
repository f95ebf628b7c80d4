"""The invariants by their numbers, and the judgement of a play by all of them."""

from collections.abc import Callable
from typing import Any, Final

from failover.invariants.chronicle import Chronicle, Complaint, Verdict, Voted
from failover.invariants.evidence import Calm, Ends, Evidence
from failover.invariants.invariant import PATIENCE_SECONDS, Invariant, Setting
from failover.invariants.keeping import Kept, OneActive
from failover.invariants.ownership import Independence, Lawful, NeverEmpty, Once
from failover.invariants.telling import Told
from failover.invariants.writers import Closed, Forward, NoSilentLoss, OneWriter, RevokedFirst, Whole
from failover.records import Health, JournalEntry
from failover.topology import Topology

ALL: Final[tuple[type[Invariant], ...]] = (
    OneWriter,
    RevokedFirst,
    NoSilentLoss,
    Lawful,
    NeverEmpty,
    Evidence,
    Once,
    Independence,
    Ends,
    Forward,
    Closed,
    Calm,
    Told,
    Kept,
    OneActive,
    Whole,
)

INVARIANTS: Final = {each.number: each.name for each in ALL}
"""What each number is called."""

Judge = Callable[[Any, float], None]


class Judgement:
    """Shows each record to the invariants that it could break. ``broken`` grows as they break."""

    def __init__(self, topology: Topology, *, began: float = 0.0, patience_seconds: float = PATIENCE_SECONDS) -> None:
        setting = Setting(topology, began, patience_seconds)
        self.broken: list[Complaint] = []
        self._invariants = tuple(each(setting, self.broken) for each in ALL)
        self._numbered = {each.number: each for each in self._invariants}
        self._effects: dict[str, list[Judge]] = {}
        self._lines: dict[str, list[Judge]] = {}
        self._records: dict[type, list[Judge]] = {}
        for each in self._invariants:
            for kind, judge in each.effects().items():
                self._effects.setdefault(kind, []).append(judge)
            for kind, judge in each.lines().items():
                self._lines.setdefault(kind, []).append(judge)
            for what, judge in each.records().items():
                self._records.setdefault(what, []).append(judge)

    def effect(self, entry: JournalEntry, at: float) -> None:
        """Something took effect; the line is one of the journal, or stands for a change of the store's."""
        for judge in self._effects.get(entry.kind, ()):
            judge(entry, at)

    def line(self, entry: JournalEntry, at: float) -> None:
        """Something was told."""
        for judge in self._lines["*"]:
            judge(entry, at)
        for judge in self._lines.get(entry.kind, ()):
            judge(entry, at)

    def record(self, record: object, at: float) -> None:
        """Something else was recorded: a write, an answer, a call."""
        for judge in self._records[type(record)]:
            judge(record, at)

    def complain(self, invariant: str, at: float, why: str) -> None:
        """Say that an invariant does not hold, of something that only this stage can see."""
        self._numbered[invariant].complain(at, why)

    def looked_at(self, invariant: str, things: int) -> None:
        """Count what was seen to break nothing without being shown to an invariant."""
        self._numbered[invariant].checked += things

    def ended(self, at: float, *, running: bool = False) -> None:
        """The play is over; ``running`` says that it was cut short."""
        for each in self._invariants:
            each.ended(at, running=running)

    def verdicts(self) -> dict[str, Verdict]:
        """Each invariant's verdict by now."""
        return {
            f"{each.number} {each.name}": Verdict(not each.complaints, each.checked, "; ".join(each.complaints))
            for each in self._invariants
        }


def check(chronicle: Chronicle) -> dict[str, Verdict]:
    """Return each invariant's verdict over a chronicle."""
    judgement = Judgement(chronicle.topology, began=chronicle.began)
    end = 0.0
    for end, what in in_order(chronicle):
        show(judgement, what, end)
    for execution in chronicle.executions:
        judgement.record(execution, end)
    judgement.ended(end, running=chronicle.running)
    return judgement.verdicts()


def in_order(chronicle: Chronicle) -> list[tuple[float, Any]]:
    """Return all that has a time, in the order of time; a line that came to light late stands in its own."""
    records: tuple[Any, ...] = (
        *chronicle.acknowledged,
        *chronicle.promotions,
        *chronicle.dns,
        *chronicle.answered,
        *chronicle.work,
        *chronicle.calls,
    )
    happened: list[tuple[float, Any]] = [(each.at, each) for each in records]
    happened += [(chronicle.seconds(each), each) for each in chronicle.journal]
    return sorted(happened, key=lambda each: each[0])


def show(judgement: Judgement, what: object, at: float) -> None:
    """Show one thing of a chronicle. A line is all that it knows of an effect: what it says has happened just then."""
    if not isinstance(what, JournalEntry):
        judgement.record(what, at)
        return
    judgement.effect(what, at)
    judgement.line(what, at)
    if what.kind == "VOTE":
        judgement.record(vote_of(what, at), at)


def vote_of(entry: JournalEntry, at: float) -> Voted:
    """Read the vote that a line tells; the observer's heartbeats are in no journal, so that it counts for good."""
    seeing = entry.facts.get("seen") != "0"
    health = Health(entry.facts["health"]) if seeing else Health.UNKNOWN
    return Voted(at, str(entry.subject), entry.region, health)
