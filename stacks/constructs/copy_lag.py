"""The alarms on how far a region's copies are behind, in milliseconds: what readers see, long before the RPO."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Database, Engine, Names
from stacks.constructs import durations


class CopyLag(Construct):
    """An alarm for each copy in a region whose lag AWS measures; Aurora's it measures behind one source at a time."""

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, milliseconds: int, told: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        lags = [(each, *lag) for each in names.topology.databases for lag in lags_of(names, each, region).items()]
        for database, source, metric in lags:
            behind = f"-{source}" if database.engine is Engine.AURORA_POSTGRES else ""
            alarm = cloudwatch.Alarm(
                self,
                f"{database.name}{behind}",
                alarm_name=f"{cdk.Stack.of(self).stack_name}-{database.name}-lags{behind}",
                alarm_description=f"Readers of {database.name} here see what was {milliseconds} ms ago, or older.",
                metric=metric,
                threshold=milliseconds / _UNITS[database.engine],
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                evaluation_periods=5,
                datapoints_to_alarm=3,
                # Behind a region that does not write there is no lag, and this copy may be the writer itself.
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarm.add_alarm_action(actions.SnsAction(told))
            alarm.add_ok_action(actions.SnsAction(told))


_UNITS = {Engine.AURORA_POSTGRES: 1, Engine.RDS_POSTGRES: 1000}
"""How many milliseconds one of the metric is: Aurora's is in milliseconds, that of RDS in seconds."""


def lags_of(names: Names, database: Database, region: str) -> dict[str, cloudwatch.Metric]:
    """Return how far a region's copy is behind, by the regions that may write; none where AWS has no metric."""
    if region not in database.regions or database.engine not in _UNITS:
        return {}
    if database.engine is Engine.AURORA_POSTGRES:
        cluster = names.db_cluster(database.name, region)
        return {
            source: _lag("AuroraGlobalDBReplicationLag", region, DBClusterIdentifier=cluster, SourceRegion=source)
            for source in database.regions
            if source != region
        }
    if region not in database.replicas:
        return {}
    instance = names.db_instance(database.name, region)
    return {database.born_primary: _lag("ReplicaLag", region, DBInstanceIdentifier=instance)}


def _lag(name: str, region: str, **dimensions: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/RDS",
        metric_name=name,
        dimensions_map=dimensions,
        statistic="Average",
        period=durations.minutes(1),
        region=region,
    )
