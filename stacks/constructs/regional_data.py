"""A region's caches and copies of databases, each in the scope of its stack, where its logical id has ever been."""

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Cache as DeclaredCache
from failover.topology import CacheTier, Database, Engine, Names, caches_of
from stacks.constructs.aurora_copy import AuroraCopy
from stacks.constructs.cache import USUAL as USUAL_CACHE
from stacks.constructs.cache import Cache
from stacks.constructs.cache_lag import CacheLag
from stacks.constructs.data_key import DataKey
from stacks.constructs.database_copy import DatabaseCopy
from stacks.constructs.engines import ALARMS, COPIES, Copy
from stacks.constructs.neighbour_copy import NeighbourPlace
from stacks.constructs.network import Network
from stacks.constructs.reader_names import ReaderNames
from stacks.constructs.self_managed_copy import SelfManagedCopy
from stacks.constructs.upkept import USUAL
from topology_document import Infrastructure


@dataclass(frozen=True, slots=True)
class RegionalData:
    """What is built of a topology's caches and databases in one region, for the pods that read them."""

    names: Names
    region: str
    infrastructure: Infrastructure
    network: Network
    key: DataKey
    readers: ec2.Connections
    told: sns.ITopic

    def caches(self, scope: Construct) -> None:
        """Build the region's own caches and members of global ones, and room for what it has of its neighbours'."""
        topology = self.names.topology
        others = [each for each in topology.caches if each.tier is CacheTier.NEIGHBOUR and self.region in each.replicas]
        if others:
            NeighbourPlace(
                scope, "Neighbours", names=self.names, network=self.network, key=self.key, readers=self.readers
            )
        for cache in caches_of(topology):
            if self.region in cache.regions and cache not in others:
                self._cache(scope, cache)

    def copies(self, scope: Construct) -> list[Copy]:
        """Build the region's copy of each database that it holds."""
        held = [each for each in self.names.topology.databases if self.region in each.regions]
        return [self._copy(Construct(scope, f"Database-{each.name}"), each) for each in held]

    def _cache(self, scope: Construct, cache: DeclaredCache) -> None:
        upkeep = self.infrastructure.cache_upkeep.get(cache.declared, USUAL_CACHE)
        Cache(
            scope,
            f"Cache-{cache.name}",
            names=self.names,
            cache=cache,
            region=self.region,
            network=self.network,
            key=self.key,
            readers=self.readers,
            upkeep=upkeep,
        )
        if upkeep.sync_seconds is not None and cache.tier is CacheTier.GLOBAL:
            CacheLag(
                scope,
                f"CacheLag-{cache.name}",
                names=self.names,
                cache=cache,
                nodes=upkeep.nodes,
                sync_seconds=upkeep.sync_seconds,
                told=self.told,
            )

    def _copy(self, scope: Construct, database: Database) -> Copy:
        hosted = database.engine is Engine.SELF_MANAGED_POSTGRES
        upkeep = self.infrastructure.upkeep.get(database.name, USUAL)
        copy = COPIES[database.engine](
            scope,
            "Copy",
            names=self.names,
            database=database,
            region=self.region,
            network=self.network,
            key=self.key,
            **({"infrastructure": self.infrastructure} if hosted else {"upkeep": upkeep}),
        )
        copy.allow_from(self.readers, "Pods to database")
        if isinstance(copy, SelfManagedCopy):
            copy.watch(self.told)
            return copy
        if upkeep.readers and isinstance(copy, DatabaseCopy | AuroraCopy):
            ReaderNames(
                scope,
                "Readers",
                names=self.names,
                database=database,
                region=self.region,
                copy=copy,
                upkeep=upkeep,
                told=self.told,
            )
        watched = ALARMS[database.engine]
        watched(scope, "Alarms", names=self.names, database=database, region=self.region, told=self.told)
        return copy
