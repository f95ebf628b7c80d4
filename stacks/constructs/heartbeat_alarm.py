"""The alarm on a monitor that has stopped."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct


class HeartbeatAlarm(cloudwatch.Alarm):
    """Pages when a heartbeat was missing for some of its metric's periods running; two unless told.

    Missing data breaches here, and only here: this alarm watches the monitor, so silence is the failure.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        description: str,
        heartbeat: cloudwatch.Metric,
        told: sns.ITopic,
        periods: int = 2,
    ) -> None:
        super().__init__(
            scope,
            id,
            alarm_name=name,
            alarm_description=description,
            metric=heartbeat,
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=periods,
            datapoints_to_alarm=periods,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        self.add_alarm_action(actions.SnsAction(told))
        self.add_ok_action(actions.SnsAction(told))
