"""A topology whose sites are where the twin has them: their public addresses are this machine's."""

from dataclasses import replace

from failover.topology import Region, Topology
from twin.network.addresses import AddressPlan


def on_loopback(topology: Topology, plan: AddressPlan) -> Topology:
    """Return the topology with each site at its entrance on the twin; the same one where there are no sites."""

    def moved(region: Region) -> Region:
        if region.site is None:
            return region
        return replace(region, site=replace(region.site, addresses=(plan.load_balancer(region.name),)))

    return replace(topology, regions=tuple(moved(each) for each in topology.regions))
