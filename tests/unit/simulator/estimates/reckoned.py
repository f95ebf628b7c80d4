"""Plays that need no simulator: each part is reckoned from the topology, and nothing varies but by the seed."""

from failover.topology import Engine, Topology
from simulator.estimates import Estimate, Run

PROMOTION_SECONDS = {Engine.RDS_POSTGRES: 180.0, Engine.AURORA_POSTGRES: 45.0, Engine.SELF_MANAGED_POSTGRES: 1.0}
SEEDS = range(1, 101)


def run(topology: Topology, seed: int) -> Run:
    watched, policy, lease = topology.observation, topology.policy, topology.lease
    parts = {
        "detect": watched.probe_seconds * (watched.misses - 1) + watched.probe_seconds * seed / 100,
        "decide": policy.database_dwell_seconds,
        "fence": max(0.0, lease.lease_seconds + lease.margin_seconds - policy.database_dwell_seconds),
        "promote": max(PROMOTION_SECONDS[each.engine] for each in topology.databases),
        "shift": 0.0,
        "client_ttl": max(each.ttl_seconds for each in topology.routes) / 2,
    }
    return Run(seed, sum(parts.values()), parts, lost_seconds=seed / 100, bound_seconds=25.0, rule="R330")


def estimating(topology: Topology) -> Estimate:
    return Estimate.of(topology, [run(topology, seed) for seed in SEEDS])
