"""A failover as the store, the gates and the clients see it, and ways to spoil it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from failover.adapters.memory.surroundings import NOON
from failover.invariants import Execution
from failover.records import (
    Control,
    DatabaseRecord,
    Divergence,
    Health,
    Incident,
    IncidentState,
    JournalEntry,
    LeaseRecord,
    LeaseState,
    LossAllowed,
    Phase,
    Vote,
)
from failover.tails import Archive
from failover.topology import Topology
from simulator.checking import Checker, Write
from tests.products import AP, EU, US, quickstart

INCIDENT = "us-east-1-2"
EXECUTION = "failover-us-east-1-2-1"


@dataclass(slots=True, eq=False)
class Line:
    """A timeline."""

    parent: "Line | None" = None
    forked_at: int = 0


@dataclass(slots=True)
class Play:
    """Shows a checker what a world would show it. ``lines`` are the journal; ``said`` also counts as told."""

    topology: Topology = field(default_factory=quickstart)
    record: DatabaseRecord = field(
        default_factory=lambda: DatabaseRecord("orders", 1, US, 1, LeaseRecord(LeaseState.GRANTED, 1))
    )
    control: Control = field(default_factory=lambda: Control(version=1))
    timelines: dict[str, Line] = field(default_factory=dict)
    number: int = 0
    silent: tuple[str, ...] = ()
    checker: Checker = field(init=False)

    def __post_init__(self) -> None:
        first = Line()
        self.timelines = dict.fromkeys(self.topology.region_names, first)
        self.checker = Checker(
            self.topology, lambda _, region: self.timelines[region], began=NOON.timestamp(), goes_on=True
        )
        self.checker.stored(self.control, 0.0)
        self.checker.stored(self.record, 0.0)

    def items(self, at: float, **changes: Any) -> None:
        self.record = replace(self.record, version=self.record.version + 1, **changes)
        self.checker.stored(self.record, at)

    def orders(self, at: float, **changes: Any) -> None:
        self.control = replace(self.control, version=self.control.version + 1, **changes)
        self.checker.stored(self.control, at)

    def say(self, at: float, kind: str, **more: Any) -> None:
        if kind not in self.silent:
            fields: dict[str, Any] = {"incident": INCIDENT, "term": 1, "subject": US, **more}
            entry = JournalEntry(NOON + timedelta(seconds=at), EU, kind, kind.lower(), **fields)
            self.checker.stored(entry, at)

    def told(self, at: float, kind: str, **more: Any) -> None:
        self.say(at, kind, **{"database": "orders", "epoch": self.record.epoch, **more})

    def vote(self, at: float, observer: str, health: Health = Health.UNHEALTHY, seen: tuple[str, ...] = ("a",)) -> None:
        moment = NOON + timedelta(seconds=at)
        self.checker.stored(Vote(US, observer, health, "", 1, 1, moment, 0.0, seen), at)

    def gate(self, at: float, region: str, epoch: int, until: float) -> None:
        self.checker.gate(at, "orders", region, epoch, until)

    def write(self, at: float, region: str, epoch: int, position: int, client: str = US) -> None:
        self.number += 1
        write = Write(at, epoch, position, self.timelines[region], region, client, self.number)
        self.checker.acknowledged("orders", write)

    def promote(self, at: float, region: str, position: int, **more: Any) -> None:
        self.timelines[region] = Line(self.timelines[US], position)
        self.checker.promoted(at, "orders", region, **more)

    def end(self, at: float = 200.0, status: str = "SUCCEEDED") -> dict[str, str]:
        """Each broken invariant, and why."""
        self.checker.ended(at, [Execution(EXECUTION, EU, status)])
        return {name.split()[0]: each.why for name, each in self.checker.verdicts().items() if not each.holds}


def writing(region: str, epoch: int, seconds: range) -> Callable[[Play], None]:
    """A write a second, each a hundred bytes further."""

    def do(play: Play) -> None:
        for at in seconds:
            play.write(float(at), region, epoch, at * 100)

    return do


def voting(*votes: tuple[float, str]) -> Callable[[Play], None]:
    def do(play: Play) -> None:
        for at, observer in votes:
            play.vote(at, observer)

    return do


INCIDENT_ITEM = Incident(INCIDENT, US, EU, 1, IncidentState.OPEN, "R330", "down", NOON, "d1", ("orders",))

STEPS: dict[str, Callable[[Play], None]] = {
    "admitted_first": lambda play: play.gate(0.0, US, 1, 38.0),
    "first_writes": writing(US, 1, range(1, 31)),
    "vote": voting((20.0, EU), (21.0, AP), (29.0, EU), (29.0, AP)),
    "open": lambda play: play.orders(31.0, incident=INCIDENT_ITEM, term=1),
    "tell_open": lambda play: play.say(31.1, "INCIDENT_OPENED", rule="R330", digest="d1"),
    "join": lambda play: play.orders(31.5, incident=replace(INCIDENT_ITEM, execution=f"arn:aws:states:{EXECUTION}")),
    "tell_join": lambda play: play.say(31.6, "JOINED", facts={"execution": EXECUTION, "machine": "failover"}),
    "evacuate": lambda play: play.orders(32.0, evacuated={US: INCIDENT}),
    "tell_evacuate": lambda play: play.say(32.1, "EVACUATED"),
    "revoke": lambda play: play.items(
        33.0, lease=replace(play.record.lease, state=LeaseState.REVOKED), phase=Phase.REVOKED, incident=INCIDENT
    ),
    "tell_revoke": lambda play: play.told(33.1, "LEASE_REVOKED"),
    "wait": lambda play: play.items(40.0, phase=Phase.WAITED_OUT),
    "tell_wait": lambda play: play.told(40.1, "LEASE_WAITED_OUT"),
    "choose": lambda play: play.items(41.0, phase=Phase.PROMOTING, target=EU, allowed=LossAllowed.WITHIN_OBJECTIVE),
    "tell_choose": lambda play: play.told(41.1, "PROMOTING", epoch=2, facts={"loss_bound": "20.0 s"}),
    "ask": lambda play: play.told(42.0, "PROMOTION_ASKED", epoch=2, facts={"target": EU}),
    "promote": lambda play: play.promote(45.0, EU, 2500),
    "tell_promote": lambda play: play.told(45.1, "PROMOTED", epoch=2),
    "admit": lambda play: play.items(
        46.0,
        phase=Phase.ADMITTED,
        writer=EU,
        epoch=2,
        lease=LeaseRecord(LeaseState.GRANTED, 2),
        diverged={US: Divergence(1, 2500), AP: Divergence(1, 2500)},
    ),
    "open_gate": lambda play: play.gate(46.1, EU, 2, 64.0),
    "tell_admit": lambda play: play.told(46.2, "ADMITTED"),
    "second_writes": writing(EU, 2, range(47, 60)),
    "close": lambda play: play.orders(60.0, incident=None, closed=INCIDENT, outcome="FAILED_OVER"),
    "tell_close": lambda play: play.say(60.1, "INCIDENT_CLOSED", facts={"outcome": "FAILED_OVER"}),
    "settle": lambda play: play.items(60.2, phase=Phase.STEADY, incident=None, target=None),
    "tell_outcome": lambda play: play.say(61.0, "OUTCOME", facts={"outcome": "FAILED_OVER"}),
    "archive": lambda play: play.items(90.0, diverged=archived(play, Archive("f", 5, 5, None, None, True, None))),
    "tell_archive": lambda play: play.told(90.1, "TAIL_ARCHIVED", incident="us-east-1-3", epoch=1),
    "rejoin": lambda play: play.items(91.0, diverged=rejoining(play)),
    "tell_rejoin": lambda play: play.told(91.1, "REJOINING", incident="us-east-1-3"),
    "rejoined": lambda play: play.items(99.0, diverged={AP: play.record.diverged[AP]}),
    "tell_rejoined": lambda play: play.told(99.1, "REJOINED", incident="us-east-1-3"),
}
"""A failover as it should be, step by step: five acknowledged writes, of five seconds, are lost and kept."""


def archived(play: Play, kept: Archive) -> dict[str, Divergence]:
    """The old writer's tail is kept, and with it that of the replica that followed it."""
    return {
        region: replace(each, archive=kept.file, kept=kept if region == US else None)
        for region, each in play.record.diverged.items()
    }


def rejoining(play: Play) -> dict[str, Divergence]:
    return {**play.record.diverged, US: replace(play.record.diverged[US], rejoining=True)}


def played(play: Play | None = None, /, **instead: Callable[[Play], None]) -> Play:
    """The failover with some steps left out (None) or done otherwise."""
    play = play or Play()
    for step in {**STEPS, **instead}.values():
        step(play)
    return play


def nothing(_: Play) -> None:
    """In place of a step."""
