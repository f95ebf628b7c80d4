"""A region's copies of the caches."""

from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct, IConstruct

from failover.topology import Cache as Declared
from failover.topology import CacheTier, Names
from stacks.acceptance import accept
from stacks.constructs.network import Network
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.caching import CacheUpkeepSection

PORT = 6379
ENGINE = {"engine": "valkey", "engine_version": "8.0"}
FAMILY = "valkey8"
USUAL: Final = CacheUpkeepSection()


class Cache(Construct):
    """A Valkey replication group over the zones of the region; encrypted, and with a password.

    A regional cache is on its own, and so is one with a copy at a neighbour (``NeighbourCopy``), but for the datastore
    that the copy joins. A global one was born in one region, whose group became the first primary of a
    global datastore; the others join it by its computed id and take engine, node type and encryption from it, as
    ElastiCache wants it. Which of them is the primary now is no template's business.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        cache: Declared,
        region: str,
        network: Network,
        key: kms.IKey,
        readers: ec2.Connections,
        upkeep: CacheUpkeepSection = USUAL,
    ) -> None:
        super().__init__(scope, id)
        self._names, self._cache, self._key, self._upkeep = names, cache, key, upkeep
        security = network.closed_security_group(self, "SecurityGroup", "Cache: pods of this region")
        security.connections.allow_from(readers, ec2.Port.tcp(PORT), "Pods to cache")
        subnets = elasticache.CfnSubnetGroup(
            self,
            "Subnets",
            description=f"Lifeboat {names.topology.name}: isolated subnets",
            subnet_ids=network.isolated_subnets(),
        )
        born_here = cache.tier is CacheTier.REGIONAL or region == cache.born_primary
        accept_as_cached(self, joins=not born_here)
        group = elasticache.CfnReplicationGroup(
            self,
            "Group",
            replication_group_id=names.cache_group(cache.name),
            replication_group_description=f"Lifeboat {names.topology.name}: {cache.name}",
            num_cache_clusters=upkeep.nodes,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            port=PORT,
            cache_subnet_group_name=subnets.ref,
            security_group_ids=[security.security_group_id],
            kms_key_id=key.key_arn,
            snapshot_retention_limit=1,
            auth_token=self._password(born_here=born_here).secret_value.unsafe_unwrap(),
            **(self._of_its_own() if born_here else self._joining()),
        )
        if cache.tier is CacheTier.REGIONAL:
            # What is in it can be computed again, and no snapshot of it is wanted when a region is given up.
            group.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
            return
        # A member cannot be deleted before it is taken out of its datastore, which is a person's to do.
        group.apply_removal_policy(KEPT)
        if born_here:
            self._datastore(group, region)

    def _of_its_own(self) -> dict[str, Any]:
        return {
            **ENGINE,
            "cache_node_type": self._cache.node_type,
            "at_rest_encryption_enabled": True,
            "transit_encryption_enabled": True,
            "transit_encryption_mode": "required",
            "cache_parameter_group_name": self._parameters(),
        }

    def _parameters(self) -> str | None:
        if self._upkeep.eviction is None:
            return None
        return elasticache.CfnParameterGroup(
            self,
            "Parameters",
            cache_parameter_group_family=FAMILY,
            description=f"Lifeboat {self._names.topology.name}: {self._cache.name}",
            properties={"maxmemory-policy": self._upkeep.eviction.value},
        ).ref

    def _joining(self) -> dict[str, Any]:
        return {"global_replication_group_id": self._names.global_cache(self._cache.name)}

    def _password(self, *, born_here: bool) -> secretsmanager.ISecret:
        name = self._names.cache_secret(self._cache.name)
        if not born_here:
            return secretsmanager.Secret.from_secret_name_v2(self, "Password", name)
        copies = () if self._cache.tier is CacheTier.REGIONAL else self._cache.replicas
        return secretsmanager.Secret(
            self,
            "Password",
            secret_name=name,
            encryption_key=self._key,
            replica_regions=[secretsmanager.ReplicaRegion(region=region) for region in copies],
            generate_secret_string=secretsmanager.SecretStringGenerator(exclude_punctuation=True, password_length=48),
            removal_policy=KEPT,
        )

    def _datastore(self, group: elasticache.CfnReplicationGroup, region: str) -> None:
        """The members that join are not named here: what CloudFormation does not know it cannot turn back."""
        datastore = elasticache.CfnGlobalReplicationGroup(
            self,
            "Datastore",
            global_replication_group_id_suffix=self._names.cache_group(self._cache.name),
            global_replication_group_description=f"Lifeboat {self._names.topology.name}: {self._cache.name}",
            members=[
                elasticache.CfnGlobalReplicationGroup.GlobalReplicationGroupMemberProperty(
                    replication_group_id=group.ref, replication_group_region=region, role="PRIMARY"
                )
            ],
        )
        datastore.apply_removal_policy(KEPT)


def accept_as_cached(copy: IConstruct, *, joins: bool) -> None:
    """Say why a copy of a cache is as it is."""
    again = "what is in it can be computed again"
    accept(copy, again, "NIST.800.53.R5-ElastiCacheRedisClusterAutomaticBackup")
    accept(copy, "its security group lets in whom it knows", "AwsSolutions-AEC5")
    by_hand = "a cache takes the new password beside the old one, then alone: a person does both, when clients have it"
    accept(copy, by_hand, "AwsSolutions-SMG4", "NIST.800.53.R5-SecretsManagerRotationEnabled")
    if joins:
        inherited = "a member takes encryption from its datastore, and is refused when it says so itself"
        accept(copy, inherited, "AwsSolutions-AEC3", "CKV_AWS_29", "CKV_AWS_30", "CKV_AWS_31")
