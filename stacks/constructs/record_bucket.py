"""Buckets of records: encrypted, versioned, with a log of their own readers, and locked where nobody may delete."""

from typing import Final

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.log_bucket import LogBucket, gone_after
from stacks.constructs.retention import KEPT

OWN_COPY: Final = "each region keeps its own records, and what must outlive a region is written by several of them"


class AccessLog(LogBucket):
    """Who read and wrote another bucket. S3 can write it only under a key of its own, and into no locked bucket."""

    def __init__(self, scope: Construct, id: str, *, name: str, days: int) -> None:
        super().__init__(scope, id, days=days, name=name, minimum_tls_version=1.2)
        accept(self, "it is the log; a log of its readers would have no end", "CKV_AWS_18")
        accept(self, "S3 writes its logs with its own key and no other", "NIST.800.53.R5-S3DefaultEncryptionKMS")
        accept(self, OWN_COPY, "NIST.800.53.R5-S3BucketReplicationEnabled")


class RecordBucket(s3.Bucket):
    """Records of ``days``; with ``locked`` nobody can delete or change one before, the account's root included.

    What is locked is gone a day after its lock. Some services of AWS deliver into no bucket with a lock by default.
    """

    def __init__(
        self, scope: Construct, id: str, *, name: str, key: kms.IKey, log: s3.IBucket, days: int, locked: bool
    ) -> None:
        super().__init__(
            scope,
            id,
            bucket_name=name,
            versioned=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            object_lock_default_retention=(s3.ObjectLockRetention.compliance(durations.days(days)) if locked else None),
            server_access_logs_bucket=log,
            server_access_logs_prefix="reads-and-writes/",
            lifecycle_rules=[gone_after(days + 1)],
            removal_policy=KEPT,
        )
        accept(self, OWN_COPY, "NIST.800.53.R5-S3BucketReplicationEnabled")
