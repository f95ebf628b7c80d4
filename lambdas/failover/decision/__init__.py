"""From what was observed to what shall be done: a table of rules over a few facts."""

from failover.decision.capacity import CapacityView, Room
from failover.decision.decide import Decision, decide
from failover.decision.facts import Facts, regions_that_stay
from failover.decision.loss import loss_bound_seconds
from failover.decision.rules import RULES, Action, Conditions, Rule
from failover.decision.snapshot import Candidate, Snapshot
from failover.decision.targets import best_targets, in_order
from failover.decision.trouble import Trouble
from failover.decision.voices import Quorum, is_flapping, observers_time, quorum_on

__all__ = [
    "RULES",
    "Action",
    "Candidate",
    "CapacityView",
    "Conditions",
    "Decision",
    "Facts",
    "Quorum",
    "Room",
    "Rule",
    "Snapshot",
    "Trouble",
    "best_targets",
    "decide",
    "in_order",
    "is_flapping",
    "loss_bound_seconds",
    "observers_time",
    "quorum_on",
    "regions_that_stay",
]
