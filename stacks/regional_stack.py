"""Everything that one workload region serves the product with."""

from constructs import Construct

from failover.topology import Topology
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.compute import Compute
from stacks.constructs.data_key import DataKey
from stacks.constructs.data_names import DataNames
from stacks.constructs.failures import Failures
from stacks.constructs.front_door import FrontDoor
from stacks.constructs.function_bundle import FunctionBundle
from stacks.constructs.lease_keeping import LeaseKeeping
from stacks.constructs.network import Network
from stacks.constructs.object_store import ObjectStore
from stacks.constructs.region_delivery import RegionDelivery
from stacks.constructs.regional_data import RegionalData
from stacks.constructs.restored_subnets import RestoredSubnets
from stacks.constructs.self_managed_copy import SelfManagedCopy
from stacks.constructs.service_levels import ServiceLevels
from stacks.constructs.transit import Transit
from stacks.layer import LayerStack
from topology_document import NOTHING, Infrastructure


class RegionalStack(LayerStack):
    """Network, compute, cache, entrance, bucket and the region's copies of the databases.

    Data is in this stack because it needs the network of it; ``docs/adr/0002`` says why that is the lesser
    evil. Every stateful resource is kept and protected by itself.
    """

    def __init__(
        self,
        scope: Construct,
        topology: Topology,
        region: str,
        bundle: FunctionBundle,
        infrastructure: Infrastructure = NOTHING,
    ) -> None:
        self.infrastructure = infrastructure
        super().__init__(scope, topology, "regional", region, stateful=True)
        keys = infrastructure.security.keys if infrastructure.security else None
        key = DataKey(self, "DataKey", names=self.names, rotation_days=keys.rotation_days if keys else None)
        alarms = AlarmTopic(self, "Alarms")
        ties = infrastructure.network
        network = Network(self, "Network", cidr=topology.region(region).cidr, settings=ties, key=key)
        if ties is not None and ties.transit is not None:
            Transit(self, "Transit", names=self.names, region=region, network=network, settings=ties.transit)
        compute = Compute(
            self,
            "Compute",
            names=self.names,
            region=region,
            network=network,
            key=key,
            settings=infrastructure.compute,
        )
        objectives = infrastructure.observability.objectives if infrastructure.observability else None
        door = FrontDoor(
            self,
            "FrontDoor",
            names=self.names,
            region=region,
            network=network,
            pods=compute.connections,
            settings=ties,
            bound=any(each.paths for each in infrastructure.services.values()),
            delivery=infrastructure.delivery,
            key=key,
            coloured=infrastructure.rollout is not None,
        )
        if objectives is not None:
            ServiceLevels(self, "ServiceLevels", objectives=objectives, balancer=door.balancer, told=alarms)
        if infrastructure.backups is not None and infrastructure.backups.restore_test is not None:
            RestoredSubnets(self, "RestoredSubnets", names=DataNames(self.names), network=network)
        data = RegionalData(self.names, region, infrastructure, network, key, compute.connections, alarms)
        data.caches(self)
        logged = bool(infrastructure.buckets) or infrastructure.security is not None
        ObjectStore(self, "Objects", names=self.names, region=region, key=key, logged=logged)
        copies = data.copies(self)
        if not copies and infrastructure.delivery is None and not infrastructure.steering:
            return
        failures = Failures(self, "Failures", told=alarms).queue
        RegionDelivery(
            self,
            "Delivery",
            names=self.names,
            region=region,
            door=door,
            infrastructure=infrastructure,
            code=bundle.code(),
            failures=failures,
            told=alarms,
        )
        if copies:
            keeping = LeaseKeeping(
                self,
                "LeaseKeeping",
                names=self.names,
                region=region,
                code=bundle.code(),
                network=network,
                databases=copies,
                failures=failures,
                told=alarms,
            )
            for copy in copies:
                if isinstance(copy, SelfManagedCopy):
                    copy.let_share(keeping.agent)
