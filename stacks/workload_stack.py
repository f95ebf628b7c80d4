"""What runs in a region's cluster, as far as AWS knows of it: add-ons, images, and who may do what."""

from collections.abc import Iterable
from typing import Final

from constructs import Construct

from failover.topology import Topology
from stacks.constructs.addons import Addons
from stacks.constructs.cluster_identities import ClusterIdentities
from stacks.constructs.repositories import Repositories
from stacks.constructs.service_identities import ServiceIdentities
from stacks.layer import LayerStack
from topology_document import Infrastructure
from topology_document.workloads import has_repositories, services_in

LAYER: Final = "workloads"


class WorkloadStack(LayerStack):
    """The cluster is the regional stack's, and known by name; ``lifeboat manifests`` writes what is applied to it."""

    def __init__(self, scope: Construct, topology: Topology, region: str, infrastructure: Infrastructure) -> None:
        super().__init__(scope, topology, LAYER, region, stateful=False)
        if infrastructure.compute is not None:
            Addons(self, "Addons", names=self.names, region=region)
        ClusterIdentities(self, "Cluster", names=self.names, region=region, infrastructure=infrastructure)
        if services := services_in(topology, infrastructure, region):
            if has_repositories(infrastructure):
                Repositories(self, "Images", names=self.names, images=[each.image for each in services.values()])
            ServiceIdentities(self, "Services", names=self.names, region=region, infrastructure=infrastructure)


def workload_stacks(scope: Construct, topology: Topology, infrastructure: Infrastructure) -> Iterable[LayerStack]:
    """Build a stack for each region of AWS whose cluster the document describes."""
    if infrastructure.compute is None and not infrastructure.services:
        return []
    return [WorkloadStack(scope, topology, region, infrastructure) for region in topology.aws_regions]
