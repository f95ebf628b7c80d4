"""A search engine for the logs of a residency zone, or of one region, that are still hot."""

import json
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_opensearchserverless as opensearch
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import constants, durations
from stacks.constructs.log_archive import delivery_log
from topology_document.infrastructure.observability import LogsSection

HANDLER: Final = Path(__file__).parent / "log_events_handler.py"
INDEX: Final = "events"
LONGEST_NAME: Final = 32
"""Of collections and of their policies (OpenSearch Serverless API reference, CreateCollection)."""
ROUNDS: Final = 10
"""After so many attempts at a batch its events are left to the archive, which has them all."""


class LogSearch(Construct):
    """An OpenSearch Serverless collection, which forgets what is no longer hot, and what fills it.

    CloudWatch Logs puts many events into one record, and Firehose gives OpenSearch one document for a record: so a
    function opens them first, and writes into each event which region it is from.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        stream: kinesis.IStream,
        key: kms.IKey,
        wanted: LogsSection,
        undelivered: s3.IBucket,
        failures: sqs.IQueue,
        standby: bool,
    ) -> None:
        super().__init__(scope, id)
        accept(self, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(self, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        self._name = name[: LONGEST_NAME - len("-logs")] + "-logs"
        self.readers = iam.Role(
            self,
            "Readers",
            assumed_by=iam.AccountRootPrincipal(),
            description="People who search the logs assume this role.",
            max_session_duration=durations.hours(4),
        )
        deliverer = iam.Role(self, "Deliverer", assumed_by=constants.service("firehose.amazonaws.com"))
        self.collection = self._collection(key, wanted.hot_days, standby=standby)
        for role in (self.readers, deliverer):
            role.add_to_policy(iam.PolicyStatement(actions=["aoss:APIAccessAll"], resources=[self.collection.attr_arn]))
        dashboards = cdk.Stack.of(self).format_arn(service="aoss", resource="dashboards", resource_name="default")
        self.readers.add_to_policy(iam.PolicyStatement(actions=["aoss:DashboardsAccessAll"], resources=[dashboards]))
        self._access(deliverer)
        self.delivery = self._delivery(deliverer, key, wanted, undelivered)
        self._opening(stream, key, failures)

    def _collection(self, key: kms.IKey, hot_days: int, *, standby: bool) -> opensearch.CfnCollection:
        resource = [f"collection/{self._name}"]
        encryption = self._policy(
            "Encryption",
            "encryption",
            {"Rules": [{"ResourceType": "collection", "Resource": resource}], "KmsARN": key.key_arn},
        )
        # Reached by its name on the internet, and by nobody without a signature of a principal in the access policy.
        network = self._policy(
            "Network",
            "network",
            [
                {
                    "Rules": [{"ResourceType": kind, "Resource": resource} for kind in ("collection", "dashboard")],
                    "AllowFromPublic": True,
                }
            ],
        )
        kept = opensearch.CfnLifecyclePolicy(
            self,
            "Hot",
            name=self._name,
            type="retention",
            policy=json.dumps(
                {
                    "Rules": [
                        {
                            "ResourceType": "index",
                            "Resource": [f"index/{self._name}/*"],
                            "MinIndexRetention": f"{hot_days}d",
                        }
                    ]
                }
            ),
        )
        replicas = "ENABLED" if standby else "DISABLED"
        collection = opensearch.CfnCollection(
            self, "Collection", name=self._name, type="TIMESERIES", standby_replicas=replicas
        )
        for policy in (encryption, network, kept):
            collection.add_resource_dependency(policy)
        return collection

    def _policy(self, id: str, kind: str, said: Any) -> opensearch.CfnSecurityPolicy:
        policy = cdk.Stack.of(self).to_json_string(said)
        return opensearch.CfnSecurityPolicy(self, id, name=self._name, type=kind, policy=policy)

    def _access(self, deliverer: iam.Role) -> None:
        index = f"index/{self._name}/*"
        write = ["aoss:CreateIndex", "aoss:UpdateIndex", "aoss:DescribeIndex", "aoss:WriteDocument"]
        read = ["aoss:DescribeIndex", "aoss:ReadDocument"]
        said = [
            {
                "Rules": [{"ResourceType": "index", "Resource": [index], "Permission": permission}],
                "Principal": [role.role_arn],
            }
            for role, permission in ((deliverer, write), (self.readers, read))
        ]
        opensearch.CfnAccessPolicy(
            self, "Access", name=self._name, type="data", policy=cdk.Stack.of(self).to_json_string(said)
        )

    def _delivery(self, role: iam.Role, key: kms.IKey, wanted: LogsSection, undelivered: s3.IBucket) -> Any:
        undelivered.grant_read_write(role)
        failures = delivery_log(self, key)
        failures.grant_write(role)
        options = firehose.CfnDeliveryStream.CloudWatchLoggingOptionsProperty(
            enabled=True, log_group_name=failures.log_group_name, log_stream_name="search"
        )
        delivery = firehose.CfnDeliveryStream(
            self,
            "Delivery",
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input=(
                firehose.CfnDeliveryStream.DeliveryStreamEncryptionConfigurationInputProperty(
                    key_type="CUSTOMER_MANAGED_CMK", key_arn=key.key_arn
                )
            ),
            amazon_open_search_serverless_destination_configuration=(
                firehose.CfnDeliveryStream.AmazonOpenSearchServerlessDestinationConfigurationProperty(
                    collection_endpoint=self.collection.attr_collection_endpoint,
                    index_name=INDEX,
                    role_arn=role.role_arn,
                    buffering_hints=firehose.CfnDeliveryStream.AmazonOpenSearchServerlessBufferingHintsProperty(
                        interval_in_seconds=wanted.buffer_seconds, size_in_m_bs=5
                    ),
                    s3_backup_mode="FailedDocumentsOnly",
                    s3_configuration=firehose.CfnDeliveryStream.S3DestinationConfigurationProperty(
                        bucket_arn=undelivered.bucket_arn, role_arn=role.role_arn, prefix="unsearchable/"
                    ),
                    cloud_watch_logging_options=options,
                )
            ),
        )
        delivery.node.add_dependency(role)
        return delivery

    def _opening(self, stream: kinesis.IStream, key: kms.IKey, failures: sqs.IQueue) -> None:
        role = iam.Role(self, "OpenerRole", assumed_by=constants.service("lambda.amazonaws.com"))
        log = logs.LogGroup(
            self,
            "OpenerLog",
            encryption_key=key,
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        log.grant_write(role)
        arn = cdk.Stack.of(self).format_arn(
            service="firehose", resource="deliverystream", resource_name=self.delivery.ref
        )
        role.add_to_policy(iam.PolicyStatement(actions=["firehose:PutRecordBatch"], resources=[arn]))
        opener = lambda_.Function(
            self,
            "Opener",
            description="Opens what log subscriptions put into the stream, for the search engine.",
            code=lambda_.Code.from_inline(HANDLER.read_text()),
            handler="index.handle",
            runtime=constants.python(),
            architecture=constants.arm(),
            memory_size=512,
            timeout=durations.minutes(1),
            tracing=lambda_.Tracing.ACTIVE,
            role=role,
            log_group=log,
            environment={"DELIVERY_STREAM": self.delivery.ref},
            environment_encryption=key,
        )
        runtime = "3.13 is what the functions of the control plane run on too; AWS patches it until 2029"
        accept(opener, runtime, "AwsSolutions-L1", "Serverless-LambdaLatestVersion")
        accept(opener, "it asks Firehose alone", "NIST.800.53.R5-LambdaInsideVPC", "CKV_AWS_117")
        shards = "as many run at once as the stream has shards"
        accept(opener, shards, "NIST.800.53.R5-LambdaConcurrency", "CKV_AWS_115")
        queue = "Kinesis calls it, and writes what it gives up into the queue of its event source"
        accept(opener, queue, "NIST.800.53.R5-LambdaDLQ", "Serverless-LambdaDLQ", "CKV_AWS_116")
        opener.add_event_source(
            sources.KinesisEventSource(
                stream,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=100,
                max_batching_window=durations.seconds(1),
                bisect_batch_on_error=True,
                retry_attempts=ROUNDS,
                on_failure=sources.SqsDlq(failures),
            )
        )
