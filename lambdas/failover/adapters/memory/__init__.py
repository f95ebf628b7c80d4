"""The ports in memory: fakes for tests, and the world of the simulator."""

from failover.adapters.memory.databases import MemoryAgent, MemoryCopy, MemoryReplicas
from failover.adapters.memory.people import MemoryMachines, MemoryPager, MemoryTelemetry
from failover.adapters.memory.store import MemoryLastKnown, MemoryStore
from failover.adapters.memory.surroundings import ManualClock, MemoryHttp

__all__ = [
    "ManualClock",
    "MemoryAgent",
    "MemoryCopy",
    "MemoryHttp",
    "MemoryLastKnown",
    "MemoryMachines",
    "MemoryPager",
    "MemoryReplicas",
    "MemoryStore",
    "MemoryTelemetry",
]
