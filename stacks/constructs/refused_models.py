"""The alarm on a model's version that was taken back."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.model_versions import ModelPlan
from stacks.constructs import durations


class RefusedModel(cloudwatch.Alarm):
    """Tells people in the region of publication, where it is decided."""

    def __init__(self, scope: Construct, id: str, *, plan: ModelPlan, namespace: str, told: sns.ITopic) -> None:
        super().__init__(
            scope,
            id,
            alarm_name=f"{cdk.Stack.of(scope).stack_name}-{plan.name}-refused",
            alarm_description=f"A version of {plan.name} answered badly and was taken back everywhere.",
            metric=cloudwatch.Metric(
                namespace=namespace,
                metric_name="ModelRefused",
                dimensions_map={"Model": plan.name},
                statistic="Sum",
                period=durations.minutes(1),
            ),
            threshold=1,
            evaluation_periods=1,
            # Nothing is told while nothing is refused.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.add_alarm_action(actions.SnsAction(told))
