"""MiniStack's records of DB instances: how they are found, named and linked.

A record is a dict in the shape that DescribeDBInstances renders; MiniStack keeps it by account, region and
identifier, and scopes plain look-ups to the request's region. Everything here works from any thread.
"""

from typing import Any

from ministack.services import rds as ministack_rds

Record = dict[str, Any]

# RDS puts the same account- and region-specific label into the names of all of an account's endpoints.
ENDPOINT_LABEL = "c0twin"
PORT = 5432


def region_of(record: Record) -> str:
    """The region that a record lives in."""
    return str(record["DBInstanceArn"]).split(":")[3]


def account_of(record: Record) -> str:
    """The account that a record belongs to."""
    return str(record["DBInstanceArn"]).split(":")[4]


def identifier_of(record: Record) -> str:
    """The DB instance identifier."""
    return str(record["DBInstanceIdentifier"])


def endpoint(region: str, identifier: str) -> str:
    """The DNS name of an instance."""
    return f"{identifier}.{ENDPOINT_LABEL}.{region}.rds.amazonaws.com"


def endpoint_of(region: str, identifier: str) -> dict[str, Any]:
    """The Endpoint field of a record."""
    return {"Address": endpoint(region, identifier), "Port": PORT, "HostedZoneId": "Z2R2ITUGPM61AM"}


def find(region: str, identifier: str) -> Record | None:
    """Return the record of an instance, whatever the account; None when there is none."""
    for (_, at, name), record in ministack_rds._instances.all_items():
        if (at, name) == (region, identifier):
            found: Record = record
            return found
    return None


def resolve(reference: str, region: str) -> Record | None:
    """Return the record that an ARN, or an identifier in ``region``, refers to."""
    if reference.startswith("arn:"):
        _, _, _, region, _, _, reference = reference.split(":", 6)
    return find(region, reference)


def is_replica(record: Record) -> bool:
    """Whether RDS says that it has a source."""
    return bool(record.get("ReadReplicaSourceDBInstanceIdentifier"))


def source_of(replica: Record) -> Record | None:
    """Return the source's record; None when it has no source, or the source was deleted."""
    if not is_replica(replica):
        return None
    return resolve(str(replica["ReadReplicaSourceDBInstanceIdentifier"]), region_of(replica))


def replicas_of(source: Record) -> list[Record]:
    """Return the records of an instance's read replicas."""
    found = (resolve(name, region_of(source)) for name in source.get("ReadReplicaDBInstanceIdentifiers", []))
    return [record for record in found if record is not None]


def link(source: Record, replica: Record) -> None:
    """Say on both sides that one replicates the other; across regions by ARN, as RDS does."""
    replica["ReadReplicaSourceDBInstanceIdentifier"] = _reference(source, region_of(replica))
    source["ReadReplicaDBInstanceIdentifiers"] = [
        *source.get("ReadReplicaDBInstanceIdentifiers", []),
        _reference(replica, region_of(source)),
    ]


def unlink(replica: Record) -> None:
    """Say on neither side any more that it is a replica."""
    source = source_of(replica)
    if source is not None:
        gone = _reference(replica, region_of(source))
        source["ReadReplicaDBInstanceIdentifiers"] = [
            name for name in source.get("ReadReplicaDBInstanceIdentifiers", []) if name != gone
        ]
    replica["ReadReplicaSourceDBInstanceIdentifier"] = ""


def _reference(record: Record, region: str) -> str:
    return identifier_of(record) if region_of(record) == region else str(record["DBInstanceArn"])
