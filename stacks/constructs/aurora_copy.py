"""One region's cluster of an Aurora global database: the first writer's where it was born, a secondary elsewhere.

As with every copy, the template says for ever what the cluster was born as. A switchover or a failover changes
who is the writer and none of these properties, so that templates and world never come apart.
"""

from typing import Any, Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import Construct

from failover.topology import Database, Names
from stacks.constructs.database_credentials import DatabaseCredentials
from stacks.constructs.network import Network
from stacks.constructs.retention import KEPT
from stacks.constructs.upkept import USUAL, accept_as_kept, audited
from topology_document.infrastructure.upkeep import UpkeepSection

PORT: Final = 5432
ENGINE: Final = "aurora-postgresql"
VERSION: Final = "17.7"
"""With its minor number: all members of a global database must have the same, or it refuses to be switched over."""

INSTANCES: Final = 2
"""A second instance in another zone, so that the loss of one zone is Aurora's own business and takes seconds."""

PARAMETERS: Final = {"rds.force_ssl": "1", "rds.logical_replication": "1"}


class AuroraCopy(Construct):
    """A DB cluster with computed identifiers; kept, and protected, whatever happens to the stack."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        database: Database,
        region: str,
        network: Network,
        key: kms.IKey,
        upkeep: UpkeepSection = USUAL,
    ) -> None:
        super().__init__(scope, id)
        self.name = database.name
        accept_as_kept(self)
        self._names, self._database, self._region, self._key = names, database, region, key
        self._upkeep = upkeep
        self._group = network.closed_security_group(self, "SecurityGroup", f"Database {database.name}")
        born_here = region == database.born_primary
        self.cluster = rds.CfnDBCluster(
            self,
            "Cluster",
            db_cluster_identifier=names.db_cluster(database.name, region),
            # By its name: in the other regions there is no such resource to refer to.
            global_cluster_identifier=names.global_database(database.name),
            db_subnet_group_name=self._subnets(network),
            db_cluster_parameter_group_name=self._parameters(),
            vpc_security_group_ids=[self._group.security_group_id],
            kms_key_id=key.key_arn,
            **_settings(upkeep, backup_hour=2 * database.regions.index(region) % 24),
            **(self._born_primary() if born_here else {"enable_global_write_forwarding": False}),
        )
        self.cluster.apply_removal_policy(KEPT)
        if born_here:
            self.cluster.add_resource_dependency(self._global_database())
        for number in range(1, INSTANCES + 1):
            self._instance(number)

    @property
    def endpoint(self) -> str:
        """``host:port`` of the writer's endpoint, and behind a comma the readers'.

        The writer's endpoint of a secondary cluster leads nowhere until the cluster is promoted, and what a
        replica has received must be known before.
        """
        return f"{self.cluster.attr_endpoint_address}:{PORT},{self.cluster.attr_read_endpoint_address}:{PORT}"

    @property
    def read_host(self) -> str:
        """The host at which this copy is read."""
        return self.cluster.attr_read_endpoint_address

    def allow_from(self, peer: ec2.IConnectable, description: str) -> None:
        """Let a security group reach the database; nothing else can."""
        self._group.connections.allow_from(peer, ec2.Port.tcp(PORT), description)

    def _global_database(self) -> rds.CfnGlobalCluster:
        whole = rds.CfnGlobalCluster(
            self,
            "Global",
            global_cluster_identifier=self._names.global_database(self.name),
            engine=ENGINE,
            engine_version=VERSION,
            storage_encrypted=True,
            deletion_protection=True,
        )
        whole.apply_removal_policy(KEPT)
        return whole

    def _born_primary(self) -> dict[str, Any]:
        """Return what only the first cluster says: a secondary takes each of these from the writer."""
        owner = DatabaseCredentials(self, "Credentials", names=self._names, database=self._database).owner
        return {
            "database_name": self.name.replace("-", "_"),
            "master_username": owner.secret_value_from_json("username").unsafe_unwrap(),
            "master_user_password": owner.secret_value_from_json("password").unsafe_unwrap(),
        }

    def _instance(self, number: int) -> None:
        instance = rds.CfnDBInstance(
            self,
            f"Instance{number}",
            db_instance_identifier=self._names.db_cluster_instance(self.name, self._region, number),
            db_cluster_identifier=self.cluster.ref,
            db_instance_class=self._database.instance_class,
            engine=ENGINE,
            promotion_tier=number - 1,
            publicly_accessible=False,
            auto_minor_version_upgrade=False,
            ca_certificate_identifier="rds-ca-rsa2048-g1",
            enable_performance_insights=True,
            performance_insights_retention_period=self._upkeep.insights_days,
            performance_insights_kms_key_id=self._key.key_arn,
        )
        instance.apply_removal_policy(KEPT)

    def _subnets(self, network: Network) -> str:
        return rds.CfnDBSubnetGroup(
            self,
            "Subnets",
            db_subnet_group_description=f"Lifeboat {self._names.topology.name}: isolated subnets",
            subnet_ids=network.isolated_subnets(),
        ).ref

    def _parameters(self) -> str:
        return rds.CfnDBClusterParameterGroup(
            self,
            "Parameters",
            family=f"{ENGINE}{VERSION.partition('.')[0]}",
            description=f"Lifeboat {self._names.topology.name}: {self.name}",
            parameters={**PARAMETERS, **audited(self._upkeep)},
        ).ref


def _settings(upkeep: UpkeepSection, *, backup_hour: int) -> dict[str, Any]:
    """Return what every cluster has, so that a promoted one lacks nothing that the first had."""
    return {
        "engine": ENGINE,
        "engine_version": VERSION,
        "port": PORT,
        "storage_encrypted": True,
        "deletion_protection": True,
        "delete_automated_backups": False,
        "backup_retention_period": upkeep.recovery_days,
        "preferred_backup_window": f"{backup_hour:02}:00-{backup_hour:02}:30",
        "copy_tags_to_snapshot": True,
        "enable_cloudwatch_logs_exports": ["postgresql"],
    }
