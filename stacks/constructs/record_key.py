"""The key of a stack's records, and which services of AWS may write under it."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.constructs import durations
from stacks.constructs.retention import KEPT

SEAL: Final = ("kms:DescribeKey", "kms:GenerateDataKey*")
USE: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")


class RecordKey(kms.Key):
    """Not the data's key: who may read the data cannot read who did what, nor the other way round.

    Each service may use it for resources of this account alone, so that nobody can have it do so for theirs.
    """

    def __init__(self, scope: Construct, id: str, *, alias: str, description: str, rotation_days: int) -> None:
        super().__init__(
            scope,
            id,
            alias=alias,
            description=description,
            enable_key_rotation=True,
            rotation_period=durations.days(rotation_days),
            removal_policy=KEPT,
        )
        stack = cdk.Stack.of(self)
        self._account, self._region = stack.account, stack.region

    def let_logs_use(self) -> None:
        """Let CloudWatch Logs encrypt the groups of this account and region."""
        groups = f"arn:aws:logs:{self._region}:{self._account}:log-group:*"
        self._let(f"logs.{self._region}.amazonaws.com", USE, "ArnLike", "kms:EncryptionContext:aws:logs:arn", groups)

    def let_trail_use(self, arn: str) -> None:
        """Let CloudTrail seal the files of one trail."""
        self._let("cloudtrail.amazonaws.com", SEAL, "StringEquals", "aws:SourceArn", arn)

    def let_publish(self, service: str) -> None:
        """Let a service of AWS publish on the account's topics that are under this key."""
        self._let(service, ("kms:Decrypt", "kms:GenerateDataKey*"), "StringEquals", "aws:SourceAccount", self._account)

    def _let(self, service: str, actions: tuple[str, ...], test: str, condition: str, value: str) -> None:
        self.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(service)],
                actions=list(actions),
                resources=["*"],  # of a key's policy this is the key itself
                conditions={test: {condition: value}},
            )
        )
