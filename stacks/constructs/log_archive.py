"""The bucket in which logs grow cold, and what fills it."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import constants, durations
from stacks.constructs.log_bucket import LogBucket, gone_after
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.observability import LogsSection

BATCH_MIB: Final = 64


class LogArchive(Construct):
    """Every event as it came: in S3 at once, cold when it is no longer hot, gone when it need not be kept.

    What the stream holds is compressed already, one gzip member a record, so that an object is their sequence: a file
    that every tool for gzip reads.
    """

    def __init__(
        self, scope: Construct, id: str, *, stream: kinesis.IStream, key: kms.IKey, wanted: LogsSection
    ) -> None:
        super().__init__(scope, id)
        accept(self, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(self, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        why = "logs are in one place of their zone; the hot days are in each region's own groups as well"
        accept(self, why, "NIST.800.53.R5-S3BucketReplicationEnabled")
        self.bucket = _bucket(self, "Bucket", key, wanted)
        role = iam.Role(self, "Role", assumed_by=constants.service("firehose.amazonaws.com"))
        stream.grant_read(role)
        self.bucket.grant_read_write(role)
        failures = delivery_log(self, key)
        failures.grant_write(role)
        delivery = firehose.CfnDeliveryStream(
            self,
            "Delivery",
            delivery_stream_type="KinesisStreamAsSource",
            kinesis_stream_source_configuration=firehose.CfnDeliveryStream.KinesisStreamSourceConfigurationProperty(
                kinesis_stream_arn=stream.stream_arn, role_arn=role.role_arn
            ),
            extended_s3_destination_configuration=firehose.CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty(
                bucket_arn=self.bucket.bucket_arn,
                role_arn=role.role_arn,
                buffering_hints=firehose.CfnDeliveryStream.BufferingHintsProperty(
                    interval_in_seconds=wanted.buffer_seconds, size_in_m_bs=BATCH_MIB
                ),
                compression_format="UNCOMPRESSED",
                file_extension=".gz",
                prefix="events/!{timestamp:yyyy/MM/dd/HH}/",
                error_output_prefix="refused/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
                encryption_configuration=firehose.CfnDeliveryStream.EncryptionConfigurationProperty(
                    kms_encryption_config=firehose.CfnDeliveryStream.KMSEncryptionConfigProperty(
                        awskms_key_arn=key.key_arn
                    )
                ),
                cloud_watch_logging_options=firehose.CfnDeliveryStream.CloudWatchLoggingOptionsProperty(
                    enabled=True, log_group_name=failures.log_group_name, log_stream_name="archive"
                ),
            ),
        )
        accept(delivery, "its source is a stream that is encrypted", "AwsSolutions-KDF1")
        # Firehose looks into the stream as soon as it is made.
        delivery.node.add_dependency(role)
        self.delivery = delivery.ref


def delivery_log(scope: Construct, key: kms.IKey) -> logs.LogGroup:
    """Return the group in which a delivery says what it could not deliver."""
    return logs.LogGroup(
        scope,
        "Failures",
        encryption_key=key,
        retention=logs.RetentionDays.ONE_MONTH,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )


def _bucket(scope: Construct, id: str, key: kms.IKey, wanted: LogsSection) -> s3.Bucket:
    reads = LogBucket(scope, f"{id}Reads", days=wanted.kept_days)
    accept(reads, "S3 writes its access log under no key but its own", "NIST.800.53.R5-S3DefaultEncryptionKMS")
    accept(reads, "it is the access log", "CKV_AWS_18")
    cold = s3.Transition(
        storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transition_after=durations.days(wanted.hot_days)
    )
    return s3.Bucket(
        scope,
        id,
        versioned=True,
        encryption=s3.BucketEncryption.KMS,
        encryption_key=key,
        bucket_key_enabled=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        server_access_logs_bucket=reads,
        server_access_logs_prefix="log-archive/",
        lifecycle_rules=[s3.LifecycleRule(transitions=[cold]), gone_after(wanted.kept_days)],
        removal_policy=KEPT,
    )
