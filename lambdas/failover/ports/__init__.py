"""What the domain needs of the world. Memory and AWS adapters fulfil each port under one contract suite.

Time, ids and chance come in through ports as well, so that the simulator can own them.
"""

from dataclasses import dataclass

from failover.ports.databases import CopyState, DatabaseAgent, DatabaseCopy, ReplicaService, ReplicaState
from failover.ports.store import LastKnown, QuorumStore
from failover.ports.surroundings import Answer, Clock, Http, Machines, Pager, Telemetry, VetoHook
from failover.promises import Promises
from failover.regional_ports import RegionalServices

__all__ = [
    "Answer",
    "Clock",
    "CopyState",
    "DatabaseAgent",
    "DatabaseCopy",
    "Http",
    "LastKnown",
    "Machines",
    "Pager",
    "Ports",
    "QuorumStore",
    "ReplicaService",
    "ReplicaState",
    "Telemetry",
    "VetoHook",
]


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a step may touch; ``here`` is the region it runs in."""

    here: str
    clock: Clock
    store: QuorumStore
    agent: DatabaseAgent
    replicas: ReplicaService
    http: Http
    pager: Pager
    machines: Machines
    telemetry: Telemetry
    services: RegionalServices
    veto: VetoHook
    promises: Promises
