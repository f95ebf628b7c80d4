"""AWS::RDS::DBInstance: CloudFormation's resource, bound to servers as the API's instances are."""

from typing import Any

from ministack.core.responses import get_region
from ministack.services import rds as ministack_rds
from ministack.services.cloudformation import provisioners

from twin.aws.rds import records, replicas
from twin.aws.rds.actions import refuse_unemulated
from twin.aws.rds.api import ApiError
from twin.aws.rds.clusters import records as clusters
from twin.aws.rds.instances import Instances
from twin.aws.rds.promotion import Backups, InvalidStateError, Promotions
from twin.aws.rds.records import Record
from twin.postgres import PostgresError

TYPE = "AWS::RDS::DBInstance"
PROMOTION_LIMIT_SECONDS = 120.0
Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]


class Provisioner:
    """Creates, updates and deletes; what it raises fails the stack with its message."""

    def __init__(self, instances: Instances, promotions: Promotions) -> None:
        self._instances = instances
        self._promotions = promotions
        self._create = provisioners._rds_db_instance_create
        self._update = provisioners._rds_db_instance_update
        self._delete = provisioners._rds_db_instance_delete

    def create(self, logical_id: str, properties: Properties, stack: str) -> Created:
        """Start an instance, or with SourceDBInstanceIdentifier a replica, and wait for it."""
        if properties.get("DBClusterIdentifier"):
            return self._create_member(logical_id, properties, stack)
        source = self._source(properties)
        if source is not None:
            properties = {**properties, **replicas.inherited(source), "MasterUserPassword": "inherited"}
        try:
            refuse_unemulated(properties)
        except ApiError as exc:
            raise _failed("create", exc) from exc
        identifier = properties.get("DBInstanceIdentifier")
        if identifier and records.find(get_region(), identifier) is not None:
            raise _failed("create", ValueError(f"DBInstanceAlreadyExists: {identifier} already exists"))
        identifier, _ = self._create(logical_id, properties, stack)
        record: Record = ministack_rds._instances[identifier]
        record["Endpoint"] = records.endpoint_of(get_region(), identifier)
        if source is not None:
            record["BackupRetentionPeriod"] = int(properties.get("BackupRetentionPeriod", 0))
            record["_MasterUserPassword"] = source["_MasterUserPassword"]
            records.link(source, record)
        record["DBInstanceStatus"] = "creating"
        try:
            self._instances.create(record)
        except (PostgresError, KeyError, ValueError) as exc:
            records.unlink(record)
            self._delete(identifier, properties)
            raise _failed("create", exc) from exc
        record["DBInstanceStatus"] = "available"
        return identifier, provisioners._rds_db_instance_attrs(record)

    def update(
        self, identifier: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
    ) -> Created:
        """Update in place; SourceDBInstanceIdentifier taken out promotes, put in or changed replaces."""
        record = records.find(get_region(), identifier)
        if record is not None and old.get("SourceDBInstanceIdentifier"):
            if not new.get("SourceDBInstanceIdentifier"):
                self._promote(record)
            # What a replica's template leaves out is its source's, not MiniStack's default.
            old, new = ({**replicas.inherited(record), **properties} for properties in (old, new))
        before = record["_MasterUserPassword"] if record is not None else None
        created: Created = self._update(identifier, old, new, stack, logical_id)
        if record is not None and created[0] == identifier and record["_MasterUserPassword"] != before:
            self._instances.change_password(record)
        return created

    def delete(self, identifier: str, properties: Properties) -> None:
        """Delete the record and its server; refused under deletion protection."""
        record = records.find(get_region(), identifier)
        if record is None:
            return
        if record.get("DeletionProtection"):
            raise _failed(
                "delete", ValueError(f"InvalidParameterCombination: {identifier} has deletion protection enabled")
            )
        self._delete(identifier, properties)
        self._instances.remove(record)
        records.unlink(record)

    def _create_member(self, logical_id: str, properties: Properties, stack: str) -> Created:
        """Record an instance of a cluster: it has no server of its own."""
        region, name = get_region(), str(properties["DBClusterIdentifier"])
        cluster = clusters.find(region, name)
        if cluster is None:
            raise _failed("create", ValueError(f"DBClusterNotFoundFault: there is no cluster {name} in {region}"))
        identifier, _ = self._create(logical_id, properties, stack)
        record: Record = ministack_rds._instances[identifier]
        record["Endpoint"] = records.endpoint_of(region, identifier)
        whole = clusters.global_of(cluster)
        writer = clusters.writer_of(whole) if whole is not None else cluster
        for number, told in enumerate(cluster["DBClusterMembers"]):
            told["IsClusterWriter"] = cluster is writer and number == 0
        return identifier, provisioners._rds_db_instance_attrs(record)

    def _source(self, properties: Properties) -> Record | None:
        reference = properties.get("SourceDBInstanceIdentifier")
        if not reference:
            return None
        source = records.resolve(reference, get_region())
        if source is None:
            raise _failed("create", ValueError(f"DBInstanceNotFound: the source {reference} does not exist"))
        if problem := replicas.problem(source):
            raise _failed("create", ValueError(f"InvalidDBInstanceState: {problem}"))
        return source

    def _promote(self, record: Record) -> None:
        if not records.is_replica(record):
            return  # It was promoted outside CloudFormation already.
        try:
            # The template's days go on.
            promotion = self._promotions.accept(record, Backups(max(1, int(record["BackupRetentionPeriod"]))))
        except InvalidStateError as exc:
            raise _failed("update", exc) from exc
        promotion.join(PROMOTION_LIMIT_SECONDS)
        if promotion.is_alive() or records.is_replica(record):
            raise _failed("update", TimeoutError(f"the promotion did not end within {PROMOTION_LIMIT_SECONDS:.0f} s"))


def replaces(old: Properties, new: Properties) -> bool:
    """Whether a changed source replaces the instance: put in or changed, yes; taken out, no (it promotes)."""
    source = new.get("SourceDBInstanceIdentifier")
    return bool(source) and source != old.get("SourceDBInstanceIdentifier")


def _failed(action: str, cause: Exception) -> ValueError:
    return ValueError(f"{TYPE} {action} failed: {cause}")
