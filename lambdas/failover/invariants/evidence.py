"""Invariants of reasons and endings: I6, I9, I12, I13."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from failover.invariants.chronicle import Chronicle
from failover.records import Health, JournalEntry

BY_HAND = "MANUAL"

DONE = ("FAILED_OVER", "SWITCHED_OVER", "REJOINED")
"""How an incident ends whose execution may say SUCCEEDED."""

PLANNED = ("SWITCHED_OVER", "REJOINED")
"""How planned incidents end; after them there is no cool-down."""

PAUSE_COUNTS_AFTER = timedelta(seconds=2)
"""A step reads the pause right before it writes: one that is ordered in between comes too late for it."""


def evidence(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I6: at each automatic opening, enough observers outside the subject had last voted it ``UNHEALTHY``."""
    found = []
    automatic = [entry for entry in chronicle.entries("INCIDENT_OPENED") if entry.rule != BY_HAND]
    for opening in automatic:
        last: dict[str, str] = {}
        for vote in chronicle.entries("VOTE"):
            if vote.subject == opening.subject and vote.at <= opening.at:
                last[vote.region] = vote.facts["health"]
        agreed = [who for who, health in last.items() if who != opening.subject and health == Health.UNHEALTHY]
        if len(agreed) < chronicle.topology.policy.observers:
            found.append(f"{opening.incident} was opened on the votes of {agreed or 'nobody'}")
    return len(automatic), found


def ends(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I9: every execution has ended (unless the play stopped it), and only a failover SUCCEEDED."""
    done = {entry.facts["execution"] for entry in chronicle.entries("JOINED") if _reached(chronicle, entry)}
    found = []
    for each in chronicle.executions:
        if each.status == "SUCCEEDED" and each.name not in done and not each.dry_run:
            found.append(f"{each.name} in {each.region} SUCCEEDED and nothing was failed over")
        if each.status == "RUNNING" and not chronicle.running:
            found.append(f"{each.name} in {each.region} never ended")
    return len(chronicle.executions), found


def calm(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I12: no second automatic failover within the cool-down of a closed one, and no promotion in a pause."""
    found = []
    quiet = timedelta(seconds=chronicle.topology.policy.cool_down_seconds)
    openings = [entry for entry in chronicle.entries("INCIDENT_OPENED") if entry.rule != BY_HAND]
    for opening in openings:
        for closing in chronicle.entries("INCIDENT_CLOSED", "COMPENSATED"):
            if closing.facts.get("outcome") in PLANNED:
                continue  # nothing was lost: the next loss is not too recent for that
            if closing.incident != opening.incident and timedelta(0) <= opening.at - closing.at < quiet:
                found.append(f"{opening.incident} was opened {opening.at - closing.at} after {closing.incident} ended")
    promoting = list(chronicle.entries("PROMOTING"))
    for entry in promoting:
        paused = _pause_at(chronicle, entry.at)
        if paused is not None:
            found.append(f"{entry.database}: PROMOTING {entry.at - paused.at} after {paused.text or 'a pause'}")
    return len(openings) + len(promoting), found


def _pause_at(chronicle: Chronicle, moment: datetime) -> JournalEntry | None:
    """The pause that stood at a moment, if one that was ordered ``PAUSE_COUNTS_AFTER`` before."""
    standing: JournalEntry | None = None
    for entry in chronicle.entries("PAUSED", "RESUMED"):
        if entry.at <= moment:
            standing = entry if entry.kind == "PAUSED" else None
    if standing is None or moment - standing.at < PAUSE_COUNTS_AFTER:
        return None
    until = standing.facts.get("until")
    return standing if until is None or moment < datetime.fromisoformat(until) else None


def told(chronicle: Chronicle) -> tuple[int, Iterable[str]]:
    """I13: every incident has its rule and topology digest, every line of it its term, every admission its epoch."""
    found = []
    lines = [entry for entry in chronicle.journal if entry.incident is not None]
    for entry in lines:
        if entry.term is None:
            found.append(f"{entry.kind} of {entry.incident} has no term")
        if entry.kind == "INCIDENT_OPENED" and not (entry.rule and entry.digest):
            found.append(f"{entry.incident} was opened without rule or digest")
        if entry.kind == "ADMITTED" and entry.epoch is None:
            found.append(f"{entry.database} was admitted without epoch")
    return len(lines), found


def _reached(chronicle: Chronicle, joined: JournalEntry) -> bool:
    """Whether the incident that an execution worked for ended as that execution's machine is for."""
    outcomes = [each.facts["outcome"] for each in chronicle.entries("OUTCOME") if each.incident == joined.incident]
    undoing = joined.facts.get("machine") == "rollback"
    return any(each in DONE or (undoing and each == "COMPENSATED") for each in outcomes)
