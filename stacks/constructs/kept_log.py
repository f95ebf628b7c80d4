"""A log group that is kept for as many days as the document says, encrypted with a key of ours."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.constructs.retention import KEPT


class KeptLog(logs.LogGroup):
    """The number of days is the document's; the construct that this is knows names of numbers only."""

    def __init__(self, scope: Construct, id: str, *, days: int, name: str | None = None, key: kms.IKey | None) -> None:
        super().__init__(scope, id, log_group_name=name, encryption_key=key, removal_policy=KEPT)
        group = self.node.default_child
        assert isinstance(group, logs.CfnLogGroup)
        group.retention_in_days = days
        stack = cdk.Stack.of(self)
        # The group's own ARN ends with a star, which some services do not take.
        self.plain_arn = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:{group.ref}"
        if key is not None:
            let_logs_use(key, stack)


def let_logs_use(key: kms.IKey, stack: cdk.Stack) -> None:
    """Let CloudWatch Logs encrypt this region's groups with the key; said twice, it is one statement."""
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="LogsOfThisRegion",
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            resources=["*"],
            conditions={
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{stack.region}:{stack.account}:log-group:*"
                }
            },
        )
    )
