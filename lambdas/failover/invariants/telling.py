"""The invariant of the journal: I13."""

from typing import Final

from failover.invariants.chronicle import Complaint
from failover.invariants.invariant import Invariant, Lines, Setting
from failover.invariants.ownership import ENDINGS
from failover.records import JournalEntry

MUST_BE_TOLD: Final = (
    "INCIDENT_OPENED",
    "TAKEN_OVER",
    "JOINED",
    "EVACUATED",
    "LEASE_REVOKED",
    "FENCED",
    "LEASE_WAITED_OUT",
    "PROMOTING",
    "ADMITTED",
    "LEASE_REGRANTED",
    "TAIL_ARCHIVED",
    "REJOINING",
    "REJOINED",
    *ENDINGS,
)
"""The effects that have their line in the journal in the end, however often their executor died."""


OPENING: Final = "INCIDENT_OPENED"
SAYS_IT_IS_OPEN: Final = ("JOINED", "TAKEN_OVER")
"""Lines that have an incident's rule and digest as well: whoever opened it may have died before it was told."""

JOINED: Final = "JOINED"
GIVEN_UP: Final = "PREEMPTED"
"""An incident that is given up before its execution has said a word is left by it without one."""

TOLD_BEFORE_SECONDS: Final = 60.0
"""How much earlier than its effect a line may be, where it is told first; a step's time and more."""


class Told(Invariant):
    """I13: every incident has its rule and digest, every line of it its term, and every effect has its line."""

    number, name = "I13", "told"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._untold: dict[tuple[str, str | None], list[tuple[str | None, float]]] = {}
        self._told_at: dict[tuple[str, str | None], float] = {}

    def effects(self) -> Lines:
        """All that must have its line."""
        return dict.fromkeys(MUST_BE_TOLD, self._happened)

    def lines(self) -> Lines:
        """Every line."""
        return {"*": self._line}

    def ended(self, at: float, *, running: bool) -> None:
        """Name what happened and was never told; of a play cut short, not what a step may be about to tell."""
        until = at - self.setting.patience_seconds if running else at
        for (kind, database), missing in self._untold.items():
            for incident, since in (each for each in missing if each[1] <= until):
                what = " ".join(filter(None, (kind, database, f"of {incident}" if incident else "")))
                self.complain(at, f"{what} came to be at {since:.2f} s and was never told")

    def _happened(self, entry: JournalEntry, at: float) -> None:
        kind = _told_as(entry)
        if entry.incident is None and at - self._told_at.get(kind, float("-inf")) <= TOLD_BEFORE_SECONDS:
            return  # what a failback does is told before it is written down
        self._untold.setdefault(kind, []).append((entry.incident, at))

    def _line(self, entry: JournalEntry, at: float) -> None:
        self._told_at[_told_as(entry)] = at
        kinds = [_told_as(entry)]
        if entry.kind in SAYS_IT_IS_OPEN:
            kinds.append((OPENING, None))
        if entry.kind == GIVEN_UP:
            kinds.append((JOINED, None))
        for kind in kinds:
            waiting = self._untold.get(kind)
            if waiting:
                waiting[:] = [each for each in waiting if each[0] not in (None, entry.incident)]
        if entry.incident is None:
            return
        self.checked += 1
        if entry.term is None:
            self.complain(at, f"{entry.kind} of {entry.incident} has no term")
        if entry.kind == "INCIDENT_OPENED" and not (entry.rule and entry.digest):
            self.complain(at, f"{entry.incident} was opened without rule or digest")
        if entry.kind == "ADMITTED" and entry.epoch is None:
            self.complain(at, f"{entry.database} was admitted without epoch")


def _told_as(entry: JournalEntry) -> tuple[str, str | None]:
    """An incident ends once, and any line that says so tells it."""
    return "the end" if entry.kind in ENDINGS else entry.kind, entry.database
