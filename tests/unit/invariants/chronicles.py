"""A failover as it should be, line by line, and ways to spoil it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from failover.adapters.memory.surroundings import NOON
from failover.invariants import Acknowledged, Answered, ApiCall, Chronicle, DnsAnswer, Execution, Promotion, WorkDone
from failover.records import JournalEntry
from tests.products import AP, EU, US, quickstart

INCIDENT = "us-east-1-2"
EXECUTION = "failover-us-east-1-2-1"


def line(second: float, kind: str, **more: Any) -> JournalEntry:
    """A line of the incident's journal, that many seconds after the play began."""
    fields: dict[str, Any] = {"incident": INCIDENT, "term": 1, "subject": US, **more}
    return JournalEntry(NOON + timedelta(seconds=second), EU, kind, kind.lower(), **fields)


def of_database(second: float, kind: str, epoch: int = 1, **more: Any) -> JournalEntry:
    return line(second, kind, **{"database": "orders", "epoch": epoch, **more})


def returning(second: float, kind: str, **more: Any) -> JournalEntry:
    """A line of the old writer's return."""
    return of_database(second, kind, epoch=2, **{"incident": "us-east-1-3", "term": 2, **more})


def vote(second: float, observer: str, health: str, subject: str = US) -> JournalEntry:
    facts = {"health": health, "seen": "3"}
    return JournalEntry(NOON + timedelta(seconds=second), observer, "VOTE", "", subject=subject, facts=facts)


JOURNAL = (
    vote(1, EU, "HEALTHY"),
    vote(1, AP, "HEALTHY"),
    vote(20, EU, "UNHEALTHY"),
    vote(21, AP, "UNHEALTHY"),
    line(31, "INCIDENT_OPENED", rule="R330", digest="d1"),
    line(31, "JOINED", rule="R330", digest="d1", facts={"execution": EXECUTION}),
    line(32, "EVACUATED"),
    of_database(33, "LEASE_REVOKED"),
    of_database(40, "LEASE_WAITED_OUT"),
    of_database(41, "PROMOTING", epoch=2, facts={"loss_bound": "20.0 s"}),
    of_database(42, "PROMOTION_ASKED", epoch=2, facts={"target": EU}),
    of_database(45, "PROMOTED", epoch=2),
    of_database(46, "ADMITTED", epoch=2),
    line(48, "INCIDENT_CLOSED"),
    line(49, "OUTCOME", facts={"outcome": "FAILED_OVER"}),
    returning(90, "TAIL_ARCHIVED", facts={"file": "s3://tails/orders.jsonl", "rows": "3"}),
    returning(91, "REJOINING"),
    returning(99, "REJOINED"),
)

SOUND = Chronicle(
    topology=quickstart(),
    began=NOON.timestamp(),
    journal=JOURNAL,
    acknowledged=(
        Acknowledged(5.0, "orders", US, 1),
        Acknowledged(9.0, "orders", US, 1),
        Acknowledged(47.0, "orders", EU, 2),
    ),
    promotions=(Promotion(42.0, "orders", EU),),
    dns=(DnsAnswer(3.0, "app.quickstart.example", US, (US,)), DnsAnswer(60.0, "app.quickstart.example", US, (EU, AP))),
    executions=(Execution(EXECUTION, EU, "SUCCEEDED"),),
    answered=(
        Answered(5.0, US, US, acknowledged=True),
        Answered(45.5, US, EU, acknowledged=False, reason="the gate of every copy is closed"),
        Answered(47.0, US, EU, acknowledged=True),
    ),
    work=(
        WorkDone(4.0, "nightly", "orders", US, 1),
        WorkDone(8.0, "nightly", "orders", US, 1),
        WorkDone(46.5, "nightly", "orders", EU, 2),
    ),
    calls=(
        ApiCall(33.0, "revoke_lease", "eu-central-1", "dynamodb", "PutItem"),
        ApiCall(42.0, "promote_database", EU, "rds", "PromoteReadReplica"),
    ),
)


def without(*kinds: str) -> Chronicle:
    """The same without these lines."""
    return replace(SOUND, journal=tuple(entry for entry in JOURNAL if entry.kind not in kinds))


def changed(kind: str, /, **changes: Any) -> Chronicle:
    """The same with these lines changed."""
    return replace(SOUND, journal=tuple(replace(e, **changes) if e.kind == kind else e for e in JOURNAL))


def with_lines(*entries: JournalEntry) -> Chronicle:
    """The same with more lines, in the order of time."""
    return replace(SOUND, journal=tuple(sorted((*JOURNAL, *entries), key=lambda entry: entry.at)))


def with_work(*work: WorkDone) -> Chronicle:
    return replace(SOUND, work=(*SOUND.work, *work))


def with_writes(*writes: Acknowledged) -> Chronicle:
    return replace(SOUND, acknowledged=(*SOUND.acknowledged, *writes))
