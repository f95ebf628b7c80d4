"""The resource types that hold what a product cannot make again, and what makes another thing of one.

``turns`` are the properties whose change CloudFormation answers with a replacement, a promotion or less
protection: per type the schema's ``createOnlyProperties``, those of ``conditionalCreateOnlyProperties`` that bear on
identity or origin, and the protections (AWS CloudFormation, "Template reference" and the types' schemas; a test
compares). Conditional ones that are changed in place for every database of ours are in ``in_place``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

POLICIES: Final = frozenset({"DeletionPolicy", "UpdateReplacePolicy"})
"""Attributes beside a resource's properties; without them what leaves a template is deleted."""

SAME_ONCE_MADE: Final[Mapping[str, str]] = {"RetainExceptOnCreate": "Retain"}
"""Words that differ only while the resource is first made: what is there loses nothing by either."""

SOURCES: Final = frozenset(
    {
        "GlobalClusterIdentifier",
        "GlobalReplicationGroupId",
        "ReplicationSourceIdentifier",
        "SourceDBClusterIdentifier",
        "SourceDBInstanceIdentifier",
        "SourceDbiResourceId",
    }
)
"""What a copy follows. Taken out it is promoted, put in it is replaced; neither is a deployment's to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A type: what people call it, the property that names it, and the properties that turn it.

    With ``if_it_has`` only those resources are kept that have this property before or after a change.
    """

    what: str
    named_by: str
    turns: frozenset[str]
    in_place: frozenset[str] = frozenset()
    if_it_has: str | None = None


def _turns(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEPT: Final[Mapping[str, Kept]] = {
    "AWS::RDS::DBInstance": Kept(
        "database",
        "DBInstanceIdentifier",
        _turns(
            "BackupTarget CharacterSetName CustomIAMInstanceProfile DBClusterIdentifier DBInstanceIdentifier DBName "
            "DBSubnetGroupName DBSystemId KmsKeyId MasterUsername NcharCharacterSetName SourceRegion StorageEncrypted "
            "Timezone AvailabilityZone DBClusterSnapshotIdentifier DBSnapshotIdentifier Engine "
            "PerformanceInsightsKMSKeyId RestoreTime SourceDBClusterIdentifier SourceDBInstanceAutomatedBackupsArn "
            "SourceDBInstanceIdentifier SourceDbiResourceId UseLatestRestorableTime DeletionProtection"
        ),
        _turns("AutoMinorVersionUpgrade BackupRetentionPeriod DBParameterGroupName MultiAZ PreferredMaintenanceWindow"),
    ),
    "AWS::RDS::DBCluster": Kept(
        "database",
        "DBClusterIdentifier",
        _turns(
            "ClusterScalabilityType DBClusterIdentifier DBSubnetGroupName DBSystemId DatabaseName EngineMode KmsKeyId "
            "PubliclyAccessible RestoreToTime RestoreType SnapshotIdentifier SourceDBClusterIdentifier "
            "SourceDbClusterResourceId SourceRegion StorageEncrypted UseLatestRestorableTime AvailabilityZones Engine "
            "GlobalClusterIdentifier MasterUsername ReplicationSourceIdentifier DeletionProtection"
        ),
    ),
    "AWS::RDS::GlobalCluster": Kept(
        "global database",
        "GlobalClusterIdentifier",
        _turns("GlobalClusterIdentifier SourceDBClusterIdentifier StorageEncrypted Engine DeletionProtection"),
    ),
    "AWS::ElastiCache::GlobalReplicationGroup": Kept(
        "global cache", "GlobalReplicationGroupIdSuffix", _turns("GlobalReplicationGroupIdSuffix Members")
    ),
    # A cache of one region can be filled again; a member of a global one is what a failover promotes.
    "AWS::ElastiCache::ReplicationGroup": Kept(
        "global cache's member",
        "ReplicationGroupId",
        _turns(
            "AtRestEncryptionEnabled CacheSubnetGroupName DataTieringEnabled GlobalReplicationGroupId KmsKeyId "
            "NetworkType Port PreferredCacheClusterAZs ReplicationGroupId SnapshotArns SnapshotName"
        ),
        _turns("AuthToken NodeGroupConfiguration"),
        if_it_has="GlobalReplicationGroupId",
    ),
    "AWS::DynamoDB::GlobalTable": Kept(
        "quorum store",
        "TableName",
        _turns(
            "TableName LocalSecondaryIndexes GlobalTableSourceArn KeySchema Replicas MultiRegionConsistency "
            "GlobalTableWitnesses"
        ),
    ),
    "AWS::DynamoDB::Table": Kept("table", "TableName", _turns("TableName ImportSourceSpecification KeySchema")),
    "AWS::S3::Bucket": Kept("bucket", "BucketName", _turns("BucketName BucketNamePrefix BucketNamespace")),
    # Without its key encrypted data is gone as well; without its zone the delegation is.
    "AWS::KMS::Key": Kept("key", "Description", frozenset()),
    "AWS::Route53::HostedZone": Kept("hosted zone", "Name", _turns("Name DelegationSetId")),
}


def kept(kind: str, *properties: Mapping[str, Any]) -> Kept | None:
    """Return what a resource of this type is to us, given its properties before and after; None if just anything."""
    found = KEPT.get(kind)
    if found is None or found.if_it_has is None:
        return found
    return found if any(found.if_it_has in each for each in properties) else None
