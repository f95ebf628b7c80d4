"""A stage in memory and virtual time that follows a script of its own: what is true from when on.

It knows nothing of leases or votes. A test says what the world does (``plot``), the player finds out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from failover.records import Health, IncidentState, JournalEntry
from failover.topology import Topology
from rehearsal.facts import Copy, Execution, ExecutionState, Facts, Gate, Group, Journalled
from rehearsal.form import Event, Fault, Operation, Scenario
from rehearsal.history import History, Outcome, Page, Promotion, StateSpan, Verdict, VoteChange, Write
from tests.products import AP, EU, US, quickstart

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOPOLOGY = quickstart()

HEALTHY = Facts(
    at=0.0,
    up={US: True, EU: True, AP: True},
    databases={
        "orders": {
            US: Copy(Gate.OPEN, refuses=False),
            EU: Copy(Gate.CLOSED, in_recovery=True, refuses=True),
            AP: Copy(Gate.CLOSED, in_recovery=True, refuses=True),
        }
    },
    groups={each: Group((each,), each) for each in (US, EU, AP)},
)
Change = Callable[[Facts], Facts]


@dataclass
class FakeStage:
    """Facts that change at the times of a plot, and writes that follow from them, 4 a second for each group."""

    plot: Mapping[float, Change] = field(default_factory=dict)
    told: History = field(default_factory=lambda: History(0.0))
    facts_now: Facts = HEALTHY
    done: list[tuple[float, str]] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    topology: Topology = TOPOLOGY
    started_at: datetime = NOON
    recorded_only_types: tuple[str, ...] = ("AWS::Backup::BackupPlan",)
    seeds: Mapping[str, int] = field(default_factory=lambda: {"load": 7})
    events: Mapping[str, float] = field(default_factory=dict)
    clock: float = 0.0
    last_write: float = 0.0

    def now(self) -> float:
        return self.clock

    def prepare(self, scenario: Scenario) -> None:
        """Plays everything."""

    def moment_of(self, event: Event) -> float | None:
        came = self.events.get(event.name)
        return came if came is not None and came <= self.clock else None

    def wait_until(self, at: float) -> None:
        coming = [each for each in self.events.values() if self.clock < each < at]
        self.clock = max(self.clock, min([at, *coming]))

    def apply(self, fault: Fault) -> None:
        self.done.append((self.clock, f"apply {fault.line()}"))

    def heal(self, fault: Fault) -> None:
        self.done.append((self.clock, f"heal {fault.line()}"))

    def operate(self, operation: Operation) -> None:
        self.done.append((self.clock, f"operate {operation.line()}"))

    def facts(self) -> Facts:
        while self.last_write + 0.25 <= self.clock:
            self.last_write += 0.25
            for at in [each for each in self.plot if each <= self.last_write]:
                self.facts_now = self.plot[at](self.facts_now)
                self.plot = {key: each for key, each in self.plot.items() if key != at}
            self._write(self.last_write)
        self.facts_now = replace(self.facts_now, at=self.clock)
        return self.facts_now

    def history(self) -> History:
        journal = self.told.journal or self.facts_now.journal
        return replace(self.told, ended_at=self.clock, writes=self.writes or self.told.writes, journal=journal)

    def _write(self, at: float) -> None:
        """Each group writes through the region it reaches to wherever a gate is open."""
        copies = dict(self.facts_now.databases["orders"])
        open_in = next((region for region, copy in copies.items() if copy.gate is Gate.OPEN), None)
        groups = dict(self.facts_now.groups)
        for name, group in groups.items():
            served = group.reached is not None and open_in is not None
            outcome = Outcome.ACKNOWLEDGED if served else Outcome.FAILED
            self.writes.append(
                Write(name, len(self.writes), at - 0.05, at, outcome, group.reached, open_in if served else None)
            )
            groups[name] = replace(group, acknowledged_at=at) if served else replace(group, failed_at=at)
            if served and open_in is not None:
                copies[open_in] = replace(copies[open_in], acknowledged_at=at)
        self.facts_now = replace(self.facts_now, databases={"orders": copies}, groups=groups)


def copies(**gates: Copy) -> Change:
    """Replace copies of ``orders``; keys are us, eu, ap."""
    regions = {"us": US, "eu": EU, "ap": AP}

    def change(facts: Facts) -> Facts:
        new = {regions[key]: copy for key, copy in gates.items()}
        return replace(facts, databases={"orders": {**facts.databases["orders"], **new}})

    return change


def groups(**places: tuple[str, ...]) -> Change:
    """Point client groups at regions and let them reach the first."""
    regions = {"us": US, "eu": EU, "ap": AP}

    def change(facts: Facts) -> Facts:
        new = {
            regions[key]: replace(facts.groups[regions[key]], answers=place, reached=place[0] if place else None)
            for key, place in places.items()
        }
        return replace(facts, groups={**facts.groups, **new})

    return change


def facts(**fields: object) -> Change:
    """Set fields of the facts."""
    return lambda seen: replace(seen, **fields)  # type: ignore[arg-type]


def journalled(at: float, kind: str, text: str = "", rule: str | None = None) -> Change:
    """Add a line of the journal, in the name of the one incident."""
    entry = JournalEntry(
        at=NOON + timedelta(seconds=at), region=EU, kind=kind, text=text or kind.lower(), rule=rule, subject=US,
        database=None if kind in ("INCIDENT_OPENED", "DECISION") else "orders", incident="us-east-1-2", term=1,
    )  # fmt: skip
    return lambda seen: replace(seen, journal=(*seen.journal, Journalled(at, entry)))


def all_of(*changes: Change) -> Change:
    """Make several changes at once."""

    def change(facts: Facts) -> Facts:
        for each in changes:
            facts = each(facts)
        return facts

    return change


DOWN = Copy(Gate.DOWN)


def failed_over(fault: float = 5.0) -> FakeStage:
    """A stage on which us-east-1 dies and eu-west-1 takes over, as it ought to be; times from the fault on."""

    def at(seconds: float) -> float:
        return fault + seconds

    def steps(*changes: Change) -> Change:
        return all_of(*changes)

    execution = "failover-us-east-1-2-1"
    running, over = (
        Execution(execution, "failover", EU, state) for state in (ExecutionState.RUNNING, ExecutionState.SUCCEEDED)
    )

    def unreached(seen: Facts) -> Facts:
        return replace(seen, groups={**seen.groups, US: replace(seen.groups[US], reached=None)})

    plot = {
        at(0.25): steps(copies(us=DOWN), facts(up={US: False, EU: True, AP: True}), unreached),
        at(22.25): steps(
            journalled(at(22.2), "DECISION", "FAIL_OVER: down for the whole dwell time", "R330"),
            journalled(at(22.3), "INCIDENT_OPENED", "down for the whole dwell time", "R330"),
            facts(incident=IncidentState.OPEN, incidents=1, executions=(running,)),
        ),
        at(23.0): steps(
            journalled(at(22.8), "EVACUATED", "us-east-1 gets no traffic any more"),
            journalled(at(22.9), "LEASE_REVOKED", "lease of us-east-1 on orders revoked; seen unrenewed for 18.0 s"),
        ),
        at(27.0): steps(
            journalled(at(26.8), "LEASE_WAITED_OUT", "lease of us-east-1 on orders has run out; waited 4.0 s"),
            journalled(at(27.0), "PROMOTING", "eu-west-1 shall write orders; loss bound 20.0 s"),
            facts(asked=frozenset({EU}), promoted={EU: 1}, calls={"rds": 2}),
        ),
        at(28.5): steps(
            journalled(at(28.5), "ADMITTED", "eu-west-1 may write orders at position 50331648"),
            copies(eu=Copy(Gate.OPEN)),
        ),
        at(29.25): steps(
            facts(executions=(over,), incident=None, pages=1), journalled(at(29.2), "OUTCOME", "FAILED_OVER")
        ),
        at(33.0): lambda seen: replace(seen, groups={**seen.groups, US: replace(seen.groups[US], answers=(EU,))}),
        at(47.5): groups(us=(EU,)),
    }  # fmt: skip
    history = History(
        0.0,
        votes=(
            VoteChange(at(12.1), AP, US, Health.UNHEALTHY),
            VoteChange(at(12.3), EU, US, Health.UNHEALTHY),
        ),
        states=(
            StateSpan(execution, EU, "OpenIncident", at(22.35), at(22.6)),
            StateSpan(execution, EU, "ShiftTraffic", at(22.6), at(22.85)),
            StateSpan(execution, EU, "RevokeLease", at(22.6), at(22.95)),
            StateSpan(execution, EU, "FenceSource", at(22.95), at(23.2)),
            StateSpan(execution, EU, "AwaitLease", at(23.2), at(26.85)),
            StateSpan(execution, EU, "ChooseTarget", at(26.85), at(27.05)),
            StateSpan(execution, EU, "PromoteDatabase", at(27.05), at(28.3)),
            StateSpan(execution, EU, "AdmitWriter", at(28.3), at(28.55)),
            StateSpan(execution, EU, "VerifyTarget", at(28.55), at(28.7)),
            StateSpan(execution, EU, "VerifyTraffic", at(28.7), at(28.9)),
            StateSpan(execution, EU, "CloseIncident", at(28.9), at(29.05)),
            StateSpan(execution, EU, "AnnounceOutcome", at(29.05), at(29.2)),
        ),
        promotions=(Promotion(at(27.15), "orders", EU, accepted=True, done_at=at(28.1)),),
        pages=(Page(at(29.1), EU, "quickstart: us-east-1 FAILED_OVER"),),
        calls={"rds": 2},
        invariants={
            "I1": Verdict(holds=True, checked="every acknowledged write against the lease of its epoch"),
            "I2": Verdict(holds=True, checked="each promotion against the journal before it"),
            "I11": Verdict(holds=True, checked="each copy's gate before it was admitted"),
        },
    )
    return FakeStage(plot, history)
