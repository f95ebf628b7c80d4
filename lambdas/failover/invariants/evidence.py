"""Invariants of reasons and endings: I6, I9, I12."""

from datetime import datetime, timedelta
from typing import Final

from failover.invariants.chronicle import Complaint, Execution, Voted
from failover.invariants.invariant import Invariant, Lines, Records, Setting
from failover.records import Health, JournalEntry

BY_HAND: Final = "MANUAL"

DONE: Final = ("FAILED_OVER", "SWITCHED_OVER", "REJOINED")
"""How an incident ends whose execution may say SUCCEEDED."""

PLANNED: Final = ("SWITCHED_OVER", "REJOINED")
"""How planned incidents end; after them there is no cool-down."""

PLANNED_MACHINES: Final = ("switchover", "failback")
"""Their incidents say nothing of a region's health, so that undoing one begins no cool-down either."""


class Evidence(Invariant):
    """I6: at each automatic opening, enough observers outside the subject had last voted it ``UNHEALTHY``."""

    number, name = "I6", "evidence"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._against: dict[str, dict[str, float]] = {}

    def effects(self) -> Lines:
        """Openings."""
        return {"INCIDENT_OPENED": self._opened}

    def records(self) -> Records:
        """Votes."""
        return {Voted: self._voted}

    def _voted(self, vote: Voted, at: float) -> None:
        counts_until = self._against.setdefault(vote.subject, {})
        if vote.health is Health.UNHEALTHY:
            counts_until[vote.observer] = vote.until
        elif vote.observer in counts_until:
            counts_until[vote.observer] = min(at, counts_until[vote.observer])

    def _opened(self, entry: JournalEntry, at: float) -> None:
        if entry.rule == BY_HAND:
            return
        self.checked += 1
        # A vote that changed in this moment still stood when the decision read it.
        read = at - self.setting.patience_seconds
        votes = self._against.get(str(entry.subject), {})
        agreed = [who for who, until in votes.items() if who != entry.subject and until >= read]
        if len(agreed) < self.topology.policy.observers:
            self.complain(at, f"{entry.incident} was opened on the votes of {agreed or 'nobody'}")


class Ends(Invariant):
    """I9: every execution has ended (unless the play stopped it), and only a failover SUCCEEDED."""

    number, name = "I9", "ends"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._outcomes: dict[str | None, set[str]] = {}
        self._joined: dict[str, list[tuple[str | None, str]]] = {}
        self._executions: dict[tuple[str, str], Execution] = {}

    def effects(self) -> Lines:
        """Who worked for which incident, and how it ended."""
        return {"JOINED": self._join, **dict.fromkeys(("INCIDENT_CLOSED", "COMPENSATED", "OUTCOME"), self._outcome)}

    def records(self) -> Records:
        """Executions, as they begin and as they end."""
        return {Execution: self._executed}

    def ended(self, at: float, *, running: bool) -> None:
        """Judge how each execution stands."""
        self.checked = len(self._executions)
        for each in self._executions.values():
            if each.status == "SUCCEEDED" and not each.dry_run and not self._reached(each.name):
                self.complain(at, f"{each.name} in {each.region} SUCCEEDED and nothing was failed over")
            if each.status == "RUNNING" and not running:
                self.complain(at, f"{each.name} in {each.region} never ended")

    def _join(self, entry: JournalEntry, _: float) -> None:
        joined = entry.incident, entry.facts.get("machine", "")
        self._joined.setdefault(entry.facts["execution"], []).append(joined)

    def _outcome(self, entry: JournalEntry, _: float) -> None:
        # What is announced may get lost, and changes nothing.
        self._outcomes.setdefault(entry.incident, set()).add(entry.facts.get("outcome", entry.kind))

    def _executed(self, execution: Execution, _: float) -> None:
        self._executions[execution.region, execution.name] = execution

    def _reached(self, execution: str) -> bool:
        """Whether an incident that an execution worked for ended as that execution's machine is for."""
        return any(
            outcome in DONE or (machine == "rollback" and outcome == "COMPENSATED")
            for incident, machine in self._joined.get(execution, ())
            for outcome in self._outcomes.get(incident, ())
        )


class Calm(Invariant):
    """I12: no second automatic failover within the cool-down of a closed one, and no promotion in a pause.

    A pause is read again right before an incident's first point of no return; its other databases follow that one.
    """

    number, name = "I12", "calm"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._planned: set[str | None] = set()
        self._ended_at: dict[str | None, float] = {}
        self._promoting: set[str | None] = set()
        self._pause: tuple[float, float, str] | None = None

    def effects(self) -> Lines:
        """Incidents, and what operators ordered."""
        judges = {"INCIDENT_OPENED": self._opened, "INCIDENT_CLOSED": self._closed, "COMPENSATED": self._compensated}
        return {**judges, "PROMOTING": self._promote, "PAUSED": self._paused, "RESUMED": self._resumed}

    def _opened(self, entry: JournalEntry, at: float) -> None:
        if entry.facts.get("machine") in PLANNED_MACHINES:
            self._planned.add(entry.incident)
        if entry.rule == BY_HAND:
            return
        self.checked += 1
        for incident, ended_at in self._ended_at.items():
            if incident != entry.incident and at - ended_at < self.topology.policy.cool_down_seconds:
                after = timedelta(seconds=at - ended_at)
                self.complain(at, f"{entry.incident} was opened {after} after {incident} ended")

    def _closed(self, entry: JournalEntry, at: float) -> None:
        if entry.facts.get("outcome") not in PLANNED:
            self._ended_at.setdefault(entry.incident, at)

    def _compensated(self, entry: JournalEntry, at: float) -> None:
        if entry.incident not in self._planned:
            self._ended_at.setdefault(entry.incident, at)

    def _paused(self, entry: JournalEntry, at: float) -> None:
        told = entry.facts.get("until")
        until = self.setting.seconds(datetime.fromisoformat(told)) if told else float("inf")
        since = self._pause[0] if self._pause is not None and at < self._pause[1] else at
        self._pause = since, until, entry.text

    def _resumed(self, _entry: JournalEntry, _: float) -> None:
        self._pause = None

    def _promote(self, entry: JournalEntry, at: float) -> None:
        self.checked += 1
        first = entry.incident not in self._promoting
        self._promoting.add(entry.incident)
        if not first or self._pause is None:
            return
        since, until, text = self._pause
        if at - since >= self.setting.patience_seconds and at < until:
            self.complain(at, f"{entry.database}: PROMOTING {timedelta(seconds=at - since)} after {text or 'a pause'}")
