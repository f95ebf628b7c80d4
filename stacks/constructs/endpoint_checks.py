"""Route 53's own look at the regions' entrances, and what is calculated from several looks."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Names
from stacks.constructs import durations
from stacks.constructs.lever_checks import checker_regions, tagged
from stacks.constructs.slow_alarm import slow_alarm_name
from topology_document.infrastructure.steering import EndpointChecksSection

METRICS_OF_ROUTE_53: Final = "AWS/Route53"
"""Route 53 publishes its health checks' metrics in us-east-1 alone, where the global layer is."""


class EndpointCheck(Construct):
    """Whether a region's entrance answers as Route 53's checkers see it, and, if asked, whether it is slow.

    People are told when it does not. A name that is written is not moved by it: a region that has the lease may be
    hard to reach from three places and still be the only one that may write.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        route: str,
        region: str,
        settings: EndpointChecksSection,
        told: sns.ITopic | None,
    ) -> None:
        super().__init__(scope, id)
        called = f"lifeboat-{names.topology.name}-{route}-{region}"
        self.endpoint = route53.CfnHealthCheck(
            self,
            "Endpoint",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="HTTPS",
                fully_qualified_domain_name=names.origin(region),
                port=443,
                resource_path=settings.path,
                enable_sni=True,
                request_interval=settings.interval_seconds,
                failure_threshold=settings.failures,
                regions=list(checker_regions(names)),
            ),
            health_check_tags=tagged(called),
        )
        self.checks = [self.endpoint]
        if settings.slow_ms is not None:
            self.checks.append(self._slow(names, route, region, called))
        if told is not None:
            self._tell(called, told)

    def _slow(self, names: Names, route: str, region: str, called: str) -> route53.CfnHealthCheck:
        """Return the check that follows the alarm of the region itself; without requests no region is slow."""
        return route53.CfnHealthCheck(
            self,
            "Slow",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="CLOUDWATCH_METRIC",
                alarm_identifier=route53.CfnHealthCheck.AlarmIdentifierProperty(
                    name=slow_alarm_name(names, route), region=region
                ),
                insufficient_data_health_status="Healthy",
            ),
            health_check_tags=tagged(f"{called}-slow"),
        )

    def _tell(self, called: str, told: sns.ITopic) -> None:
        alarm = cloudwatch.Alarm(
            self,
            "Unreachable",
            alarm_name=f"{called}-unreachable",
            alarm_description="Route 53's checkers get no answer of the region's entrance; what the control regions "
            "see decides, and the levers move what is written.",
            metric=cloudwatch.Metric(
                namespace=METRICS_OF_ROUTE_53,
                metric_name="HealthCheckStatus",
                dimensions_map={"HealthCheckId": self.endpoint.attr_health_check_id},
                statistic="Minimum",
                period=durations.minutes(1),
            ),
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            threshold=1,
            evaluation_periods=2,
            # Nobody looks any more: that is to be known too.
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(told))
        alarm.add_ok_action(actions.SnsAction(told))


class AllOf(Construct):
    """Healthy while all of its parts are."""

    def __init__(self, scope: Construct, id: str, *, names: Names, checks: Sequence[route53.CfnHealthCheck]) -> None:
        super().__init__(scope, id)
        self.check = _calculated(self, names, checks, least=len(checks))


class AnyOf(Construct):
    """Healthy while one of its parts is."""

    def __init__(self, scope: Construct, id: str, *, names: Names, checks: Sequence[route53.CfnHealthCheck]) -> None:
        super().__init__(scope, id)
        self.check = _calculated(self, names, checks, least=1)


def _calculated(
    scope: Construct, names: Names, checks: Sequence[route53.CfnHealthCheck], *, least: int
) -> route53.CfnHealthCheck:
    return route53.CfnHealthCheck(
        scope,
        "Calculated",
        health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
            type="CALCULATED",
            child_health_checks=[check.attr_health_check_id for check in checks],
            health_threshold=least,
        ),
        health_check_tags=tagged(f"lifeboat-{names.topology.name}-{scope.node.id}".lower()),
    )
