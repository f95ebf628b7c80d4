"""Which regions' networks reach each other."""

from failover.topology import Topology
from topology_document.infrastructure.network import Reach


def peers_of(topology: Topology, region: str, reach: Reach) -> list[str]:
    """Return the regions of AWS that a region's network reaches; sites have no gateway."""
    here = topology.region(region)
    return [
        each.name
        for each in topology.regions
        if each.name != region and each.site is None and (reach is Reach.EVERYWHERE or each.zone == here.zone)
    ]
