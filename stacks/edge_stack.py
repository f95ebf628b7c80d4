"""The edge nodes of one region's cities, as AWS knows them; the nodes themselves are in the cities."""

from collections.abc import Iterable
from typing import Final

from constructs import Construct

from failover.topology import Topology
from stacks.constructs.edge_nodes import EdgeNodes
from stacks.constructs.repositories import Repositories
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.infrastructure.edge import EdgeSection
from topology_document.workloads import has_repositories

LAYER: Final = "edge"


class EdgeStack(LayerStack):
    """It reads no other stack; ``lifeboat manifests --city`` writes what runs on a node."""

    def __init__(
        self, scope: Construct, topology: Topology, region: str, edge: EdgeSection, *, has_repository: bool
    ) -> None:
        super().__init__(scope, topology, LAYER, region, stateful=False)
        if has_repository:
            Repositories(self, "Images", names=self.names, images=[edge.image])
        cities = [city for city, each in edge.cities.items() if each.region == region]
        EdgeNodes(self, "Nodes", names=self.names, region=region, edge=edge, cities=cities)


def edge_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build a stack for each region of AWS that knows an edge node."""
    edge = infrastructure.edge
    if edge is None:
        return []
    known = {each.region for each in edge.cities.values()}
    own = has_repositories(infrastructure)
    here = [region for region in topology.aws_regions if region in known]
    return [EdgeStack(scope, topology, region, edge, has_repository=own) for region in here]
