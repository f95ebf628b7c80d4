"""Everything that one workload region serves the product with."""

from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Database, Topology
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.cache import Cache
from stacks.constructs.compute import Compute
from stacks.constructs.data_key import DataKey
from stacks.constructs.database_alarms import DatabaseAlarms
from stacks.constructs.database_copy import DatabaseCopy
from stacks.constructs.failures import Failures
from stacks.constructs.front_door import FrontDoor
from stacks.constructs.function_bundle import FunctionBundle
from stacks.constructs.lease_keeping import LeaseKeeping
from stacks.constructs.network import Network
from stacks.constructs.object_store import ObjectStore
from stacks.layer import LayerStack


class RegionalStack(LayerStack):
    """Network, compute, cache, entrance, bucket and the region's copies of the databases.

    Data is in this stack because it needs the network of it; ``docs/adr/0002`` says why that is the lesser
    evil. Every stateful resource is kept and protected by itself.
    """

    def __init__(self, scope: Construct, topology: Topology, region: str, bundle: FunctionBundle) -> None:
        super().__init__(scope, topology, "regional", region, stateful=True)
        key = DataKey(self, "DataKey", names=self.names)
        alarms = AlarmTopic(self, "Alarms")
        network = Network(self, "Network", cidr=topology.region(region).cidr)
        compute = Compute(self, "Compute", names=self.names, network=network, key=key)
        FrontDoor(self, "FrontDoor", names=self.names, region=region, network=network, pods=compute.connections)
        Cache(self, "Cache", names=self.names, network=network, key=key, readers=compute.connections)
        ObjectStore(self, "Objects", names=self.names, region=region, key=key)
        held = [database for database in topology.databases if region in database.regions]
        copies = [self._copy(database, network, key, compute, alarms) for database in held]
        if copies:
            LeaseKeeping(
                self,
                "LeaseKeeping",
                names=self.names,
                region=region,
                code=bundle.code(),
                network=network,
                databases=copies,
                failures=Failures(self, "Failures", told=alarms).queue,
                told=alarms,
            )

    def _copy(
        self, database: Database, network: Network, key: DataKey, compute: Compute, alarms: sns.ITopic
    ) -> DatabaseCopy:
        scope = Construct(self, f"Database-{database.name}")
        copy = DatabaseCopy(
            scope,
            "Copy",
            names=self.names,
            database=database,
            region=self.region_name,
            network=network,
            key=key,
        )
        copy.allow_from(compute.connections, "Pods to database")
        DatabaseAlarms(scope, "Alarms", names=self.names, database=database, region=self.region_name, told=alarms)
        return copy
