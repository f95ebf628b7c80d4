"""Templates of a small regional stack, and words about it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from failover.records import Incident, IncidentState, Word, WordKind
from tests.products import EU, US

STACK = "lifeboat-quickstart-regional-eu-west-1"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SOURCE = f"arn:aws:rds:{US}:111122223333:db:quickstart-orders-{US}"
RETAINED = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


def replica(**changes: Any) -> dict[str, Any]:
    properties = {
        "DBInstanceIdentifier": f"quickstart-orders-{EU}",
        "SourceDBInstanceIdentifier": SOURCE,
        "DBInstanceClass": "db.r6g.large",
        "DeletionProtection": True,
        **changes,
    }
    kept = {name: value for name, value in properties.items() if value is not None}
    return {"Type": "AWS::RDS::DBInstance", "Properties": kept, **RETAINED}


def bucket(**changes: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data", **changes}, **RETAINED}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def incident() -> Incident:
    return Incident("i-1", US, EU, 7, IncidentState.OPEN, "R330", "down", NOW, "digest", ("orders",))


def override(about: str, *, minutes: float = 30) -> Word:
    return Word(WordKind.OVERRIDE, about, "ada", "it was agreed", NOW, NOW + timedelta(minutes=minutes))
