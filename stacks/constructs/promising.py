"""Promises to guards that cannot reach the quorum store: who gives them, who honours them, who is told."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.environments import GivePromiseEnvironment
from failover.topology import Names
from stacks.constructs.allowing import allow
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.signals import failsafe
from stacks.constructs.step_function import StepFunction

ACT: Final = ("RevokeLease", "RegrantLease")
"""Steps that write down that they act, or do not any more."""

LOOK: Final = ("ChooseTarget",)
"""Steps that must know what was promised."""


class Promising(Construct):
    """``give_promise`` of a control region, on the table of that region alone."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        code: lambda_.Code,
        failures: sqs.IQueue,
        local: dynamodb.TableV2,
    ) -> None:
        super().__init__(scope, id)
        self._local = local
        self.give = StepFunction(
            self,
            "GivePromise",
            names=names,
            code=code,
            environment=GivePromiseEnvironment(
                quorum_table=names.quorum_table, quorum_regions=names.topology.quorum.replicas
            ),
            failures=failures,
        )
        QuorumAccess(names).grant_read(self.give)
        self.grant_act([self.give])

    def grant_act(self, functions: Sequence[lambda_.IFunction]) -> None:
        """Let functions read and change what this region has promised."""
        for function in functions:
            self._local.grant(function, "dynamodb:GetItem", "dynamodb:PutItem")

    def grant_look(self, functions: Sequence[lambda_.IFunction]) -> None:
        """Let functions read what this region has promised."""
        for function in functions:
            self._local.grant(function, "dynamodb:GetItem")


class FailsafeAlarms(Construct):
    """Tell people that a region writes on promises alone, or that it does not get them and will stop."""

    def __init__(self, scope: Construct, id: str, *, names: Names, region: str, told: sns.ITopic) -> None:
        super().__init__(scope, id)
        stack = cdk.Stack.of(self).stack_name
        prefix = f"{region}-" if names.topology.site(region) else ""
        says = {
            True: ("Extended", "reaches no replica of the quorum store; it writes on the promises of control regions."),
            False: ("Refused", "reaches no replica of the quorum store, and was not promised: its writes stop."),
        }
        for extended, (word, text) in says.items():
            alarm = cloudwatch.Alarm(
                self,
                word,
                alarm_name=f"{stack}-{prefix}failsafe-{word.lower()}",
                alarm_description=f"The guard of {region} {text} Its log names the regions that refused.",
                metric=failsafe(names, region=region, extended=extended),
                threshold=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                evaluation_periods=1,
                # Nothing is published while the store answers, and that is the good state.
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarm.add_alarm_action(actions.SnsAction(told))
            alarm.add_ok_action(actions.SnsAction(told))


def grant_ask_for_promises(guard: iam.IGrantable, names: Names) -> None:
    """Let a guard ask ``give_promise`` of every control region."""
    asked = [names.function_arn("give_promise", region) for region in names.topology.control_regions]
    allow(guard, iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=asked))
