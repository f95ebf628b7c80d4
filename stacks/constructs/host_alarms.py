"""Alarms on a self-managed copy's hosts: what an operator must mend before it is needed."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.constructs import durations
from stacks.constructs.database_host import DatabaseHost
from stacks.constructs.host_access import METRICS

MOST_USED_PERCENT: Final = 85


class HostAlarms(Construct):
    """A disk that fills up, and a machine that EC2 does not find well."""

    def __init__(self, scope: Construct, id: str, *, name: str, hosts: list[DatabaseHost], told: sns.ITopic) -> None:
        super().__init__(scope, id)
        prefix = f"{cdk.Stack.of(self).stack_name}-{name}"
        for number, host in enumerate(hosts, start=1):
            instance = {"InstanceId": host.instance}
            self._alarm(
                f"Disk{number}",
                (f"{prefix}-disk-{number}", f"Over {MOST_USED_PERCENT} % of a disk of {name}'s host {number} is used."),
                cloudwatch.Metric(namespace=METRICS, metric_name="disk_used_percent", dimensions_map=instance),
                MOST_USED_PERCENT,
                told,
            )
            self._alarm(
                f"Machine{number}",
                (f"{prefix}-machine-{number}", f"EC2 does not find {name}'s host {number} well."),
                cloudwatch.Metric(namespace="AWS/EC2", metric_name="StatusCheckFailed", dimensions_map=instance),
                0,
                told,
            )

    def _alarm(
        self, id: str, called: tuple[str, str], metric: cloudwatch.Metric, threshold: float, told: sns.ITopic
    ) -> None:
        name, description = called
        alarm = cloudwatch.Alarm(
            self,
            id,
            alarm_name=name,
            alarm_description=description,
            metric=metric.with_(statistic="Maximum", period=durations.minutes(1)),
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            threshold=threshold,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            # A host that says nothing is the observers' business.
            treat_missing_data=cloudwatch.TreatMissingData.MISSING,
        )
        alarm.add_alarm_action(actions.SnsAction(told))
