"""A document's text in several of its regions of AWS: production's own, without what stands in the others."""

from typing import Any

from failover.topology import CacheTier, RoutePolicy
from topology_document.document import TopologyDocument
from topology_document.environments.copies import copied
from topology_document.environments.narrowing import narrowed
from topology_document.environments.references import without_references
from topology_document.infrastructure.security import SecuritySection


def in_several_regions(
    document: TopologyDocument, values: dict[str, Any], regions: list[str], primary: str
) -> dict[str, Any]:
    """Return the text as these regions have it, of which the primary one is one; in all of them nothing is left out.

    Its control regions are production's: they watch those that are left, and may serve nothing.
    """
    if set(regions) == document.regions.keys():
        return values
    # The store's places and the control regions serve nothing: they stand where production's do.
    control = document.control_regions or [name for name, each in document.regions.items() if each.site is None]
    standing = {"quorum_store": values["quorum_store"], "control_regions": control}
    with_control = {*regions, *control}
    for key in ("databases", "tables"):
        values[key] = copied(values.get(key, {}), values["regions"], primary, regions)
    zones = {region.zone for name, region in document.regions.items() if name in regions}
    for database in values["databases"].values():
        database["also_in"] = [zone for zone in database.get("also_in", ()) if zone in zones]
    values["caches"] = _cached(values, regions, primary)
    values.pop("sites", None)  # these regions are AWS's
    enclaves = values.get("security", {}).get("enclaves")
    if enclaves and enclaves["region"] not in with_control:
        enclaves["region"] = primary
    if "security" in values:  # its regions are those that may have no users
        standing["security"] = narrowed(SecuritySection, values["security"], with_control)
    left = narrowed(TopologyDocument, {**values, **dict.fromkeys(standing)}, regions)
    left = without_references({**left, **standing})
    if rehearsals := values.get("experiments", {}).get("rehearsals"):
        left["experiments"]["rehearsals"] = [
            each for each in rehearsals if each["subject"] in regions and each["executed_in"] in with_control
        ]
    for name, route in left["routes"].items():
        if route.get("policy") == RoutePolicy.FAILOVER and len(route.get("regions", regions)) < 2:
            route["policy"] = RoutePolicy.LATENCY.value
            left.get("recovery", {}).pop(name, None)
    return left


def _cached(values: dict[str, Any], regions: list[str], primary: str) -> dict[str, Any]:
    """Return the texts of the caches; one that is copied to no region that is left is each region's own."""
    declared = {name: {"replicas": regions, **each} for name, each in values.get("caches", {}).items()}
    caches = copied(declared, values["regions"], primary, regions)
    for cache in caches.values():
        pairs = cache.get("neighbours", {}).items()
        cache["neighbours"] = {owner: to for owner, to in pairs if owner in regions and to in regions}
        if not cache["neighbours" if cache.get("tier") == CacheTier.NEIGHBOUR else "replicas"]:
            cache["tier"] = CacheTier.REGIONAL.value
    return caches
