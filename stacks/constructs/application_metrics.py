"""The application's own metrics, of business, performance and models: their alarms, and which of two is worse."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Names
from stacks.constructs import durations, observed
from topology_document.infrastructure.observability import MetricSection

ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD


class ApplicationMetrics(Construct):
    """The alarms of one region on what its application publishes."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        metrics: Mapping[str, MetricSection],
        told: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        self._told = told
        for name, section in sorted(metrics.items()):
            metric = published(names, name, section, region)
            for word, bounds, comparison in (("above", section.above, ABOVE), ("below", section.below, BELOW)):
                if region in bounds:
                    self._alarm(f"{name}-{word}", metric, bounds[region], comparison, section)
            if section.worse_percent is not None:
                worse = f"{name}-{section.variants[1]}-is-worse"
                self._alarm(worse, compared(names, name, section, region), section.worse_percent, ABOVE, section)

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        threshold: float,
        comparison: cloudwatch.ComparisonOperator,
        section: MetricSection,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{cdk.Stack.of(self).stack_name}-{name.lower()}",
            alarm_description=f"For {section.minutes} minutes ({section.kind} metric of the application).",
            metric=metric,
            threshold=threshold,
            comparison_operator=comparison,
            evaluation_periods=section.minutes,
            # An evacuated region does no business, and that is no trouble of the application's.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self._told))
        alarm.add_ok_action(actions.SnsAction(self._told))


def published(
    names: Names, name: str, section: MetricSection, region: str, variant: str | None = None
) -> cloudwatch.Metric:
    """Return what a region's application publishes under a name, of one variant or of all."""
    return cloudwatch.Metric(
        namespace=observed.metrics_namespace(names),
        metric_name=name,
        dimensions_map={"Region": region} | ({"Variant": variant} if variant else {}),
        statistic=section.statistic.value,
        period=durations.minutes(1),
        region=region,
        label=f"{region} {variant}" if variant else region,
    )


def compared(names: Names, name: str, section: MetricSection, region: str) -> cloudwatch.MathExpression:
    """Return by how many percent the second variant's figure is over the first's."""
    first, second = (published(names, name, section, region, each) for each in section.variants)
    return cloudwatch.MathExpression(
        expression="IF(first > 0, 100 * (second - first) / first, 0)",
        using_metrics={"first": first, "second": second},
        period=durations.minutes(1),
        label=f"{region}: {section.variants[1]} over {section.variants[0]}, percent",
    )
