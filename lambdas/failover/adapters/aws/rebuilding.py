"""Rebuilding a copy on RDS for PostgreSQL, which neither rewinds nor turns an instance into a replica.

The old instance is renamed and kept; a new replica of the writer takes its name, and thereby its address. RDS's user
guide says so of renaming: the new name has its own endpoint, and the old name is free again.
"""

from typing import Any, Final

from failover.adapters.aws import backups
from failover.adapters.aws.clients import client, code_of
from failover.errors import ReplicaNotReadyError
from failover.topology import Names

NOT_FOUND: Final = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
TAKEN_OVER: Final = {
    "DBInstanceClass": "DBInstanceClass",
    "KmsKeyId": "KmsKeyId",
    "MultiAZ": "MultiAZ",
    "StorageType": "StorageType",
    "AutoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "CopyTagsToSnapshot": "CopyTagsToSnapshot",
    "PubliclyAccessible": "PubliclyAccessible",
    "PerformanceInsightsEnabled": "EnablePerformanceInsights",
    "PerformanceInsightsKMSKeyId": "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
    "EnabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "CACertificateIdentifier": "CACertificateIdentifier",
}
"""What the new replica has from the old instance: as it is described → as it is asked for."""
RESERVED_TAGS: Final = ("aws:", "rds:")
"""How the keys begin that RDS describes, CloudFormation's among them, and takes from nobody (RDS API: ``Tag``)."""


def rebuild(names: Names, database: str, region: str, writer: str, epoch: int) -> None:
    """Do the next thing that is left to do: rename the old instance, or create the replica.

    Raises:
        ReplicaNotReadyError: something of it is under way, or refused for now; call again.
    """
    instance, source = names.db_instance(database, region), names.db_instance_arn(database, writer)
    kept = names.db_instance_before(database, region, epoch)
    found = _described(region, instance)
    if found is None:
        old = _described(region, kept)
        if old is None:
            raise ReplicaNotReadyError(f"RDS in {region} knows neither {instance} nor {kept}; is one being renamed?")
        _create(region, instance, source, writer, old)
        return
    if found.get("ReadReplicaSourceDBInstanceIdentifier") == source:
        return
    status = found["DBInstanceStatus"]
    if status != "available":
        raise ReplicaNotReadyError(
            f"{instance} in {region} is in status {status!r}; it is renamed when it is 'available'"
        )
    _ask(region, "modify_db_instance", DBInstanceIdentifier=instance, NewDBInstanceIdentifier=kept)
    raise ReplicaNotReadyError(f"{instance} in {region} is being renamed to {kept}")


def _create(region: str, instance: str, source: str, writer: str, old: dict[str, Any]) -> None:
    """As the old one was, in the same network and with the same parameters."""
    asked: dict[str, Any] = {wanted: old[told] for told, wanted in TAKEN_OVER.items() if old.get(told) is not None}
    if subnets := old.get("DBSubnetGroup", {}).get("DBSubnetGroupName"):
        asked["DBSubnetGroupName"] = subnets
    if parameters := old.get("DBParameterGroups"):
        asked["DBParameterGroupName"] = parameters[0]["DBParameterGroupName"]
    if groups := old.get("VpcSecurityGroups"):
        asked["VpcSecurityGroupIds"] = [each["VpcSecurityGroupId"] for each in groups]
    # boto3 signs for the source's region when it is told: an encrypted replica's source is asked there.
    across: dict[str, Any] = {} if writer == region else {"SourceRegion": writer}
    _ask(
        region,
        "create_db_instance_read_replica",
        DBInstanceIdentifier=instance,
        SourceDBInstanceIdentifier=source,
        DeletionProtection=True,
        Tags=_tags(old),
        **asked,
        **across,
    )


def _tags(old: dict[str, Any]) -> list[dict[str, str]]:
    theirs = [tag for tag in old.get("TagList", []) if not tag["Key"].lower().startswith(RESERVED_TAGS)]
    return [*(tag for tag in theirs if tag["Key"] != backups.DAYS_TAG), backups.tagged(old)]


def _described(region: str, instance: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client("rds", region).describe_db_instances(DBInstanceIdentifier=instance)[
            "DBInstances"
        ][0]
    except Exception as exc:
        if code_of(exc) in NOT_FOUND:
            return None
        raise ReplicaNotReadyError(f"RDS in {region} does not describe {instance}: {code_of(exc)}") from exc
    return found


def _ask(region: str, action: str, **asked: Any) -> None:
    """An answer that was lost may have been a yes: the next call looks."""
    if action == "modify_db_instance":
        asked["ApplyImmediately"] = True
    try:
        getattr(client("rds", region), action)(**asked)
    except Exception as exc:
        raise ReplicaNotReadyError(
            f"RDS in {region} does not accept {action} of {asked['DBInstanceIdentifier']} now: {exc}"
        ) from exc
