"""AWS::RDS::GlobalCluster and AWS::RDS::DBCluster: CloudFormation's resources, bound to servers as the API's are."""

from typing import Any, Final

from ministack.core.responses import get_region
from ministack.services import rds as ministack_rds
from ministack.services.cloudformation import provisioners

from twin.aws.cloudformation.resource import Made, Properties, ProvisioningError, ResourceType, accepted
from twin.aws.rds.clusters import records
from twin.aws.rds.clusters.seats import Seats
from twin.postgres import PostgresError

GLOBAL: Final = "AWS::RDS::GlobalCluster"
CLUSTER: Final = "AWS::RDS::DBCluster"
ENGINE: Final = "aurora-postgresql"
PASSED_ON: Final = (
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DBClusterIdentifier",
    "DBClusterParameterGroupName",
    "DBSubnetGroupName",
    "DatabaseName",
    "DeletionProtection",
    "Engine",
    "EngineVersion",
    "GlobalClusterIdentifier",
    "KmsKeyId",
    "MasterUserPassword",
    "MasterUsername",
    "Port",
    "PreferredBackupWindow",
    "StorageEncrypted",
)
"""The properties of a cluster that are parameters of CreateDBCluster under the same name."""


class ClusterProvisioner:
    """Creates, updates and deletes; what it raises fails the stack with its message."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats

    def types(self) -> dict[str, dict[str, Any]]:
        """Entries of MiniStack's table."""
        replaced = frozenset({"GlobalClusterIdentifier", "SourceDBClusterIdentifier", "StorageEncrypted", "Engine"})
        whole = ResourceType(GLOBAL, _create_global, _delete_global, _change_global, replaced)
        cluster = {
            "create": self.create,
            "update": provisioners._rds_db_cluster_update,
            "update_with_logical_id": True,
            "delete": self.delete,
        }
        return {GLOBAL: whole.handlers(), CLUSTER: cluster}

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> Made:
        """Start a cluster's server and wait for it."""
        if properties.get("Engine") != ENGINE or not properties.get("DBClusterIdentifier"):
            raise ProvisioningError(
                f"{CLUSTER}: Engine {properties.get('Engine')!r}, DBClusterIdentifier "
                f"{properties.get('DBClusterIdentifier')!r}: only named clusters of {ENGINE} are emulated"
            )
        asked = {name: _parameter(properties[name]) for name in PASSED_ON if name in properties}
        accepted(CLUSTER, ministack_rds._create_db_cluster(asked))
        identifier = str(properties["DBClusterIdentifier"])
        cluster = records.find(get_region(), identifier)
        assert cluster is not None
        try:
            self._seats.create(cluster)
        except (PostgresError, KeyError, ValueError) as exc:
            _forget(cluster)
            raise ProvisioningError(f"{CLUSTER} {identifier}: {exc}") from exc
        return identifier, provisioners._rds_db_cluster_attrs(cluster)

    def delete(self, identifier: str, _properties: Properties) -> None:
        """Delete the record and its server; refused under deletion protection and in a global database."""
        if records.find(get_region(), identifier) is None:
            return
        told = {"DBClusterIdentifier": identifier, "SkipFinalSnapshot": "true"}
        accepted(CLUSTER, ministack_rds._delete_db_cluster(told))
        self._seats.remove(get_region(), identifier)


def _create_global(_logical_id: str, properties: Properties, _stack: str) -> Made:
    asked = {name: _parameter(value) for name, value in properties.items() if name != "Tags"}
    accepted(GLOBAL, ministack_rds._create_global_cluster(asked))
    return str(properties["GlobalClusterIdentifier"]), {}


def _change_global(identifier: str, properties: Properties) -> Made:
    asked = {
        "GlobalClusterIdentifier": identifier,
        "DeletionProtection": _parameter(properties.get("DeletionProtection", False)),
    }
    accepted(GLOBAL, ministack_rds._modify_global_cluster(asked))
    return identifier, {}


def _delete_global(identifier: str, _properties: Properties) -> None:
    if records.find_global(identifier) is not None:
        accepted(GLOBAL, ministack_rds._delete_global_cluster({"GlobalClusterIdentifier": identifier}))


def _forget(cluster: records.Cluster) -> None:
    whole = records.global_of(cluster)
    if whole is not None:
        whole["GlobalClusterMembers"] = [
            each for each in whole["GlobalClusterMembers"] if each["DBClusterArn"] != cluster["DBClusterArn"]
        ]
    ministack_rds._clusters.pop(cluster["DBClusterIdentifier"], None)


def _parameter(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else str(value)
