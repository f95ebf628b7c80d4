"""A region's copy of its neighbour's cache: what it needs of the network first, the copy when all datastores are there.

Two regions are each other's neighbours, so that neither's stack can hold the other's copy: each would have to come
first. What the copy needs of its own region's network goes from stack to stack by parameters of that region.
"""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from failover.topology import Cache, Names
from stacks.constructs.cache import PORT, accept_as_cached
from stacks.constructs.network import Network
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.caching import CacheUpkeepSection


class NeighbourPlace(Construct):
    """In the regional stack: where a neighbour's copies stand, who may read them, and the key that they are under."""

    def __init__(
        self, scope: Construct, id: str, *, names: Names, network: Network, key: kms.IKey, readers: ec2.Connections
    ) -> None:
        super().__init__(scope, id)
        security = network.closed_security_group(self, "SecurityGroup", "Copies of caches: pods of this region")
        security.connections.allow_from(readers, ec2.Port.tcp(PORT), "Pods to copies of caches")
        elasticache.CfnSubnetGroup(
            self,
            "Subnets",
            cache_subnet_group_name=subnet_group(names),
            description=f"Lifeboat {names.topology.name}: copies of other regions' caches",
            subnet_ids=network.isolated_subnets(),
        )
        for what, value in (("security-group", security.security_group_id), ("key", key.key_arn)):
            ssm.StringParameter(self, what, parameter_name=parameter(names, what), string_value=value)


class NeighbourCopy(Construct):
    """A member of the datastore that another region's cache is the primary of; it is read, and never written."""

    def __init__(self, scope: Construct, id: str, *, names: Names, cache: Cache, upkeep: CacheUpkeepSection) -> None:
        super().__init__(scope, id)
        accept_as_cached(self, joins=True)
        told = ssm.StringParameter.value_for_string_parameter
        password = secretsmanager.Secret.from_secret_name_v2(self, "Password", names.cache_secret(cache.name))
        group = elasticache.CfnReplicationGroup(
            self,
            "Group",
            replication_group_id=names.cache_group(cache.name),
            replication_group_description=f"Lifeboat {names.topology.name}: {cache.declared} of {cache.born_primary}",
            global_replication_group_id=names.global_cache(cache.name),
            num_cache_clusters=upkeep.nodes,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            port=PORT,
            cache_subnet_group_name=subnet_group(names),
            security_group_ids=[told(self, parameter(names, "security-group"))],
            kms_key_id=told(self, parameter(names, "key")),
            snapshot_retention_limit=1,
            auth_token=password.secret_value.unsafe_unwrap(),
        )
        # A member cannot be deleted before it is taken out of its datastore, which is a person's to do.
        group.apply_removal_policy(KEPT)


def subnet_group(names: Names) -> str:
    """Return the subnet group of a region in which copies of other regions' caches stand."""
    return f"{names.topology.name}-neighbours"


def parameter(names: Names, what: str) -> str:
    """Return the parameter of a region that says where such copies stand."""
    return f"/lifeboat/{names.topology.name}/caches/{what}"
