"""Checks of times: each must leave room for the ones that it is made of."""

import math
from collections.abc import Iterator
from typing import Final

from failover.topology import DatasetKind, Engine
from topology_document.compilation import database_dwell_seconds, fresh_seconds
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path, shown

LEAST_PROMOTION_SECONDS: Final = {Engine.RDS_POSTGRES: 60, Engine.AURORA_POSTGRES: 30, Engine.SELF_MANAGED_POSTGRES: 5}
"""The least that a promotion takes, for planning: floors, not promises. Of RDS and Aurora, AWS says minutes, and
within about a minute; ``pg_promote`` takes as long as PostgreSQL needs to replay what it has received."""


def probe_answers_before_the_next(document: TopologyDocument) -> Iterator[Finding]:
    """A probe that still waits when the next one starts would count one silence twice."""
    observation = document.observation
    if observation.timeout_seconds >= observation.probe_seconds:
        allowed = f"less than observation.probe_seconds, which is {shown(observation.probe_seconds)}"
        fix = f"write timeout_seconds: {shown(observation.probe_seconds / 2)} or less, or probe less often"
        yield Finding(("observation", "timeout_seconds"), shown(observation.timeout_seconds), allowed, fix)


def votes_outlive_two_probes(document: TopologyDocument) -> Iterator[Finding]:
    """A vote that one late probe makes stale would blind the quorum."""
    fresh, probe = fresh_seconds(document), document.observation.probe_seconds
    if fresh < 2 * probe:
        allowed = f"at least two probes, which is {shown(2 * probe)}"
        fix = f"write fresh_seconds: {shown(3 * probe)}, or remove it"
        yield Finding(("observation", "fresh_seconds"), shown(fresh), allowed, fix)


def detection_can_be_kept(document: TopologyDocument) -> Iterator[Finding]:
    """The loss of a region is seen after so many missed probes, never earlier."""
    observation, target = document.observation, document.targets.detection_seconds
    least = observation.probe_seconds * observation.misses
    if target < least:
        allowed = f"at least observation.probe_seconds x misses, which is {shown(least)}"
        fix = f"write detection_seconds: {math.ceil(least)}, or probe more often"
        yield Finding(("targets", "detection_seconds"), str(target), allowed, fix)


def lease_outlives_its_margin(document: TopologyDocument) -> Iterator[Finding]:
    """The gate shuts a margin before the lease ends: it would never be open."""
    lease = document.lease
    if lease.lease_seconds <= lease.margin_seconds:
        allowed = f"more than lease.margin_seconds, which is {shown(lease.margin_seconds)}"
        fix = f"write lease_seconds: {shown(10 * lease.margin_seconds)}, or a shorter margin_seconds"
        yield Finding(("lease", "lease_seconds"), shown(lease.lease_seconds), allowed, fix)


def lease_outlives_two_misses(document: TopologyDocument) -> Iterator[Finding]:
    """Two renewals in a row may fail without stopping the product's writes."""
    lease = document.lease
    if lease.renew_seconds * 3 > lease.lease_seconds:
        allowed = f"a third of lease.lease_seconds or less ({shown(lease.lease_seconds)} / 3): two renewals may fail"
        fix = f"write renew_seconds: {shown(lease.lease_seconds // 3 or lease.lease_seconds / 3)}, or a longer lease"
        yield Finding(("lease", "renew_seconds"), shown(lease.renew_seconds), allowed, fix)


def loss_can_be_bounded(document: TopologyDocument) -> Iterator[Finding]:
    """The source's last known position is as old as its lease: no smaller loss can be proved."""
    lease = document.lease.lease_seconds
    promised: dict[Path, int] = {("targets", "rpo_seconds"): document.targets.rpo_seconds}
    promised |= {
        ("databases", name, "rpo_seconds"): database.rpo_seconds
        for name, database in document.databases.items()
        if database.rpo_seconds is not None
    }
    for path, rpo in promised.items():
        if rpo < lease:
            allowed = f"at least lease.lease_seconds, which is {shown(lease)}: no smaller loss can be proved"
            fix = f"write rpo_seconds: {math.ceil(lease)}, or a shorter lease"
            yield Finding(path, str(rpo), allowed, fix)


def recovery_that_some_engine_reaches(document: TopologyDocument) -> Iterator[Finding]:
    """A promise that no engine can keep with these timings is none: even the fastest one has to be asked first.

    The lease is not in it, since it runs out while the loss is being seen; nor is what names take.
    """
    observation, target = document.observation, document.targets.rto_seconds
    seen = observation.probe_seconds * (observation.misses - 1)
    dwell = _dwell(document)
    fastest = min(LEAST_PROMOTION_SECONDS, key=LEAST_PROMOTION_SECONDS.__getitem__)
    least = seen + dwell + LEAST_PROMOTION_SECONDS[fastest]
    if target < least:
        allowed = (
            f"{math.ceil(least)} or more: no engine is faster than misses {shown(seen)}, dwell {shown(dwell)} and the "
            f"{LEAST_PROMOTION_SECONDS[fastest]} that {fastest} takes to promote"
        )
        fix = f"write rto_seconds: {math.ceil(least)}, probe more often, or shorten the dwell"
        yield Finding(("targets", "rto_seconds"), str(target), allowed, fix)


def recovery_can_be_kept(document: TopologyDocument) -> Iterator[Finding]:
    """Warn of a recovery time that the slowest engine cannot keep.

    Traffic moves beside the promotion, so that only the longer of the two counts.
    """
    observation, lease, target = document.observation, document.lease, document.targets.rto_seconds
    detection = observation.probe_seconds * observation.misses
    waiting = lease.lease_seconds + lease.margin_seconds
    clients = max(route.ttl_seconds for route in document.routes.values())
    engines = {each.engine for each in document.databases.values() if each.kind is DatasetKind.SINGLE}
    dwell = database_dwell_seconds(document)
    for engine in sorted(engines):
        promotion = max(LEAST_PROMOTION_SECONDS[engine], clients)
        least = detection + dwell + waiting + promotion
        if target < least:
            parts = (
                f"detection {shown(detection)}, dwell {shown(dwell)}, "
                f"lease and margin {shown(waiting)}, promotion of {engine} or clients' DNS {promotion}"
            )
            allowed = f"about {shown(least)} or more ({parts})"
            fix = f"write rto_seconds: {math.ceil(least)}, shorten the parts, or choose an engine that promotes faster"
            yield Finding(("targets", "rto_seconds"), str(target), allowed, fix)


def _dwell(document: TopologyDocument) -> float:
    """Return how long what must move is waited for: databases, or only names where no database moves."""
    moving = any(each.kind is DatasetKind.SINGLE for each in document.databases.values())
    return database_dwell_seconds(document) if moving else document.failover.dwell_seconds
