"""A bucket for what a service of AWS writes down, which is gone after some days."""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs import durations
from stacks.constructs.retention import KEPT


class LogBucket(s3.Bucket):
    """Versioned and closed; under a key, or under S3's own where the service that writes can use no other.

    ``with_acl`` as CloudFront's standard logs need it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        days: int,
        key: kms.IKey | None = None,
        name: str | None = None,
        with_acl: bool = False,
        minimum_tls_version: float | None = None,
    ) -> None:
        owner = s3.ObjectOwnership.BUCKET_OWNER_PREFERRED if with_acl else s3.ObjectOwnership.BUCKET_OWNER_ENFORCED
        super().__init__(
            scope,
            id,
            bucket_name=name,
            versioned=True,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            bucket_key_enabled=True if key else None,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=minimum_tls_version,
            object_ownership=owner,
            lifecycle_rules=[gone_after(days)],
            removal_policy=KEPT,
        )


def gone_after(days: int) -> s3.LifecycleRule:
    """Return the rule by which everything is gone after some days, and what was replaced a day later."""
    return s3.LifecycleRule(
        expiration=durations.days(days),
        noncurrent_version_expiration=durations.days(1),
        abort_incomplete_multipart_upload_after=durations.days(1),
    )
