"""An interpreter of the Amazon States Language, as far as our machines use it, and no further."""

from simulator.asl.failures import MachineFailed, MachineTimedOut
from simulator.asl.history import Event, Kind, spans
from simulator.asl.interpreter import Interpreter
from simulator.asl.language import UnknownConstructError, understood
from simulator.asl.progress import NotRedrivableError, Progress

__all__ = [
    "Event",
    "Interpreter",
    "Kind",
    "MachineFailed",
    "MachineTimedOut",
    "NotRedrivableError",
    "Progress",
    "UnknownConstructError",
    "spans",
    "understood",
]
