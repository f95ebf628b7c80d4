"""What a product has, as the functions see it: regions, databases, routes, timings and targets."""

from failover.topology.budgets import LONGEST_WAIT_SECONDS, SLACK_SECONDS, budgets
from failover.topology.codec import compiled, digest, parse
from failover.topology.companions import Cache, CacheTier, Worker, WorkerKind
from failover.topology.model import (
    Capacity,
    Database,
    DatasetKind,
    Engine,
    QuorumPlaces,
    Region,
    Role,
    Route,
    RoutePolicy,
    Site,
    Topology,
)
from failover.topology.names import Names
from failover.topology.places import caches_of, global_caches, replicas_of, watched_from
from failover.topology.policy import Automation, Lease, Maintenance, Observation, Policy, Targets, Veto
from failover.topology.site_names import SiteNames

__all__ = [
    "LONGEST_WAIT_SECONDS",
    "SLACK_SECONDS",
    "Automation",
    "Cache",
    "CacheTier",
    "Capacity",
    "Database",
    "DatasetKind",
    "Engine",
    "Lease",
    "Maintenance",
    "Names",
    "Observation",
    "Policy",
    "QuorumPlaces",
    "Region",
    "Role",
    "Route",
    "RoutePolicy",
    "Site",
    "SiteNames",
    "Targets",
    "Topology",
    "Veto",
    "Worker",
    "WorkerKind",
    "budgets",
    "caches_of",
    "compiled",
    "digest",
    "global_caches",
    "parse",
    "replicas_of",
    "watched_from",
]
