"""The ports of a region's functions: real calls to the modelled services, over the modelled network."""

from simulator.world.ports.calls import Calls, StoreCalls
from simulator.world.ports.databases import NearCopy, SimAgent, SimReplicas
from simulator.world.ports.promises import SimPromisers, SimPromises
from simulator.world.ports.regional import services_seen_through
from simulator.world.ports.surroundings import SimHttp, SimLastKnown, SimMachines, SimPager, SimTelemetry, SimVeto

__all__ = [
    "Calls",
    "SimLastKnown",
    "NearCopy",
    "SimAgent",
    "SimHttp",
    "SimMachines",
    "SimPager",
    "SimPromisers",
    "SimPromises",
    "SimReplicas",
    "SimTelemetry",
    "SimVeto",
    "StoreCalls",
    "services_seen_through",
]
