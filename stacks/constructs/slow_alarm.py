"""The alarm by which a region says of itself that it answers slowly; names that are only read then go around it."""

from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Names
from stacks.constructs import durations
from topology_document.infrastructure.steering import EndpointChecksSection

A_SECOND_MS: Final = 1000


class SlowAlarm(Construct):
    """Goes off when the load balancer's answers take longer on average than the route's steering says.

    It is of the mean and of a whole minute: Route 53 follows no alarm of a percentile, of an expression or of a finer
    period (API reference, ``AlarmIdentifier``).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        route: str,
        settings: EndpointChecksSection,
        balancer: elb.IApplicationLoadBalancer,
        told: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        alarm = cloudwatch.Alarm(
            self,
            "Slow",
            alarm_name=slow_alarm_name(names, route),
            alarm_description=f"Answers take longer than {settings.slow_ms} ms on average: who reads "
            f"{names.route(route)} is answered by another region.",
            metric=balancer.metrics.target_response_time(statistic="Average", period=durations.minutes(1)),
            threshold=(settings.slow_ms or 0) / A_SECOND_MS,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=settings.slow_minutes,
            # Without requests nothing is slow.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(told))
        alarm.add_ok_action(actions.SnsAction(told))


def slow_alarm_name(names: Names, route: str) -> str:
    """The name of the alarm in each region; a health check of the global layer knows it by its region and this."""
    return f"lifeboat-{names.topology.name}-{route}-slow"
