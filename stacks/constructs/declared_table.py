"""A declared DynamoDB table: one global table over the regions of its zone, and an alarm on its delay in each."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.constructs import durations
from stacks.constructs.data_names import DataNames
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.tables import TableSection

Replica = dynamodb.CfnGlobalTable.ReplicaSpecificationProperty


class DeclaredTable(Construct):
    """The table with all its replicas, in the stack of the region that it was born in; kept and protected.

    Every region writes it and each write is in the others a moment later. Two writes to one item at once: the one
    that DynamoDB stamped last stays, whole. A table whose ``conflict`` is ``timestamp`` therefore has an item for
    each region behind its sort key, and ``failover.last_write`` reads the latest of them.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: DataNames, table_name: str, section: TableSection, regions: list[str]
    ) -> None:
        super().__init__(scope, id)
        keys = {"HASH": section.partition_key, **({"RANGE": section.sort_key} if section.sort_key else {})}
        declared = dynamodb.CfnGlobalTable(
            self,
            "Table",
            table_name=table_name,
            attribute_definitions=[
                dynamodb.CfnGlobalTable.AttributeDefinitionProperty(attribute_name=key, attribute_type="S")
                for key in keys.values()
            ],
            key_schema=[
                dynamodb.CfnGlobalTable.KeySchemaProperty(attribute_name=key, key_type=kind)
                for kind, key in keys.items()
            ],
            billing_mode="PAY_PER_REQUEST",
            # Replicas follow each other's stream, so that with any of them there is one.
            stream_specification=dynamodb.CfnGlobalTable.StreamSpecificationProperty(
                stream_view_type="NEW_AND_OLD_IMAGES"
            )
            if section.stream or len(regions) > 1
            else None,
            sse_specification=dynamodb.CfnGlobalTable.SSESpecificationProperty(sse_enabled=True, sse_type="KMS"),
            time_to_live_specification=dynamodb.CfnGlobalTable.TimeToLiveSpecificationProperty(
                attribute_name=section.expires, enabled=True
            )
            if section.expires
            else None,
            replicas=[_replica(names, section, region) for region in regions],
        )
        declared.apply_removal_policy(KEPT)


class PropagationAlarms(Construct):
    """What a region wrote is in another one too late."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: DataNames,
        table: str,
        section: TableSection,
        others: list[str],
        told: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        for other in others:
            alarm = cloudwatch.Alarm(
                self,
                other,
                alarm_name=f"{cdk.Stack.of(self).stack_name}-{table}-late-in-{other}",
                alarm_description=f"What is written here to {table} takes too long to {other}.",
                metric=cloudwatch.Metric(
                    namespace="AWS/DynamoDB",
                    metric_name="ReplicationLatency",
                    dimensions_map={"TableName": names.table(table), "ReceivingRegion": other},
                    statistic="Maximum",
                    period=durations.minutes(1),
                ),
                threshold=section.propagation_seconds * 1000,  # DynamoDB tells milliseconds
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=3,
                datapoints_to_alarm=2,
                # DynamoDB says nothing while nothing is written.
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarm.add_alarm_action(actions.SnsAction(told))


def _replica(names: DataNames, section: TableSection, region: str) -> Replica:
    return Replica(
        region=region,
        deletion_protection_enabled=True,
        contributor_insights_specification=dynamodb.CfnGlobalTable.ContributorInsightsSpecificationProperty(
            enabled=True
        ),
        point_in_time_recovery_specification=dynamodb.CfnGlobalTable.PointInTimeRecoverySpecificationProperty(
            point_in_time_recovery_enabled=True, recovery_period_in_days=section.recovery_days
        ),
        sse_specification=dynamodb.CfnGlobalTable.ReplicaSSESpecificationProperty(
            kms_master_key_id=names.names.data_key_alias_arn(region)
        ),
        tags=[
            cdk.CfnTag(key="lifeboat:topology", value=names.names.topology.name),
            cdk.CfnTag(key="lifeboat:layer", value="data"),
        ],
    )
