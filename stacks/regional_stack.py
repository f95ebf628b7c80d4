"""Everything that one workload region serves the product with."""

from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Cache as DeclaredCache
from failover.topology import CacheTier, Database, Engine, Topology, caches_of
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.aurora_copy import AuroraCopy
from stacks.constructs.cache import USUAL as USUAL_CACHE
from stacks.constructs.cache import Cache
from stacks.constructs.cache_lag import CacheLag
from stacks.constructs.compute import Compute
from stacks.constructs.data_key import DataKey
from stacks.constructs.data_names import DataNames
from stacks.constructs.database_copy import DatabaseCopy
from stacks.constructs.engines import ALARMS, COPIES, Copy
from stacks.constructs.failures import Failures
from stacks.constructs.front_door import FrontDoor
from stacks.constructs.function_bundle import FunctionBundle
from stacks.constructs.lease_keeping import LeaseKeeping
from stacks.constructs.neighbour_copy import NeighbourPlace
from stacks.constructs.network import Network
from stacks.constructs.object_store import ObjectStore
from stacks.constructs.reader_names import ReaderNames
from stacks.constructs.region_delivery import RegionDelivery
from stacks.constructs.restored_subnets import RestoredSubnets
from stacks.constructs.self_managed_copy import SelfManagedCopy
from stacks.constructs.service_levels import ServiceLevels
from stacks.constructs.transit import Transit
from stacks.constructs.upkept import USUAL
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
        if infrastructure.observability is not None:
            objectives = infrastructure.observability.objectives
            ServiceLevels(self, "ServiceLevels", objectives=objectives, balancer=door.balancer, told=alarms)
        if infrastructure.backups is not None and infrastructure.backups.restore_test is not None:
            RestoredSubnets(self, "RestoredSubnets", names=DataNames(self.names), network=network)
        copies_here = [each for each in topology.caches if each.tier is CacheTier.NEIGHBOUR and region in each.replicas]
        if copies_here:
            NeighbourPlace(self, "Neighbours", names=self.names, network=network, key=key, readers=compute.connections)
        for cache in caches_of(topology):
            if region in cache.regions and cache not in copies_here:
                self._cache(cache, network, key, compute, alarms)
        logged = bool(infrastructure.buckets) or infrastructure.security is not None
        ObjectStore(self, "Objects", names=self.names, region=region, key=key, logged=logged)
        held = [database for database in topology.databases if region in database.regions]
        copies = [self._copy(database, network, key, compute, alarms) for database in held]
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

    def _cache(
        self, cache: DeclaredCache, network: Network, key: DataKey, compute: Compute, alarms: sns.ITopic
    ) -> None:
        upkeep = self.infrastructure.cache_upkeep.get(cache.declared, USUAL_CACHE)
        Cache(
            self,
            f"Cache-{cache.name}",
            names=self.names,
            cache=cache,
            region=self.region_name,
            network=network,
            key=key,
            readers=compute.connections,
            upkeep=upkeep,
        )
        if upkeep.sync_seconds is not None and cache.tier is CacheTier.GLOBAL:
            CacheLag(
                self,
                f"CacheLag-{cache.name}",
                names=self.names,
                cache=cache,
                nodes=upkeep.nodes,
                sync_seconds=upkeep.sync_seconds,
                told=alarms,
            )

    def _copy(self, database: Database, network: Network, key: DataKey, compute: Compute, alarms: sns.ITopic) -> Copy:
        scope = Construct(self, f"Database-{database.name}")
        hosted = database.engine is Engine.SELF_MANAGED_POSTGRES
        upkeep = self.infrastructure.upkeep.get(database.name, USUAL)
        copy = COPIES[database.engine](
            scope,
            "Copy",
            names=self.names,
            database=database,
            region=self.region_name,
            network=network,
            key=key,
            **({"infrastructure": self.infrastructure} if hosted else {"upkeep": upkeep}),
        )
        copy.allow_from(compute.connections, "Pods to database")
        if isinstance(copy, SelfManagedCopy):
            copy.watch(alarms)
            return copy
        if upkeep.readers and isinstance(copy, DatabaseCopy | AuroraCopy):
            ReaderNames(
                scope,
                "Readers",
                names=self.names,
                database=database,
                region=self.region_name,
                copy=copy,
                upkeep=upkeep,
                told=alarms,
            )
        watched = ALARMS[database.engine]
        watched(scope, "Alarms", names=self.names, database=database, region=self.region_name, told=alarms)
        return copy
