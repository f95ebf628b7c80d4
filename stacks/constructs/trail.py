"""The trail of the whole account: who called which API of AWS, in every region."""

from typing import Final

from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.acceptance import POLICY_OF_ONE_ROLE, accept
from stacks.constructs import constants
from stacks.constructs.record_key import RecordKey
from stacks.constructs.retention import KEPT
from stacks.constructs.security_names import SecurityNames
from topology_document.infrastructure.security import AuditSection

LOG_DAYS: Final = 90
"""For alarms and for looking back a while; what is kept for years is in the bucket."""

Selector = cloudtrail.CfnTrail.AdvancedEventSelectorProperty
Field = cloudtrail.CfnTrail.AdvancedFieldSelectorProperty


class Trail(Construct):
    """CloudTrail into the locked bucket, with digests by which a missing or changed file is seen, and into a log group.

    ``logs`` is that group: alarms look for what nobody should do.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: SecurityNames,
        region: str,
        bucket: s3.Bucket,
        key: RecordKey,
        audit: AuditSection,
    ) -> None:
        super().__init__(scope, id)
        self._names, self._region = names, region
        account, arn = names.names.topology.account, names.trail_arn(region)
        key.let_trail_use(arn)
        key.let_logs_use()
        _let_trail_write(bucket, account, arn)
        self.logs = logs.LogGroup(
            self,
            "Logs",
            log_group_name=names.trail_logs(region),
            encryption_key=key,
            removal_policy=KEPT,
        )
        group = self.logs.node.default_child
        assert isinstance(group, logs.CfnLogGroup)
        group.retention_in_days = LOG_DAYS
        role = iam.Role(self, "LogsRole", assumed_by=constants.service("cloudtrail.amazonaws.com"))
        self.logs.grant_write(role)
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        trail = cloudtrail.CfnTrail(
            self,
            "Trail",
            trail_name=names.trail(region),
            is_logging=True,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            s3_bucket_name=bucket.bucket_name,
            kms_key_id=key.key_arn,
            cloud_watch_logs_log_group_arn=self.logs.log_group_arn,
            cloud_watch_logs_role_arn=role.role_arn,
            advanced_event_selectors=self._selectors(data_events=audit.data_events),
            insight_selectors=[
                cloudtrail.CfnTrail.InsightSelectorProperty(insight_type=kind)
                for kind in ("ApiCallRateInsight", "ApiErrorRateInsight")
            ]
            if audit.insights
            else None,
        )
        trail.apply_removal_policy(KEPT)
        # CloudTrail tries to write when it is made.
        for before in (bucket.policy, role.node.find_child("DefaultPolicy")):
            if before is not None:
                trail.node.add_dependency(before)

    def _selectors(self, *, data_events: bool) -> list[Selector]:
        everything = Selector(name="management", field_selectors=[_field("eventCategory", "Management")])
        if not data_events:
            return [everything]
        topology = self._names.names.topology
        tables = [self._names.names.quorum_table_arn(region) for region in topology.quorum.replicas]
        store = Selector(
            name="quorum-store",
            field_selectors=[
                _field("eventCategory", "Data"),
                _field("resources.type", "AWS::DynamoDB::Table"),
                _field("resources.ARN", *tables),
                _field("readOnly", "false"),
            ],
        )
        return [everything, store]


def _field(name: str, *values: str) -> Field:
    return Field(field=name, equal_to=list(values))


def _let_trail_write(bucket: s3.Bucket, account: str, arn: str) -> None:
    cloudtrail_itself = constants.service("cloudtrail.amazonaws.com")
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[cloudtrail_itself],
            actions=["s3:GetBucketAcl"],
            resources=[bucket.bucket_arn],
            conditions={"StringEquals": {"aws:SourceArn": arn}},
        )
    )
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[cloudtrail_itself],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects(f"AWSLogs/{account}/*")],
            conditions={"StringEquals": {"aws:SourceArn": arn, "s3:x-amz-acl": "bucket-owner-full-control"}},
        )
    )
