"""Where the product has anything in AWS, and which law is whose."""

from failover.topology import Topology
from topology_document.infrastructure.security import SecuritySection
from topology_document.infrastructure.security_words import Law


def guarded_regions(topology: Topology) -> list[str]:
    """Return the regions of AWS that have stacks of the product, each once."""
    return list(dict.fromkeys([*topology.aws_regions, *topology.control_regions]))


def zones_of(topology: Topology) -> dict[str, list[str]]:
    """Return the regions of AWS of each residency zone, in the document's order."""
    zones: dict[str, list[str]] = {}
    for region in topology.regions:
        if region.site is None:
            zones.setdefault(region.zone, []).append(region.name)
    return zones


def laws_in(topology: Topology, security: SecuritySection, region: str) -> list[Law]:
    """Return the laws of a region's zone; a region that belongs to none is held against all of them."""
    zones = {each.name: each.zone for each in topology.regions}
    told = security.compliance.laws
    wanted = [told.get(zones[region], [])] if region in zones else list(told.values())
    return sorted({law for laws in wanted for law in laws})
