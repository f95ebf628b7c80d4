"""Schedules: drawn scenarios of faults and operations, and how one that breaks something is made short."""

from simulator.schedules.drawing import draw
from simulator.schedules.shrinking import shrunk

__all__ = ["draw", "shrunk"]
