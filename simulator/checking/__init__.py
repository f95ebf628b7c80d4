"""What must hold in every schedule: the sixteen invariants, the clients' history, and a good end."""

from simulator.checking.checker import Checker, Violated
from simulator.checking.ending import Ending, StandingIncident, good_end
from simulator.checking.gates import Gates
from simulator.checking.history import History, Timeline, Write

__all__ = [
    "Checker",
    "Ending",
    "Gates",
    "History",
    "StandingIncident",
    "Timeline",
    "Violated",
    "Write",
    "good_end",
]
