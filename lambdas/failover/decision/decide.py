"""The decision: pure, total, and always with the rule that made it."""

from dataclasses import dataclass
from datetime import datetime

from failover.decision.facts import Facts
from failover.decision.rules import RULES, Action
from failover.decision.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one region, and why."""

    subject: str
    rule: str
    action: Action
    reason: str
    databases: tuple[str, ...]


def decide(snapshot: Snapshot, now: datetime) -> Decision:
    """Return what the first rule of the table that speaks for this snapshot says."""
    facts = Facts.of(snapshot, now)
    rule = next(rule for rule in RULES if rule.when.hold(facts))  # the last row always matches
    return Decision(snapshot.subject, rule.id, rule.action, rule.reason, snapshot.written_here)
