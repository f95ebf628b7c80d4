"""Checks of what a region has beside its databases: caches, and room for other regions' users.

Limits of a global datastore: at most two other regions, and nodes of some families of size large and above
(ElastiCache user guide, "Global datastores", prerequisites and limitations).
"""

from collections.abc import Iterator
from typing import Final

from failover.topology import CacheTier, Role
from failover.topology.places import GLOBAL_CACHE_PREFIXES, MOST_GLOBAL_CACHE_REPLICAS
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path, did_you_mean, listed, shown
from topology_document.sections import CacheSection, RegionSection

FAMILIES: Final = ("c7gn", "m5", "m6g", "m7g", "r5", "r6g", "r6gd", "r7g")


def room_to_take_over(document: TopologyDocument) -> Iterator[Finding]:
    """A region may have at least the nodes that it starts with."""
    for name, region in document.regions.items():
        if region.most_nodes < region.nodes:
            allowed = f"at least nodes, which is {region.nodes}"
            fix = f"write most_nodes: {2 * region.nodes}, or fewer nodes"
            yield Finding(("regions", name, "most_nodes"), str(region.most_nodes), allowed, fix)


def needed_nodes_that_run(document: TopologyDocument) -> Iterator[Finding]:
    """A region's own users cannot need more nodes than run."""
    for name, region in document.regions.items():
        if region.needed_nodes is not None and region.needed_nodes > region.nodes:
            allowed = f"at most nodes, which is {region.nodes}"
            fix = f"write nodes: {region.needed_nodes} or more, or remove needed_nodes"
            yield Finding(("regions", name, "needed_nodes"), str(region.needed_nodes), allowed, fix)


def room_for_a_lost_region(document: TopologyDocument) -> Iterator[Finding]:
    """Warn of a region whose users the others of its zone could not carry: it would be paged for, and not moved."""
    for name, region in document.regions.items():
        others = {each: told for each, told in document.regions.items() if told.zone == region.zone and each != name}
        room, lost = sum(told.most_nodes - _needed(told) for told in others.values()), _needed(region)
        if others and room < lost:
            got = f"room for {room} nodes more in {listed(others)}"
            fix = f"raise most_nodes there by {lost - room}"
            yield Finding(("regions", name, "nodes"), got, f"{lost}, which are lost with {name}", fix)


def _needed(region: RegionSection) -> int:
    return region.nodes if region.needed_nodes is None else region.needed_nodes


def caches_in_declared_regions(document: TopologyDocument) -> Iterator[Finding]:
    """A cache stands in regions of the product."""
    for name, cache in document.caches.items():
        places = [("born_in", cache.born_in), *(("replicas", each) for each in cache.replicas or [])]
        for key, region in places:
            if region is not None and region not in document.regions:
                fix = did_you_mean(region, document.regions, f"add {region} to regions")
                allowed = f"one of the regions: {listed(document.regions)}"
                yield Finding(("caches", name, key), shown(region), allowed, fix)


def cache_regions_once(document: TopologyDocument) -> Iterator[Finding]:
    """A region holds one copy of a cache."""
    for name, cache in document.caches.items():
        copies = [_born_in(document, cache), *(cache.replicas or [])]
        for at, region in enumerate(copies):
            if region in copies[:at]:
                fix = f"remove {region} from replicas"
                yield Finding(("caches", name, "replicas"), shown(region), "each region once", fix)


def global_caches_as_the_service_has_them(document: TopologyDocument) -> Iterator[Finding]:
    """A global datastore has one or two other regions, of the writer's residency zone, and nodes that it takes."""
    for name, cache in document.caches.items():
        if cache.tier is not CacheTier.GLOBAL:
            continue
        born_in = _born_in(document, cache)
        others = [each for each in document.regions if each != born_in] if cache.replicas is None else cache.replicas
        path = ("caches", name, "replicas")
        if not 1 <= len(set(others)) <= MOST_GLOBAL_CACHE_REPLICAS:
            allowed = f"one or two regions with tier: global, beside {born_in}"
            yield Finding(path, shown(others), allowed, "list one or two in replicas, or write tier: regional")
        home = document.regions.get(born_in or "")
        for region in others:
            told = document.regions.get(region)
            if home and told and told.zone != home.zone:
                allowed = f"regions of the residency zone {home.zone}, where the cache is born"
                fix = f"remove {region} from replicas, or write tier: regional"
                yield Finding(path, f"{shown(region)}, of the zone {told.zone}", allowed, fix)
        for key, region in [("born_in", born_in or ""), *(("replicas", each) for each in others)]:
            if region in document.regions and region not in GLOBAL_CACHE_PREFIXES:
                allowed = f"regions that have global datastores: {listed(sorted(GLOBAL_CACHE_PREFIXES))}"
                yield Finding(("caches", name, key), shown(region), allowed, "write tier: regional")


def datastores_of_nodes_that_take_them(document: TopologyDocument) -> Iterator[Finding]:
    """What is copied between regions is a global datastore, which has no small nodes."""
    for name, cache in document.caches.items():
        _, family, size = cache.node_type.split(".")
        fits = family in FAMILIES and size.endswith("large")
        if cache.tier is not CacheTier.REGIONAL and not fits:
            allowed = f"size large or above of {listed(FAMILIES)} with tier: {cache.tier}"
            fix = "write node_type: cache.r7g.large, or tier: regional"
            yield Finding(("caches", name, "node_type"), shown(cache.node_type), allowed, fix)


def neighbours_of_one_zone(document: TopologyDocument) -> Iterator[Finding]:
    """A region's neighbour is another region of the product, of the same residency zone, that has datastores."""
    for name, cache in document.caches.items():
        if cache.tier is CacheTier.NEIGHBOUR and not cache.neighbours:
            fix = "write which region has a copy of which, or tier: regional"
            yield Finding(("caches", name, "neighbours"), "nothing", "at least one with tier: neighbour", fix)
        for owner, neighbour in cache.neighbours.items():
            yield from _neighbour(document, ("caches", name, "neighbours", owner), owner, neighbour)


def _neighbour(document: TopologyDocument, path: Path, owner: str, neighbour: str) -> Iterator[Finding]:
    for region in (owner, neighbour):
        if region not in document.regions:
            fix = did_you_mean(region, document.regions, f"add {region} to regions")
            yield Finding(path, shown(region), f"one of the regions: {listed(document.regions)}", fix)
            return
        if region not in GLOBAL_CACHE_PREFIXES:
            allowed = f"regions that have global datastores: {listed(sorted(GLOBAL_CACHE_PREFIXES))}"
            yield Finding(path, shown(region), allowed, f"remove {owner}")
            return
    home, there = document.regions[owner].zone, document.regions[neighbour].zone
    if owner == neighbour or home != there:
        allowed = f"another region of the residency zone {home}, and this is {owner} ({home}) to {neighbour} ({there})"
        others = [each for each, told in document.regions.items() if told.zone == home and each != owner]
        yield Finding(path, shown(neighbour), allowed, f"choose {listed(others)}" if others else f"remove {owner}")


def _born_in(document: TopologyDocument, cache: CacheSection) -> str | None:
    primaries = (name for name, region in document.regions.items() if region.role is Role.PRIMARY)
    return cache.born_in or next(primaries, None)
