"""The alarm on a cache's copy that is too far behind what is written in another region."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Cache, Names
from stacks.constructs import durations


class CacheLag(cloudwatch.Alarm):
    """Seconds, of whichever node of the copy follows the other region: which one that is, ElastiCache changes."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        cache: Cache,
        nodes: int,
        sync_seconds: float,
        told: sns.ITopic,
    ) -> None:
        lags = {
            f"lag{number}": cloudwatch.Metric(
                namespace="AWS/ElastiCache",
                metric_name="GlobalDatastoreReplicationLag",
                dimensions_map={"CacheClusterId": f"{names.cache_group(cache.name)}-{number:03}"},
                statistic="Maximum",
                period=durations.minutes(1),
            )
            for number in range(1, nodes + 1)
        }
        super().__init__(
            scope,
            id,
            alarm_name=f"{cdk.Stack.of(scope).stack_name}-{cache.name}-behind",
            alarm_description=f"The copy of {cache.name} here is more than {sync_seconds:g} s behind.",
            metric=cloudwatch.MathExpression(
                expression=f"MAX([{', '.join(lags)}])", using_metrics=dict(lags), period=durations.minutes(1)
            ),
            threshold=sync_seconds,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            # Where the cache is written there is no lag, and nothing is said.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.add_alarm_action(actions.SnsAction(told))
