"""What a new read replica has from its source, and when RDS lets one be made."""

import time
import uuid
from typing import Any

from ministack.services import rds as ministack_rds

from twin.aws.rds import records
from twin.aws.rds.records import Record

# A replica is its source's copy: these cannot be chosen for it.
INHERITED = ("Engine", "EngineVersion", "AllocatedStorage", "MasterUsername", "DBName")


def problem(source: Record) -> str | None:
    """Say why no replica can be made of an instance now (InvalidDBInstanceState), or None."""
    identifier = records.identifier_of(source)
    if source["DBInstanceStatus"] != "available":
        return f"DB instance {identifier} is in status {source['DBInstanceStatus']}; it must be available."
    if int(source.get("BackupRetentionPeriod", 0)) == 0:
        return (
            f"Automated backups are not enabled for DB instance {identifier}; "
            "set its backup retention period to a value over 0."
        )
    return None


def inherited(source: Record) -> dict[str, Any]:
    """The properties that a replica takes from its source."""
    return {name: source[name] for name in INHERITED}


def replica_record(source: Record, identifier: str, region: str, chosen: dict[str, Any]) -> Record:
    """Return the record of a new replica, without its server, and not yet among MiniStack's.

    Args:
        source: the source's record.
        identifier: the replica's.
        region: the replica's.
        chosen: fields that the caller chose. RDS gives a new replica no backups of its own; they can be
            turned on by a modification, or by a template.
    """
    return {
        **source,
        "BackupRetentionPeriod": 0,
        "DeletionProtection": False,
        "MultiAZ": False,
        "TagList": [],
        **chosen,
        "DBInstanceIdentifier": identifier,
        "DBInstanceArn": f"arn:aws:rds:{region}:{records.account_of(source)}:db:{identifier}",
        "AvailabilityZone": f"{region}a",
        "DbiResourceId": f"db-{uuid.uuid4().hex[:20].upper()}",
        "InstanceCreateTime": ministack_rds._format_time(time.time()),
        "Endpoint": records.endpoint_of(region, identifier),
        "ReadReplicaDBInstanceIdentifiers": [],
        "ReadReplicaSourceDBInstanceIdentifier": "",
        "PendingModifiedValues": {},
    }
