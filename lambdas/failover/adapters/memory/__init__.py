"""The ports in memory: fakes for tests, and the world of the simulator."""

from failover.adapters.memory.aurora import MemoryAurora
from failover.adapters.memory.databases import MemoryAgent, MemoryCopy, MemoryReplicas
from failover.adapters.memory.people import MemoryMachines, MemoryPager, MemoryTelemetry, MemoryVeto
from failover.adapters.memory.promises import MemoryPromisers, MemoryPromises
from failover.adapters.memory.regional import MemoryCaches, MemoryCompute, MemoryObjects, memory_services
from failover.adapters.memory.store import MemoryLastKnown, MemoryStore
from failover.adapters.memory.surroundings import ManualClock, MemoryHttp
from failover.adapters.memory.tails import MemoryShelf

__all__ = [
    "ManualClock",
    "MemoryAgent",
    "MemoryAurora",
    "MemoryCaches",
    "MemoryCompute",
    "MemoryCopy",
    "MemoryHttp",
    "MemoryLastKnown",
    "MemoryMachines",
    "MemoryObjects",
    "MemoryPager",
    "MemoryPromisers",
    "MemoryPromises",
    "MemoryReplicas",
    "MemoryShelf",
    "MemoryStore",
    "MemoryTelemetry",
    "MemoryVeto",
    "memory_services",
]
