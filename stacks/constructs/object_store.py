"""A region's bucket, and the role that copies its objects to the other regions."""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from failover.topology import Names, replicas_of
from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.data_names import DataNames
from stacks.constructs.declared_bucket import RULES_COME_LATER, AccessLogs
from stacks.constructs.replication_role import ReplicationRole
from stacks.constructs.retention import KEPT


class ObjectStore(Construct):
    """A versioned, encrypted bucket.

    It declares no replication: S3 accepts a rule only when the destination exists and has versioning, and
    of two buckets that copy to each other one is always first. ``BucketReplication`` in the global layer,
    deployed when all buckets are there, puts the rules on; this stack prepares the role. ``logged``: who reads and
    writes it is written down.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, key: kms.IKey, logged: bool = False
    ) -> None:
        super().__init__(scope, id)
        logs = AccessLogs(self, "AccessLogs", name=DataNames(names).own_access_logs(region)) if logged else None
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=names.bucket(region),
            versioned=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            server_access_logs_bucket=logs,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    abort_incomplete_multipart_upload_after=durations.days(7),
                    noncurrent_version_expiration=durations.days(30),
                )
            ],
            removal_policy=KEPT,
        )
        accept(self.bucket, RULES_COME_LATER, "NIST.800.53.R5-S3BucketReplicationEnabled")
        if logs is None:
            unasked = "a document that says nothing of buckets or security has no log of who reads objects"
            accept(self.bucket, unasked, "AwsSolutions-S1", "NIST.800.53.R5-S3BucketLoggingEnabled", "CKV_AWS_18")
        if replicas := replicas_of(names.topology, region):
            ReplicationRole(
                self,
                "ReplicationRole",
                names=names,
                role_name=names.replication_role(region),
                source=self.bucket,
                key=key,
                copies={replica: names.bucket(replica) for replica in replicas},
            )
