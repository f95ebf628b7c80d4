"""What a product has, as the functions see it: regions, databases, routes, timings and targets."""

from failover.topology.codec import compiled, digest, parse
from failover.topology.model import (
    Automation,
    Database,
    DatasetKind,
    Engine,
    Lease,
    Observation,
    Policy,
    QuorumPlaces,
    Region,
    Role,
    Route,
    RoutePolicy,
    Targets,
    Topology,
)
from failover.topology.names import Names

__all__ = [
    "Automation",
    "Database",
    "DatasetKind",
    "Engine",
    "Lease",
    "Names",
    "Observation",
    "Policy",
    "QuorumPlaces",
    "Region",
    "Role",
    "Route",
    "RoutePolicy",
    "Targets",
    "Topology",
    "compiled",
    "digest",
    "parse",
]
