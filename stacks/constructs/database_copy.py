"""One region's copy of a database: the primary where it was born, a cross-region replica elsewhere.

Who is the writer now is a fact of the quorum store and never of a template. Taking the source out of a
template promotes a replica, and putting it in replaces an instance, so the template says for ever what each
copy was born as.
"""

from typing import Any, Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import Construct

from failover.topology import Database, Names
from stacks.acceptance import accept
from stacks.constructs.database_credentials import DatabaseCredentials
from stacks.constructs.network import Network
from stacks.constructs.retention import KEPT
from stacks.constructs.upkept import USUAL, accept_as_kept, audited
from topology_document.infrastructure.upkeep import UpkeepSection

PORT: Final = 5432
MAJOR_VERSION: Final = "18"
"""The major version alone: RDS takes its newest minor one, and a template with a minor version is refused a
year later, when that one is deprecated."""

PARAMETERS: Final = {
    "rds.force_ssl": "1",
    "rds.logical_replication": "1",
    # Milliseconds. At the default of 5 s a replica that lost its source may sit out the rest of that wait
    # before it can be promoted.
    "wal_retrieve_retry_interval": "500",
}

TAIL_SHARE: Final = 10
"""A tenth of the storage, in MB, is what WAL may be held for a replica that is away: then its tail is given up,
rather than the disk filled. RDS's default is no limit."""


class DatabaseCopy(Construct):
    """An RDS instance with a computed identifier; kept, and protected, whatever happens to the stack."""

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
        self._group = network.closed_security_group(self, "SecurityGroup", f"Database {database.name}")
        place: dict[str, Any] = {
            "db_subnet_group_name": self._subnets(names, network),
            "db_parameter_group_name": self._parameters(names, database, upkeep),
            "vpc_security_groups": [self._group.security_group_id],
            "kms_key_id": key.key_arn,
            "performance_insights_kms_key_id": key.key_arn,
        }
        if region == database.born_primary:
            credentials = DatabaseCredentials(self, "Credentials", names=names, database=database)
            born: dict[str, Any] = _born_primary(database, credentials)
        else:
            born = {"source_db_instance_identifier": names.db_instance_arn(database.name, database.born_primary)}
            inherited = "a replica is encrypted as its source is, under the key that is named here, and may not say so"
            accept(self, inherited, "AwsSolutions-RDS2", "NIST.800.53.R5-RDSStorageEncrypted", "CKV_AWS_16")
        self.instance = rds.CfnDBInstance(
            self,
            "Instance",
            db_instance_identifier=names.db_instance(database.name, region),
            **_settings(database, upkeep, backup_hour=2 * database.regions.index(region) % 24),
            **place,
            **born,
        )
        self.instance.apply_removal_policy(KEPT)

    @property
    def endpoint(self) -> str:
        """``host:port`` of this copy."""
        return f"{self.instance.attr_endpoint_address}:{PORT}"

    @property
    def read_host(self) -> str:
        """The host at which this copy is read."""
        return self.instance.attr_endpoint_address

    def allow_from(self, peer: ec2.IConnectable, description: str) -> None:
        """Let a security group reach the database; nothing else can."""
        self._group.connections.allow_from(peer, ec2.Port.tcp(PORT), description)

    def _subnets(self, names: Names, network: Network) -> str:
        return rds.CfnDBSubnetGroup(
            self,
            "Subnets",
            db_subnet_group_description=f"Lifeboat {names.topology.name}: isolated subnets",
            subnet_ids=network.isolated_subnets(),
        ).ref

    def _parameters(self, names: Names, database: Database, upkeep: UpkeepSection) -> str:
        return rds.CfnDBParameterGroup(
            self,
            "Parameters",
            family=f"postgres{MAJOR_VERSION}",
            description=f"Lifeboat {names.topology.name}: {database.name}",
            parameters={
                **PARAMETERS,
                "max_slot_wal_keep_size": str(database.storage_gib * 1024 // TAIL_SHARE),
                **audited(upkeep),
            },
        ).ref


def _settings(database: Database, upkeep: UpkeepSection, *, backup_hour: int) -> dict[str, Any]:
    """Return what every copy has, so that a promoted one lacks nothing that the primary had."""
    return {
        "db_instance_class": database.instance_class,
        "multi_az": True,
        "storage_type": "gp3",
        "publicly_accessible": False,
        "deletion_protection": True,
        "delete_automated_backups": False,
        "backup_retention_period": upkeep.recovery_days,
        # RDS refuses to promote a copy in ``backing-up``: the copies must not be in it together.
        "preferred_backup_window": f"{backup_hour:02}:00-{backup_hour:02}:30",
        "copy_tags_to_snapshot": True,
        "auto_minor_version_upgrade": True,
        "ca_certificate_identifier": "rds-ca-rsa2048-g1",
        "enable_performance_insights": True,
        "performance_insights_retention_period": upkeep.insights_days,
        "enable_cloudwatch_logs_exports": ["postgresql", "upgrade"],
        "max_allocated_storage": upkeep.most_storage_gib,
    }


def _born_primary(database: Database, credentials: DatabaseCredentials) -> dict[str, Any]:
    """Return what only the first copy says: a replica takes each of these from its source, and is refused some."""
    owner = credentials.owner
    return {
        "engine": "postgres",
        "engine_version": MAJOR_VERSION,
        "db_name": database.name.replace("-", "_"),
        "allocated_storage": str(database.storage_gib),
        "storage_encrypted": True,
        "master_username": owner.secret_value_from_json("username").unsafe_unwrap(),
        "master_user_password": owner.secret_value_from_json("password").unsafe_unwrap(),
    }
