"""What people may change in a topology so that a part of its recovery takes less.

Each keeps the rules of ``topology_document.checks``: a changed topology is one that could be written.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final

from failover.errors import CapacityMissingError
from failover.procedures.capacity import Need
from failover.regional_ports import Nodes
from failover.topology import Capacity, Database, DatasetKind, Engine, Lease, Topology

SHORTEST_PROBE_SECONDS: Final = 2.0
FEWEST_MISSES: Final = 2
SHORTEST_DWELL_SECONDS: Final = 3.0
SHORTEST_LEASE_SECONDS: Final = 10.0
SHORTEST_TTL_SECONDS: Final = 5
QUICKER: Final = {Engine.RDS_POSTGRES: Engine.AURORA_POSTGRES}
"""The engine that promotes faster. Servers of one's own are quicker still, and no stack makes them."""

BURSTABLE: Final = "db.t"
UNBURSTABLE: Final = "db.r7g.large"
"""Aurora's global databases take no burstable classes."""


class Kind(StrEnum):
    """What is changed. Of one part, the change that its operators feel least comes first."""

    MISSES = "misses"
    PROBES = "probes"
    DWELL = "dwell"
    NODES = "nodes"
    LEASE = "lease"
    ENGINE = "engine"
    TTL = "ttl"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its kind, the part that it shortens, the document's keys with their new values, and what it costs."""

    kind: Kind
    part: str
    keys: Mapping[str, str]
    price: str
    topology: Topology


def changes(topology: Topology) -> dict[Kind, Change]:
    """Return the next step of every kind of change for which this topology still has room."""
    found = {kind: next(EVERY[kind](topology), None) for kind in Kind}
    return {kind: change for kind, change in found.items() if change is not None}


def _fewer_misses(topology: Topology) -> Iterator[Change]:
    watched = topology.observation
    if watched.misses > FEWEST_MISSES:
        fewer = replace(watched, misses=watched.misses - 1)
        keys = {"observation.misses": f"{fewer.misses}"}
        price = "fewer lost packets in a row look like an outage"
        yield Change(Kind.MISSES, "detect", keys, price, replace(topology, observation=fewer))


def _quicker_probes(topology: Topology) -> Iterator[Change]:
    watched = topology.observation
    if watched.probe_seconds > SHORTEST_PROBE_SECONDS:
        probe = max(SHORTEST_PROBE_SECONDS, watched.probe_seconds / 2)
        timeout = min(watched.timeout_seconds, probe / 2)
        quicker = replace(watched, probe_seconds=probe, timeout_seconds=timeout)
        keys = {"observation.probe_seconds": f"{probe:g}", "observation.timeout_seconds": f"{timeout:g}"}
        price = "more requests, and slower answers count as misses"
        yield Change(Kind.PROBES, "detect", keys, price, replace(topology, observation=quicker))


def _shorter_dwell(topology: Topology) -> Iterator[Change]:
    policy = topology.policy
    if policy.database_dwell_seconds > SHORTEST_DWELL_SECONDS:
        dwell = max(SHORTEST_DWELL_SECONDS, policy.database_dwell_seconds / 2)
        traffic = min(policy.dwell_seconds, dwell)
        shorter = replace(policy, database_dwell_seconds=dwell, dwell_seconds=traffic)
        keys = {"failover.database_dwell_seconds": f"{dwell:g}", "failover.dwell_seconds": f"{traffic:g}"}
        yield Change(
            Kind.DWELL, "decide", keys, "shorter outages move the databases", replace(topology, policy=shorter)
        )


def _spare_nodes(topology: Topology) -> Iterator[Change]:
    """The nodes that the others need when the primary is lost, as the step reckons that asks for them."""
    lost = topology.primary
    others = [each for each in topology.regions if each.zone == lost.zone and each is not lost]
    need = Need(topology, tuple(each.name for each in others), lost.capacity.needed)
    planned = {each.name: each.capacity for each in others}
    try:
        wanted = need.spread({name: Nodes(each.nodes, each.nodes, each.most_nodes) for name, each in planned.items()})
    except CapacityMissingError:
        return
    short = {name: nodes for name, nodes in wanted.items() if nodes > planned[name].nodes}
    if short:
        keys = {f"regions.{name}.nodes": f"{nodes}" for name, nodes in short.items()}
        keys |= {f"regions.{name}.needed_nodes": f"{planned[name].needed}" for name in short}
        regions = tuple(
            replace(each, capacity=Capacity(short[each.name], each.capacity.most_nodes, each.capacity.needed))
            if each.name in short
            else each
            for each in topology.regions
        )
        price = "nodes that run for a lost region's users, so that nobody waits for instances to start"
        yield Change(Kind.NODES, "fence", keys, price, replace(topology, regions=regions))


def _shorter_lease(topology: Topology) -> Iterator[Change]:
    lease = topology.lease
    if lease.lease_seconds > SHORTEST_LEASE_SECONDS:
        seconds = max(SHORTEST_LEASE_SECONDS, lease.lease_seconds / 2)
        shorter = Lease(seconds, min(lease.margin_seconds, seconds / 5), min(lease.renew_seconds, seconds / 4))
        keys = {f"lease.{each.name}": f"{getattr(shorter, each.name):g}" for each in fields(Lease)}
        price = "writes stop after a shorter silence of the quorum store"
        yield Change(Kind.LEASE, "fence", keys, price, replace(topology, lease=shorter))


def _quicker_engine(topology: Topology) -> Iterator[Change]:
    slow = [each for each in topology.databases if each.kind is DatasetKind.SINGLE and each.engine in QUICKER]
    if slow:
        moved = {each.name: _on(QUICKER[each.engine], each) for each in slow}
        keys = {f"databases.{each.name}.engine": each.engine.value for each in moved.values()}
        for each in slow:
            if each.instance_class != moved[each.name].instance_class:
                keys[f"databases.{each.name}.instance_class"] = moved[each.name].instance_class
        databases = tuple(moved.get(each.name, each) for each in topology.databases)
        price = "a migration, and what the other engine costs and cannot do (docs/engines.md)"
        yield Change(Kind.ENGINE, "promote", keys, price, replace(topology, databases=databases))


def _on(engine: Engine, database: Database) -> Database:
    burstable = engine is Engine.AURORA_POSTGRES and database.instance_class.startswith(BURSTABLE)
    return replace(database, engine=engine, instance_class=UNBURSTABLE if burstable else database.instance_class)


def _shorter_ttl(topology: Topology) -> Iterator[Change]:
    longest = max((each.ttl_seconds for each in topology.routes), default=0)
    if longest > SHORTEST_TTL_SECONDS:
        ttl = max(SHORTEST_TTL_SECONDS, longest // 2)
        keys = {f"routes.{each.name}.ttl_seconds": f"{ttl}" for each in topology.routes if each.ttl_seconds > ttl}
        routes = tuple(replace(each, ttl_seconds=min(each.ttl_seconds, ttl)) for each in topology.routes)
        yield Change(
            Kind.TTL, "client_ttl", keys, "more DNS queries, each of them paid", replace(topology, routes=routes)
        )


EVERY: Final[Mapping[Kind, Callable[[Topology], Iterator[Change]]]] = {
    Kind.MISSES: _fewer_misses,
    Kind.PROBES: _quicker_probes,
    Kind.DWELL: _shorter_dwell,
    Kind.NODES: _spare_nodes,
    Kind.LEASE: _shorter_lease,
    Kind.ENGINE: _quicker_engine,
    Kind.TTL: _shorter_ttl,
}
