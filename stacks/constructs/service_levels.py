"""The alarms on what a region promises its users: error budget, answers' times, and the load it is meant for."""

from dataclasses import dataclass
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.acceptance import accept
from stacks.constructs import durations
from topology_document.infrastructure.observability import ObjectivesSection

DAY_SECONDS: Final = 86400


@dataclass(frozen=True, slots=True)
class Burn:
    """A share of the error budget that is used up in a long window, and that the short one says still goes on."""

    name: str
    share: float
    long_seconds: int
    short_seconds: int

    def rate(self, window_days: int) -> float:
        """How many times faster than evenly the budget is used up."""
        return self.share * window_days * DAY_SECONDS / self.long_seconds


BURNS: Final = (
    Burn("fast", 0.02, 3600, 300),
    Burn("steady", 0.05, 6 * 3600, 1800),
    Burn("creeping", 0.10, 3 * DAY_SECONDS, 6 * 3600),
)
"""The windows of Google's SRE Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts": over 30 days these are 14.4,
6 and 1 times the even rate. https://sre.google/workbook/alerting-on-slos/"""


class ServiceLevels(Construct):
    """An alarm for each burn rate that goes off when both of its windows burn, and one on slow answers."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        objectives: ObjectivesSection,
        balancer: elb.IApplicationLoadBalancer,
        told: sns.ITopic,
    ) -> None:
        super().__init__(scope, id)
        self._balancer = balancer
        for burn in BURNS:
            self._burning(burn, objectives, told)
        if objectives.latency_p95_ms is not None:
            self._slow(objectives.latency_p95_ms, told)
        minute, metrics = durations.minutes(1), balancer.metrics
        if objectives.requests_per_second is not None:
            asked = metrics.request_count(statistic="Sum", period=minute)
            rate = cloudwatch.MathExpression(
                expression="asked / 60", using_metrics={"asked": asked}, period=minute, label="requests a second"
            )
            self._loaded("Requests", "requests a second", rate, objectives.requests_per_second, told)
        if objectives.concurrent_users is not None:
            connected = metrics.active_connection_count(statistic="Sum", period=minute)
            self._loaded("Connections", "connections at once", connected, objectives.concurrent_users, told)

    def _burning(self, burn: Burn, objectives: ObjectivesSection, told: sns.ITopic) -> None:
        name = f"{cdk.Stack.of(self).stack_name}-budget-burns-{burn.name}"
        budget = 1 - objectives.availability_percent / 100
        threshold = round(burn.rate(objectives.window_days) * budget, 9)
        windows = [
            self._window(f"{burn.name.title()}{which}", f"{name}-{which.lower()}", seconds, threshold)
            for which, seconds in (("Long", burn.long_seconds), ("Short", burn.short_seconds))
        ]
        alarm = cloudwatch.CompositeAlarm(
            self,
            f"{burn.name.title()}Burn",
            composite_alarm_name=name,
            alarm_description=f"{burn.share:.0%} of the error budget of {objectives.window_days} days is used up "
            f"within {burn.long_seconds / 3600:g} h, and it goes on: users of this region get faults.",
            alarm_rule=cloudwatch.AlarmRule.all_of(
                *(cloudwatch.AlarmRule.from_alarm(each, cloudwatch.AlarmState.ALARM) for each in windows)
            ),
        )
        alarm.add_alarm_action(actions.SnsAction(told))
        alarm.add_ok_action(actions.SnsAction(told))

    def _window(self, id: str, name: str, seconds: int, threshold: float) -> cloudwatch.Alarm:
        # CloudWatch looks at no longer period than a day: three days are three days that burned, each of them.
        period = min(seconds, DAY_SECONDS)
        window = cloudwatch.Alarm(
            self,
            id,
            alarm_name=name,
            alarm_description="One of two windows; the composite alarm tells people.",
            metric=self._faults(durations.seconds(period)),
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=seconds // period,
            datapoints_to_alarm=seconds // period,
            # Where nobody asks nobody gets a fault: an evacuated region burns nothing.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        accept(window, "one of two windows; the composite alarm tells people", "NIST.800.53.R5-CloudWatchAlarmAction")
        return window

    def _faults(self, period: cdk.Duration) -> cloudwatch.MathExpression:
        """The share of requests that the load balancer, or what is behind it, answered with a fault."""
        metrics = self._balancer.metrics
        behind, itself = elb.HttpCodeTarget.TARGET_5XX_COUNT, elb.HttpCodeElb.ELB_5XX_COUNT
        return cloudwatch.MathExpression(
            expression="IF(asked > 0, (FILL(behind, 0) + FILL(itself, 0)) / asked, 0)",
            using_metrics={
                "asked": metrics.request_count(period=period, statistic="Sum"),
                "behind": metrics.http_code_target(behind, period=period, statistic="Sum"),
                "itself": metrics.http_code_elb(itself, period=period, statistic="Sum"),
            },
            period=period,
            label="share of faults",
        )

    def _slow(self, milliseconds: int, told: sns.ITopic) -> None:
        alarm = cloudwatch.Alarm(
            self,
            "Slow",
            alarm_name=f"{cdk.Stack.of(self).stack_name}-answers-slow",
            alarm_description=f"The 95th percentile of this region's answers' times is over {milliseconds} ms.",
            metric=self._balancer.metrics.target_response_time(statistic="p95", period=durations.minutes(1)),
            threshold=milliseconds / 1000,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            evaluate_low_sample_count_percentile="ignore",
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(told))
        alarm.add_ok_action(actions.SnsAction(told))

    def _loaded(self, id: str, what: str, load: cloudwatch.IMetric, most: int, told: sns.ITopic) -> None:
        """Tell when one region carries what the whole product is meant for, as it may when the others are lost."""
        alarm = cloudwatch.Alarm(
            self,
            id,
            alarm_name=f"{cdk.Stack.of(self).stack_name}-{id.lower()}-at-most",
            alarm_description=f"This region has {most} {what}, the load that the whole product is meant for.",
            metric=load,
            threshold=most,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(told))
        alarm.add_ok_action(actions.SnsAction(told))
