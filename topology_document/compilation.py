"""From the document to the compiled topology: every default is written out, and order means nothing.

Regions come primary first, then by their networks; databases and routes come by name. So two documents that
say the same have one digest, however their keys are arranged.
"""

import ipaddress

from failover.topology import (
    Cache,
    CacheTier,
    Capacity,
    Database,
    Lease,
    Maintenance,
    Names,
    Observation,
    Policy,
    QuorumPlaces,
    Region,
    Role,
    Route,
    Site,
    Targets,
    Topology,
    Veto,
    Worker,
)
from topology_document.document import TopologyDocument
from topology_document.sections import CacheSection, DatabaseSection, RegionSection, SiteSection

_FRESH_PROBES = 3
_DATABASE_DWELL_SECONDS = 12.0
_FLAPPING_DWELL_SECONDS = 60.0


def topology_of(document: TopologyDocument) -> Topology:
    """Return the topology of a document without mistakes."""
    primary = next(name for name, region in document.regions.items() if region.role is Role.PRIMARY)
    ordered = ordered_regions(document)
    return Topology(
        name=document.name,
        account=document.account,
        domain=document.domain,
        regions=tuple(_region(name, document.regions[name]) for name in ordered),
        control_regions=control_regions(document),
        quorum=_quorum(document),
        databases=tuple(_database(document, name, each, primary) for name, each in sorted(document.databases.items())),
        routes=tuple(
            Route(name, each.policy, each.ttl_seconds, tuple(each.regions or ordered), each.writes)
            for name, each in sorted(document.routes.items())
        ),
        observation=_observation(document),
        lease=_lease(document),
        policy=_policy(document),
        targets=_targets(document),
        caches=tuple(
            cache for name, each in sorted(document.caches.items()) for cache in _caches(ordered, name, each, primary)
        ),
        workers=tuple(Worker(name, each.kind, each.database) for name, each in sorted(document.workers.items())),
    )


def names_of(document: TopologyDocument) -> Names:
    """Return the computed names; they need no more than the product's name, account and domain."""
    bare = Topology(
        name=document.name,
        account=document.account,
        domain=document.domain,
        regions=(),
        control_regions=(),
        quorum=_quorum(document),
        databases=(),
        routes=(),
        observation=_observation(document),
        lease=_lease(document),
        policy=_policy(document),
        targets=_targets(document),
    )
    return Names(bare)


def ordered_regions(document: TopologyDocument) -> tuple[str, ...]:
    """Return the regions' names: primary first, then in the order of their networks."""
    return tuple(
        name
        for name, region in sorted(
            document.regions.items(),
            key=lambda item: (item[1].role is not Role.PRIMARY, ipaddress.IPv4Network(item[1].cidr), item[0]),
        )
    )


def control_regions(document: TopologyDocument) -> tuple[str, ...]:
    """Return the control regions: as they are written, or every region of AWS."""
    ours = (name for name in ordered_regions(document) if document.regions[name].site is None)
    return tuple(document.control_regions or ours)


def neutral(document: TopologyDocument) -> tuple[str, ...]:
    """Return the neutral places: as they are written, or DynamoDB in the quorum's places outside the regions."""
    if document.observation.neutral is not None:
        return tuple(document.observation.neutral)
    store = document.quorum_store
    places = [*store.replicas, *([store.witness] if store.witness else [])]
    return tuple(f"https://dynamodb.{place}.amazonaws.com/ping" for place in places if place not in document.regions)


def fresh_seconds(document: TopologyDocument) -> float:
    """Return the age after which a vote counts no more."""
    observation = document.observation
    return observation.fresh_seconds or _FRESH_PROBES * observation.probe_seconds


def database_dwell_seconds(document: TopologyDocument) -> float:
    """Return how long a database waits before it moves: never shorter than traffic does."""
    failover = document.failover
    return failover.database_dwell_seconds or max(_DATABASE_DWELL_SECONDS, failover.dwell_seconds)


def born_in(document: TopologyDocument, database: DatabaseSection) -> str | None:
    """Return where a database is born: as it is written, or the primary region, or None where there is none."""
    primaries = (name for name, region in document.regions.items() if region.role is Role.PRIMARY)
    return database.born_in or next(primaries, None)


def _region(name: str, region: RegionSection) -> Region:
    capacity = Capacity(region.nodes, region.most_nodes, region.needed_nodes)
    return Region(name, region.role, region.zone, region.cidr, capacity, _site(region.site))


def _site(site: SiteSection | None) -> Site | None:
    if site is None:
        return None
    return Site(site.provider, site.pair, site.near, tuple(site.addresses), site.agent_port)


def _database(document: TopologyDocument, name: str, database: DatabaseSection, primary: str) -> Database:
    born_in = database.born_in or primary
    return Database(
        name=name,
        engine=database.engine,
        kind=database.kind,
        zone=database.residency or document.regions[born_in].zone,
        born_primary=born_in,
        replicas=tuple(database.replicas),
        rpo_seconds=database.rpo_seconds or document.targets.rpo_seconds,
        instance_class=database.instance_class,
        storage_gib=database.storage_gib,
        automation=database.automation,
        together=database.together,
        also_in=tuple(database.also_in),
        port=database.port,
    )


def _caches(ordered: tuple[str, ...], name: str, cache: CacheSection, primary: str) -> tuple[Cache, ...]:
    if cache.tier is not CacheTier.NEIGHBOUR:
        return (_cache(ordered, name, cache, primary),)
    owners = [region for region in ordered if region in cache.neighbours]
    return tuple(
        Cache(f"{name}-{owner}", cache.tier, owner, (cache.neighbours[owner],), cache.node_type) for owner in owners
    )


def _cache(ordered: tuple[str, ...], name: str, cache: CacheSection, primary: str) -> Cache:
    born_in = cache.born_in or primary
    others = cache.replicas if cache.replicas is not None else [each for each in ordered if each != born_in]
    return Cache(name, cache.tier, born_in, tuple(others), cache.node_type)


def _quorum(document: TopologyDocument) -> QuorumPlaces:
    return QuorumPlaces(tuple(document.quorum_store.replicas), document.quorum_store.witness)


def _observation(document: TopologyDocument) -> Observation:
    observation = document.observation
    return Observation(
        probe_seconds=observation.probe_seconds,
        timeout_seconds=observation.timeout_seconds,
        misses=observation.misses,
        fresh_seconds=fresh_seconds(document),
        neutral=neutral(document),
        latency_threshold_seconds=observation.latency_threshold_seconds,
        error_rate_threshold=observation.error_rate_threshold,
        window_probes=observation.window_probes,
        flaps=observation.flaps,
        flap_window_seconds=observation.flap_window_seconds,
    )


def _lease(document: TopologyDocument) -> Lease:
    lease = document.lease
    return Lease(lease.lease_seconds, lease.margin_seconds, lease.renew_seconds)


def _policy(document: TopologyDocument) -> Policy:
    failover = document.failover
    veto = failover.veto
    return Policy(
        automation=failover.automation,
        dwell_seconds=failover.dwell_seconds,
        cool_down_seconds=failover.cool_down_seconds,
        observers=failover.observers,
        database_dwell_seconds=database_dwell_seconds(document),
        flapping_dwell_seconds=failover.flapping_dwell_seconds
        or max(_FLAPPING_DWELL_SECONDS, database_dwell_seconds(document)),
        incident_lease_seconds=failover.incident_lease_seconds,
        approval_seconds=failover.approval_seconds,
        consent_seconds=failover.consent_seconds,
        bake_seconds=failover.bake_seconds,
        maintenance=tuple(
            Maintenance(each.weekday.value, each.begins, each.minutes, each.region) for each in failover.maintenance
        ),
        veto=Veto(veto.function_arn, veto.event_bus, veto.seconds) if veto else None,
    )


def _targets(document: TopologyDocument) -> Targets:
    targets = document.targets
    return Targets(targets.rto_seconds, targets.rpo_seconds, targets.detection_seconds)
