"""A region's cache."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from failover.topology import Names
from stacks.constructs.network import Network

PORT = 6379


class Cache(Construct):
    """A Valkey replication group over the zones of the region; encrypted, and with a password."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        network: Network,
        key: kms.IKey,
        readers: ec2.Connections,
    ) -> None:
        super().__init__(scope, id)
        group = network.closed_security_group(self, "SecurityGroup", "Cache: pods of this region")
        group.connections.allow_from(readers, ec2.Port.tcp(PORT), "Pods to cache")
        secret = secretsmanager.Secret(
            self,
            "Password",
            secret_name=names.cache_secret,
            encryption_key=key,
            generate_secret_string=secretsmanager.SecretStringGenerator(exclude_punctuation=True, password_length=48),
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        subnets = elasticache.CfnSubnetGroup(
            self,
            "Subnets",
            description=f"Lifeboat {names.topology.name}: isolated subnets",
            subnet_ids=network.isolated_subnets(),
        )
        cache = elasticache.CfnReplicationGroup(
            self,
            "Group",
            replication_group_id=f"{names.topology.name}-cache",
            replication_group_description=f"Lifeboat {names.topology.name}: cache",
            engine="valkey",
            engine_version="8.0",
            cache_node_type="cache.t4g.small",
            num_cache_clusters=3,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            port=PORT,
            cache_subnet_group_name=subnets.ref,
            security_group_ids=[group.security_group_id],
            at_rest_encryption_enabled=True,
            kms_key_id=key.key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            auth_token=secret.secret_value.unsafe_unwrap(),
            snapshot_retention_limit=1,
        )
        # What is in it can be computed again, and no snapshot of it is wanted when a region is given up.
        cache.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
