"""What a topology can keep of what it promises: many plays of one disaster, each with another seed."""

from simulator.estimates.changes import Change, Kind, changes
from simulator.estimates.estimate import Estimate, Playing, Spread, estimate
from simulator.estimates.losing import losing_the_primary
from simulator.estimates.runs import Run
from simulator.estimates.verdicts import Attempt, Target, Verdict, verdicts

__all__ = [
    "Attempt",
    "Change",
    "Estimate",
    "Kind",
    "Playing",
    "Run",
    "Spread",
    "Target",
    "Verdict",
    "changes",
    "estimate",
    "losing_the_primary",
    "verdicts",
]
