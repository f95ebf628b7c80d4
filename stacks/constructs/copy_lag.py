"""The alarms on how far a region's copies are behind, in milliseconds: what readers see, long before the RPO."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Database, Engine, Names


class CopyLag(Construct):
    """An alarm for each copy in a region that was born as one, of an engine whose lag AWS measures."""

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, milliseconds: int, told: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        for database in names.topology.databases:
            metric = lag_of(names, database, region)
            if metric is None:
                continue
            alarm = cloudwatch.Alarm(
                self,
                database.name,
                alarm_name=f"{cdk.Stack.of(self).stack_name}-{database.name}-lags",
                alarm_description=f"Readers of {database.name} here see what was {milliseconds} ms ago, or older.",
                metric=metric,
                threshold=milliseconds / _UNITS[database.engine],
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                evaluation_periods=5,
                datapoints_to_alarm=3,
                # After a move the source is another, and this copy may be the writer.
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarm.add_alarm_action(actions.SnsAction(told))
            alarm.add_ok_action(actions.SnsAction(told))


_UNITS = {Engine.AURORA_POSTGRES: 1, Engine.RDS_POSTGRES: 1000}
"""How many milliseconds one of the metric is: Aurora's is in milliseconds, that of RDS in seconds."""


def lag_of(names: Names, database: Database, region: str) -> cloudwatch.Metric | None:
    """Return how far a region's copy is behind, for which AWS has a metric; ``None`` where it has none."""
    if region not in database.replicas or database.engine not in _UNITS:
        return None
    if database.engine is Engine.AURORA_POSTGRES:
        metric = "AuroraGlobalDBReplicationLag"
        dimensions = {
            "DBClusterIdentifier": names.db_cluster(database.name, region),
            "SourceRegion": database.born_primary,
        }
    else:
        metric, dimensions = "ReplicaLag", {"DBInstanceIdentifier": names.db_instance(database.name, region)}
    return cloudwatch.Metric(
        namespace="AWS/RDS",
        metric_name=metric,
        dimensions_map=dimensions,
        statistic="Average",
        period=cdk.Duration.minutes(1),
        region=region,
    )
