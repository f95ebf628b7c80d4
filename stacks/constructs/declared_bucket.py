"""One region's bucket of a declared name, and the log of who reads and writes such buckets."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.copying import TIME_CONTROL_MINUTES, Copying
from stacks.constructs.log_bucket import LogBucket
from stacks.constructs.replication_role import ReplicationRole
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.objects import BucketSection, LockMode

LOG_DAYS: Final = 365
RULES_COME_LATER: Final = "its rules are put on by a stack that comes when both buckets are there"


class AccessLogs(LogBucket):
    """What S3 writes of each request to the region's declared buckets. S3 can write only under a key of its own."""

    def __init__(self, scope: Construct, id: str, *, name: str) -> None:
        super().__init__(scope, id, days=LOG_DAYS, name=name)
        accept(self, "S3 writes its logs with its own key and no other", "NIST.800.53.R5-S3DefaultEncryptionKMS")
        accept(self, "what it says of a region is of use there", "NIST.800.53.R5-S3BucketReplicationEnabled")
        whose = "it is the log; a log of its own would have one again"
        accept(self, whose, "CKV_AWS_18")


class DeclaredBucket(Construct):
    """A versioned bucket under the region's key; where it is copied, the role for that and alarms on its delay.

    As with a region's own bucket the replication rules come later, when every bucket is there.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        copying: Copying,
        section: BucketSection,
        key: kms.IKey,
        logs: s3.IBucket,
        told: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        names = copying.names
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=names.bucket(copying.bucket, copying.region),
            versioned=True,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            object_lock_default_retention=_retention(section),
            server_access_logs_bucket=logs,
            server_access_logs_prefix=f"{copying.bucket}/",
            lifecycle_rules=_lifecycle(section),
            intelligent_tiering_configurations=_tiering(section),
            removal_policy=KEPT,
        )
        accept(self.bucket, RULES_COME_LATER, "NIST.800.53.R5-S3BucketReplicationEnabled")
        self._tell_eventbridge()
        if not copying.copies:
            return
        ReplicationRole(
            self,
            "ReplicationRole",
            names=names.names,
            role_name=names.copying_role(copying.bucket, copying.region),
            source=self.bucket,
            key=key,
            copies={copy: names.bucket(copying.bucket, copy) for copy in copying.copies},
        )
        for rule in copying.rules:
            if rule.timed:
                self._alarms(copying, rule.id, rule.region, told)

    def _tell_eventbridge(self) -> None:
        """Said on the resource itself: CDK's own property would bring a custom resource into every region."""
        resource = self.bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )

    def _alarms(self, copying: Copying, rule: str, copy: str, told: sns.ITopic) -> None:
        names, stack = copying.names, cdk.Stack.of(self).stack_name
        dimensions = {
            "SourceBucket": names.bucket(copying.bucket, copying.region),
            "DestinationBucket": names.bucket(copying.bucket, copy),
            "RuleId": rule,
        }
        for id, metric, threshold, meaning in (
            ("Behind", "ReplicationLatency", TIME_CONTROL_MINUTES * 60, "is behind by more than is promised"),
            ("Failed", "OperationsFailedReplication", 0, "lacks objects that could not be copied"),
        ):
            alarm = cloudwatch.Alarm(
                self,
                f"{id}-{rule}",
                alarm_name=f"{stack}-{copying.bucket}-{rule}-{id.lower()}",
                alarm_description=f"The copy in {copy} of {copying.bucket} {meaning}.",
                metric=cloudwatch.Metric(
                    namespace="AWS/S3",
                    metric_name=metric,
                    dimensions_map=dimensions,
                    statistic="Maximum",
                    period=durations.minutes(5),
                ),
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                threshold=threshold,
                evaluation_periods=3,
                datapoints_to_alarm=2,
                # S3 says nothing while there is nothing to copy.
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarm.add_alarm_action(actions.SnsAction(told))


def _retention(section: BucketSection) -> s3.ObjectLockRetention | None:
    if section.lock is None:
        return None
    days = durations.days(section.lock.days)
    if section.lock.mode is LockMode.COMPLIANCE:
        return s3.ObjectLockRetention.compliance(days)
    return s3.ObjectLockRetention.governance(days)


def _lifecycle(section: BucketSection) -> list[s3.LifecycleRule]:
    age = section.tier_after_days
    transitions = [] if age is None else [_to_intelligent_tiering(age)]
    return [
        s3.LifecycleRule(
            id="keep",
            abort_incomplete_multipart_upload_after=durations.days(7),
            noncurrent_version_expiration=durations.days(section.keep_versions_days),
            expiration=None if section.expire_days is None else durations.days(section.expire_days),
            expired_object_delete_marker=None if section.expire_days is not None else True,
            transitions=transitions,
        )
    ]


def _to_intelligent_tiering(days: int) -> s3.Transition:
    return s3.Transition(storage_class=s3.StorageClass.INTELLIGENT_TIERING, transition_after=durations.days(days))


def _tiering(section: BucketSection) -> list[s3.IntelligentTieringConfiguration]:
    archive, deep = section.archive_after_days, section.deep_archive_after_days
    if archive is None and deep is None:
        return []
    return [
        s3.IntelligentTieringConfiguration(
            name="archive",
            archive_access_tier_time=None if archive is None else durations.days(archive),
            deep_archive_access_tier_time=None if deep is None else durations.days(deep),
        )
    ]
