"""Where logs go: in real time to one region of their zone, or into their own, and in no case out of the zone."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Topology
from stacks.acceptance import accept
from stacks.constructs import durations, observed
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.failures import Failures
from stacks.constructs.log_archive import LogArchive
from stacks.constructs.log_bucket import LogBucket
from stacks.constructs.log_search import LogSearch
from stacks.constructs.observed_key import ObservedKey
from stacks.constructs.retention import KEPT
from stacks.layer import LayerStack
from topology_document.infrastructure.observability import LogsSection

STREAM_DAYS = 7
"""How long events wait in the stream for what reads it; ways of regions are tried again for a day by themselves."""
OWN_DAYS = 1
"""The same where only a region's own are searched: what that search misses, the zone's has."""
LATE_MINUTES = 15


class LogsStack(LayerStack):
    """The stream that takes the logs of a zone's regions, their archive and their search engine.

    What does not gather takes the logs of its own region alone, for a search engine, and archives none of them: they
    are in the archive of their zone. Its search engine has no standby, as the zone's knows the same and has one.
    """

    def __init__(
        self, scope: Construct, topology: Topology, region: str, wanted: LogsSection, *, gathers: bool
    ) -> None:
        super().__init__(scope, topology, "logs", region, stateful=True)
        told = AlarmTopic(self, "Alarms")
        key = ObservedKey(self, "Key", description=f"Lifeboat {topology.name}: logs of a residency zone")
        stream = kinesis.Stream(
            self,
            "Stream",
            stream_name=observed.log_stream(self.names),
            shard_count=wanted.shards,
            retention_period=durations.days(STREAM_DAYS if gathers else OWN_DAYS),
            encryption=kinesis.StreamEncryption.KMS,
            encryption_key=key,
            removal_policy=KEPT,
        )
        accept(stream, "other regions' ways know a key of one's own by its alias, and no other", "AwsSolutions-KDS3")
        # The ways of other regions write under a role that knows this key by its alias alone.
        key.add_alias(observed.log_key_alias(self.names))
        if gathers:
            archive = LogArchive(self, "Archive", stream=stream, key=key, wanted=wanted)
            self._late("ArchiveLate", "DeliveryToS3.DataFreshness", archive.delivery, told)
        if wanted.search:
            failures = Failures(self, "Failures", told=told)
            accept(failures, "what the stream's reader gives up ends here: it is one itself", "AwsSolutions-SQS3")
            search = LogSearch(
                self,
                "Search",
                name=topology.name,
                stream=stream,
                key=key,
                wanted=wanted,
                undelivered=archive.bucket if gathers else _unsearchable(self, key, wanted),
                failures=failures.queue,
                standby=gathers,
            )
            freshness = "DeliveryToAmazonOpenSearchServerless.DataFreshness"
            self._late("SearchLate", freshness, search.delivery.ref, told)
        self._full(stream, told)

    def _late(self, id: str, metric: str, delivery: str, told: sns.ITopic) -> None:
        alarm = cloudwatch.Alarm(
            self,
            id,
            alarm_name=f"{self.stack_name}-{id.removesuffix('Late').lower()}-late",
            alarm_description=f"The oldest event that waits for its delivery is older than {LATE_MINUTES} minutes.",
            metric=cloudwatch.Metric(
                namespace="AWS/Firehose",
                metric_name=metric,
                dimensions_map={"DeliveryStreamName": delivery},
                statistic="Maximum",
                period=durations.minutes(5),
            ),
            threshold=60 * LATE_MINUTES,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=3,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(told))

    def _full(self, stream: kinesis.Stream, told: sns.ITopic) -> None:
        alarm = cloudwatch.Alarm(
            self,
            "StreamFull",
            alarm_name=f"{self.stack_name}-stream-full",
            alarm_description="The stream refuses events: it wants more shards (observability.logs.shards).",
            metric=stream.metric("WriteProvisionedThroughputExceeded", statistic="Sum", period=durations.minutes(5)),
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=3,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(told))


def _unsearchable(scope: Construct, key: kms.IKey, wanted: LogsSection) -> s3.Bucket:
    """Return the bucket of what the search engine refused; where logs are gathered the archive has a place for it."""
    bucket = LogBucket(scope, "Unsearchable", days=wanted.hot_days, key=key)
    why = "what is in it is in the archive of the zone as well, whose reading is logged"
    accept(bucket, why, "AwsSolutions-S1", "NIST.800.53.R5-S3BucketLoggingEnabled", "CKV_AWS_18")
    accept(bucket, why, "NIST.800.53.R5-S3BucketReplicationEnabled")
    return bucket
