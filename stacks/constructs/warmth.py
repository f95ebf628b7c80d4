"""The minute's ping that keeps the steps of an incident from starting cold."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.constructs import durations
from stacks.constructs.minute_schedule import MinuteSchedule

TARGETS_PER_RULE: Final = 5
"""EventBridge's quota, "Targets per rule"."""


class Warmth(Construct):
    """Rules that invoke each function once a minute with ``{"keep_warm": true}``.

    A ping that fails ends where every failed invocation does, and its alarm pages: a step that could not start in
    an incident is known before there is one.
    """

    def __init__(self, scope: Construct, id: str, *, functions: Sequence[lambda_.IFunction], told: sns.ITopic) -> None:
        super().__init__(scope, id)
        ping = events.RuleTargetInput.from_object({"keep_warm": True})
        for start in range(0, len(functions), TARGETS_PER_RULE):
            MinuteSchedule(
                self,
                f"Ping{start // TARGETS_PER_RULE + 1}",
                description="Keeps the steps of an incident warm.",
                targets=[
                    targets.LambdaFunction(function, event=ping, retry_attempts=0, max_event_age=durations.minutes(1))
                    for function in functions[start : start + TARGETS_PER_RULE]
                ],
                told=told,
            )
