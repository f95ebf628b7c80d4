"""An interpreter of the Amazon States Language, as far as our machines use it, and no further."""

from simulator.asl.interpreter import Interpreter, MachineFailed
from simulator.asl.language import UnknownConstructError

__all__ = ["Interpreter", "MachineFailed", "UnknownConstructError"]
