"""From what was observed to what shall be done: a table of rules over a few facts."""

from failover.decision.consents import CONSENT_SECONDS, still_counts
from failover.decision.decide import Decision, decide
from failover.decision.facts import Facts
from failover.decision.loss import loss_bound_seconds
from failover.decision.rules import RULES, Action, Conditions, Rule
from failover.decision.snapshot import Candidate, Quorum, Snapshot, quorum_on

__all__ = [
    "CONSENT_SECONDS",
    "RULES",
    "Action",
    "Candidate",
    "Conditions",
    "Decision",
    "Facts",
    "Quorum",
    "Rule",
    "Snapshot",
    "decide",
    "loss_bound_seconds",
    "quorum_on",
    "still_counts",
]
