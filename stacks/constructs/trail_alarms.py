"""What nobody should do, or only knowingly, is told as soon as the trail has it."""

from dataclasses import dataclass
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.constructs import durations


@dataclass(frozen=True, slots=True)
class Watched:
    """A kind of event: the pattern that finds it, and how many within five minutes are told."""

    id: str
    meaning: str
    pattern: str
    at_least: int = 1


def _any(*names: str) -> str:
    return "{ " + " || ".join(f"($.eventName = {name})" for name in names) + " }"


WATCHED: Final = (
    Watched(
        "RootUsed",
        "the account's root user did something",
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    ),
    Watched(
        "SignedInWithoutSecondFactor",
        "somebody signed in to the console without a second factor",
        '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") '
        '&& ($.responseElements.ConsoleLogin = "Success") && ($.userIdentity.type = "IAMUser") }',
    ),
    Watched(
        "TrailChanged",
        "a trail was changed or stopped",
        _any("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors"),
    ),
    Watched(
        "WatchingChanged",
        "a detector, a recorder or Security Hub was switched off",
        _any(
            "StopConfigurationRecorder",
            "DeleteConfigurationRecorder",
            "DeleteDeliveryChannel",
            "DeleteDetector",
            "UpdateDetector",
            "DisableSecurityHub",
            "DisableMacie",
        ),
    ),
    Watched(
        "KeyGoing",
        "a key was disabled or will be deleted, or who may use it was changed",
        '{ ($.eventSource = "kms.amazonaws.com") '
        '&& (($.eventName = "DisableKey") || ($.eventName = "ScheduleKeyDeletion") '
        '|| ($.eventName = "PutKeyPolicy")) }',
    ),
    Watched(
        "QuorumStoreWrittenByAPerson",
        "somebody who is none of the product's functions wrote to the quorum store",
        '{ ($.eventSource = "dynamodb.amazonaws.com") && ($.eventCategory = "Data") && ($.readOnly IS FALSE) '
        "&& (($.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS) "
        '|| ($.userIdentity.sessionContext.sessionIssuer.userName != "lifeboat-*")) }',
    ),
    Watched(
        "ManyRefusals",
        "many calls were refused for lack of a right",
        '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
        at_least=20,
    ),
)


class TrailAlarms(Construct):
    """A metric filter and an alarm for each of them; ``namespace`` is the control plane's own."""

    def __init__(
        self, scope: Construct, id: str, *, group: logs.ILogGroup, namespace: str, product: str, told: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        for each in WATCHED:
            metric = f"Trail{each.id}-{product}"
            logs.MetricFilter(
                self,
                f"{each.id}Filter",
                log_group=group,
                filter_pattern=logs.FilterPattern.literal(each.pattern),
                metric_namespace=namespace,
                metric_name=metric,
                metric_value="1",
            )
            alarm = cloudwatch.Alarm(
                self,
                each.id,
                alarm_name=f"{cdk.Stack.of(self).stack_name}-{each.id}",
                alarm_description=f"In the trail of the account: {each.meaning}.",
                metric=cloudwatch.Metric(
                    namespace=namespace, metric_name=metric, statistic="Sum", period=durations.minutes(5)
                ),
                threshold=each.at_least,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                evaluation_periods=1,
                # A filter that finds nothing says nothing.
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarm.add_alarm_action(actions.SnsAction(told))
