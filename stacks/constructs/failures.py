"""Where asynchronous invocations end that no function took, and the alarm that somebody must look."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.acceptance import accept
from stacks.constructs import durations


class Failures(Construct):
    """The dead-letter queue of a stack's functions."""

    def __init__(self, scope: Construct, id: str, *, told: sns.ITopic) -> None:
        super().__init__(scope, id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            retention_period=durations.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        accept(
            self.queue, "it is where others' messages end; an alarm says that one has", "Serverless-SQSRedrivePolicy"
        )
        accept(self.queue, "encrypted with the queue service's own key", "CKV_AWS_27")
        layer = cdk.Stack.of(self).stack_name
        alarm = cloudwatch.Alarm(
            self,
            "NotEmpty",
            alarm_name=f"{layer}-invocations-lost",
            alarm_description="An asynchronous invocation failed for good; its event is in the queue.",
            metric=self.queue.metric_approximate_number_of_messages_visible(period=durations.minutes(1)),
            threshold=1,
            evaluation_periods=1,
            # An idle queue publishes nothing, and that is its good state.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(told))
