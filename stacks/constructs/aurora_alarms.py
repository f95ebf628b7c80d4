"""Alarms on a cluster of an Aurora global database: what an operator must mend before it is needed."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Database, Names
from stacks.constructs import durations

LAG: Final = "AuroraGlobalDBRPOLag"
"""Milliseconds that would be lost by a failover to this cluster now (CloudWatch metrics for Amazon Aurora)."""


class AuroraAlarms(Construct):
    """Lag over the loss that the topology allows, behind whichever region writes. Storage grows by itself."""

    def __init__(
        self, scope: Construct, id: str, *, names: Names, database: Database, region: str, told: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        for source in database.regions:
            if source == region:
                continue
            alarm = cloudwatch.Alarm(
                self,
                f"ReplicaBehind-{source}",
                alarm_name=f"{cdk.Stack.of(self).stack_name}-{database.name}-replica-behind-{source}",
                alarm_description=f"{database.name} in {region} is over {database.rpo_seconds:g} s behind {source}: "
                "more than may be lost.",
                metric=cloudwatch.Metric(
                    namespace="AWS/RDS",
                    metric_name=LAG,
                    dimensions_map={
                        "DBClusterIdentifier": names.db_cluster(database.name, region),
                        "SourceRegion": source,
                    },
                    statistic="Average",
                    period=durations.minutes(1),
                ),
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                threshold=1000 * database.rpo_seconds,
                evaluation_periods=5,
                datapoints_to_alarm=5,
                # Behind a region that does not write there is no data, and whether a cluster says anything at all is
                # the observers' business.
                treat_missing_data=cloudwatch.TreatMissingData.MISSING,
            )
            alarm.add_alarm_action(actions.SnsAction(told))
