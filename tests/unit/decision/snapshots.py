"""Snapshots to decide on: at first a region that is down, with a good replica, and then whatever a test changes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from failover.adapters.memory.surroundings import NOON
from failover.decision import Candidate, Snapshot
from failover.records import (
    Control,
    DatabaseRecord,
    Health,
    Incident,
    IncidentSighting,
    IncidentState,
    LeaseRecord,
    LeaseState,
    Vote,
    Word,
    WordKind,
)
from failover.topology import Database, Topology
from tests.products import AP, EU, US, quickstart

ORDERS = DatabaseRecord("orders", 1, US, 1, LeaseRecord(LeaseState.GRANTED, 1))
FIT = {"orders": (Candidate(EU, 20.0), Candidate(AP, 25.0))}
LOSSY = {"orders": (Candidate(EU, 90.0), Candidate(AP, None))}
UNFIT = {"orders": (Candidate(EU, None, "unreachable"), Candidate(AP, None, "evacuated"))}
WRITE = ("database_write:orders",)


def vote(observer: str, health: Health = Health.UNHEALTHY, subject: str = US, **changes: Any) -> Vote:
    fields: dict[str, Any] = {"observed_at": NOON, "unhealthy_seconds": 12.0, "seen": ("a", "b", "c")}
    return Vote(subject, observer, health, "told", 1, 1, **{**fields, **changes})


def both(health: Health = Health.UNHEALTHY, subject: str = US, **changes: Any) -> tuple[Vote, ...]:
    """The same vote of both other regions' observers."""
    return tuple(vote(observer, health, subject, **changes) for observer in (US, EU, AP) if observer != subject)


def snapshot(**changes: Any) -> Snapshot:
    """The region is down for two observers for longer than the dwell time, and a good replica waits."""
    fields: dict[str, Any] = {
        "topology": quickstart(),
        "subject": US,
        "here": EU,
        "control": Control(version=1),
        "databases": (ORDERS,),
        "votes": (vote(EU), vote(AP)),
        "candidates": FIT,
    }
    return Snapshot(**{**fields, **changes})


def incident(**changes: Any) -> Incident:
    fields: dict[str, Any] = {"owner": AP, "execution": "one", "beat": 5}
    fields |= changes
    return Incident(
        "us-east-1-2",
        US,
        term=1,
        state=fields.pop("state", IncidentState.OPEN),
        rule="R330",
        reason="",
        opened_at=NOON,
        digest="",
        databases=("orders",),
        **fields,
    )


def silent(seconds: float, observer: str = EU, **changes: Any) -> Vote:
    """This observer's vote with the incident of ``incident()``, whose executor it has not heard for so long."""
    sighting = IncidentSighting("us-east-1-2", 1, 5, seconds)
    return vote(observer, **{"incident": replace(sighting, **changes.pop("sighting", {})), **changes})


def policy(**changes: Any) -> Topology:
    topology = quickstart()
    return replace(topology, policy=replace(topology.policy, **changes))


def with_databases(*databases: Database) -> Topology:
    return quickstart(databases=databases)


def said(kind: WordKind, about: str = US, **changes: Any) -> tuple[Word, ...]:
    return (Word(kind, about, "on call", "told", NOON, NOON + timedelta(hours=1), **changes),)
