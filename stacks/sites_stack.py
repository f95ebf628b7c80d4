"""What AWS has for sites outside it: their names and roles, and in each control region the door for their guards."""

from collections.abc import Iterable
from typing import Final

from constructs import Construct

from failover.topology import Names, Topology
from stacks.constructs.site_door import SiteDoor
from stacks.constructs.site_records import SiteRecords
from stacks.constructs.site_role import SiteRole
from stacks.constructs.site_watch import SiteWatch
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.sites import SitesSection

LAYER: Final = "sites"
DOOR: Final = "site-door"


class SitesStack(LayerStack):
    """The names that lead to the sites, and the role of each one's guard."""

    def __init__(self, scope: Construct, topology: Topology, settings: SitesSection) -> None:
        super().__init__(scope, topology, LAYER, Names(topology).home, stateful=False)
        for site in sites_of(topology):
            records = Construct(self, site)
            SiteRecords(records, "Records", names=self.names, site=site)
            SiteRole(records, "Guard", names=self.names, site=site, session_seconds=settings.session_seconds)


class SiteDoorStack(LayerStack):
    """Where guards of sites exchange their certificates, and what the control plane shows to sites' agents.

    One in each control region: while any of them lives, a guard gets its right to the quorum store.
    """

    def __init__(self, scope: Construct, topology: Topology, region: str, settings: SitesSection) -> None:
        super().__init__(scope, topology, DOOR, region, stateful=True)
        sites = sites_of(topology)
        SiteDoor(self, "Door", names=self.names, sites=sites, settings=settings)
        SiteWatch(self, "Watch", names=self.names, region=region, sites=sites, settings=settings)


def sites_of(topology: Topology) -> tuple[str, ...]:
    """Return the regions that are sites."""
    return tuple(region.name for region in topology.regions if region.site is not None)


def site_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build them where the document has sites."""
    settings = infrastructure.sites
    if settings is None or not sites_of(topology):
        return []
    doors = [SiteDoorStack(scope, topology, region, settings) for region in topology.control_regions]
    return [SitesStack(scope, topology, settings), *doors]
