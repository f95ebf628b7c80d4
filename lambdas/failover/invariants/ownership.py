"""Invariants of who may act and where: I4, I5, I7, I8."""

from typing import Final

from failover.invariants.chronicle import Answered, ApiCall, Complaint, DnsAnswer, Promotion, Voted
from failover.invariants.invariant import Invariant, Lines, Records, Setting
from failover.records import Health, JournalEntry

FORBIDDEN: Final = frozenset(("cloudformation", "cloudfront", "globalaccelerator", "iam", "organizations", "route53"))
"""Control planes that live in one place or in us-east-1, and that nothing may wait on while failing over."""

NOTICE: Final = "notice"
"""Where a zone's name leads when no region of the zone serves: to a page that is nowhere, and leaves no zone."""

ENDINGS: Final = ("INCIDENT_CLOSED", "COMPENSATED", "PREEMPTED")
"""What ends an incident: it is closed, undone, or given up for a more urgent one."""


class Lawful(Invariant):
    """I4: no promotion leaves a database's residency zone, and no answer leads users out of theirs."""

    number, name = "I4", "lawful"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._zones = {region.name: region.zone for region in self.topology.regions}

    def records(self) -> Records:
        """Promotions and DNS answers."""
        return {Promotion: self._promoted, DnsAnswer: self._answered}

    def _promoted(self, promotion: Promotion, at: float) -> None:
        self.checked += 1
        database = self.topology.database(promotion.database)
        if not database.may_be_in(self._zones[promotion.region]):
            self.complain(at, f"{promotion.database} was promoted in {promotion.region}, outside zone {database.zone}")

    def _answered(self, answer: DnsAnswer, at: float) -> None:
        self.checked += 1
        zone = self._zones.get(answer.client)
        for region in answer.regions:
            if zone is not None and region != NOTICE and self._zones.get(region) != zone:
                self.complain(at, f"{answer.name} led users in {answer.client} to {region}, outside {zone}")


class NeverEmpty(Invariant):
    """I5: every question is answered, every write by what it is answered with; the last region is not drained.

    A question is answered with a region, or with the zone's own notice; a write with a row or a reason: a region that
    users are led to may have no right to write, and then says so. An evacuation leaves no region to users when each
    other one is evacuated too, or has been voted down by enough.
    """

    number, name = "I5", "never empty"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._away: dict[str, str | None] = {}
        self._against: dict[str, dict[str, float]] = {}

    def effects(self) -> Lines:
        """Where users may go."""
        return {
            "EVACUATED": self._evacuated,
            "TRAFFIC_RETURNED": lambda entry, _: self._returned(str(entry.subject)),
            "COMPENSATED": self._compensated,
        }

    def records(self) -> Records:
        """DNS answers, services' answers, and votes."""
        return {DnsAnswer: self._led, Answered: self._answered, Voted: self._voted}

    def _led(self, answer: DnsAnswer, at: float) -> None:
        self.checked += 1
        if not answer.regions:
            self.complain(at, f"{answer.name} answered nothing to users in {answer.client}")

    def _answered(self, answer: Answered, at: float) -> None:
        self.checked += 1
        if not answer.acknowledged and not answer.reason:
            self.complain(at, f"{answer.region} refused a write of {answer.client} without saying why")

    def _voted(self, vote: Voted, at: float) -> None:
        against = self._against.setdefault(vote.subject, {})
        if vote.health is Health.UNHEALTHY:
            against.setdefault(vote.observer, at)
        else:
            against.pop(vote.observer, None)

    def _evacuated(self, entry: JournalEntry, at: float) -> None:
        self.checked += 1
        subject = str(entry.subject)
        self._away.setdefault(subject, entry.incident)
        # Whoever was voted down in this moment was still there when the step looked.
        seen = at - self.setting.patience_seconds
        for region in self.topology.region_names:
            votes = sum(since <= seen for since in self._against.get(region, {}).values())
            if region not in self._away and votes < self.topology.policy.observers:
                return
        self.complain(at, f"{subject} was evacuated, and no region was left")

    def _returned(self, subject: str) -> None:
        self._away.pop(subject, None)

    def _compensated(self, entry: JournalEntry, _: float) -> None:
        if self._away.get(str(entry.subject)) == entry.incident:
            self._returned(str(entry.subject))


class Once(Invariant):
    """I7: one incident at a time, one execution a term, one target for a database of an incident."""

    number, name = "I7", "once"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._open: str | None = None
        self._joined: dict[tuple[str | None, int | None], str] = {}
        self._targets: dict[tuple[str | None, str | None], str] = {}

    def effects(self) -> Lines:
        """Incidents, their executions, and their targets."""
        judges = {"INCIDENT_OPENED": self._opened, "JOINED": self._execution}
        targets = {"PROMOTING": self._target, "PROMOTION_ASKED": self._target}
        return {**judges, **targets, **dict.fromkeys(ENDINGS, self._ended)}

    def _opened(self, entry: JournalEntry, at: float) -> None:
        self.checked += 1
        if self._open not in (None, entry.incident):
            self.complain(at, f"{entry.incident} was opened while {self._open} was open")
        self._open = entry.incident

    def _ended(self, entry: JournalEntry, _: float) -> None:
        if entry.incident == self._open:
            self._open = None

    def _execution(self, entry: JournalEntry, at: float) -> None:
        execution = entry.facts["execution"]
        first = self._joined.setdefault((entry.incident, entry.term), execution)
        if first != execution:
            self.complain(at, f"{sorted((first, execution))} joined {entry.incident}, term {entry.term}")

    def _target(self, entry: JournalEntry, at: float) -> None:
        target = entry.facts.get("target")
        if target is None:
            return
        first = self._targets.setdefault((entry.incident, entry.database), target)
        if first != target:
            self.complain(at, f"{entry.database} was promoted in {sorted((first, target))}")


class Independence(Invariant):
    """I8: between an incident's opening and its end no function calls a control plane of one place."""

    number, name = "I8", "independence"

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        super().__init__(setting, broken)
        self._calls = 0
        self._opened = False
        self._open: set[str | None] = set()

    def effects(self) -> Lines:
        """Incidents."""
        return {"INCIDENT_OPENED": self._begun, **dict.fromkeys(ENDINGS, self._ended)}

    def records(self) -> Records:
        """The control plane's calls."""
        return {ApiCall: self._called}

    def ended(self, at: float, *, running: bool) -> None:  # noqa: ARG002 - it only counts
        """Without an incident there was nothing to look at."""
        self.checked = self._calls if self._opened else 0

    def _begun(self, entry: JournalEntry, _: float) -> None:
        self._opened = True
        self._open.add(entry.incident)

    def _ended(self, entry: JournalEntry, _: float) -> None:
        self._open.discard(entry.incident)

    def _called(self, call: ApiCall, at: float) -> None:
        self._calls += 1
        if self._open and call.service in FORBIDDEN:
            self.complain(at, f"{call.source} called {call.service}:{call.action} in {call.target}")
