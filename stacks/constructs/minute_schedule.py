"""A rule that fires each minute, never without the alarm on its silence."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.acceptance import accept
from stacks.constructs import durations
from stacks.constructs.heartbeat_alarm import HeartbeatAlarm
from stacks.constructs.signals import rule_triggered

SILENT_MINUTES: Final = 5
"""EventBridge hands its metrics over each minute, and later than a function its own: two minutes would be noise."""


class MinuteSchedule(Construct):
    """Starts its targets once a minute; pages when it has not fired for five.

    The alarm says that the rule fired, not that its targets did anything: what must not stop has a heartbeat of
    its own.
    """

    def __init__(
        self, scope: Construct, id: str, *, description: str, targets: Sequence[events.IRuleTarget], told: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        rule = events.Rule(
            self,
            "Rule",
            description=description,
            schedule=events.Schedule.rate(durations.minutes(1)),
            targets=list(targets),
        )
        accept(rule, "the next minute fires again, and silence has its alarm", "Serverless-EventBusDLQ")
        stack = cdk.Stack.of(self)
        HeartbeatAlarm(
            self,
            "Silent",
            name=f"{stack.stack_name}-{id.lower()}-stopped",
            description=f"A rule of {stack.region} has not fired for {SILENT_MINUTES} minutes. {description}",
            heartbeat=rule_triggered(rule),
            told=told,
            periods=SILENT_MINUTES,
        )
