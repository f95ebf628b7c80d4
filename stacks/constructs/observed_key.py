"""The key of what is observed: logs, streams and metrics, apart from the data's."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.constructs.retention import KEPT


class ObservedKey(kms.Key):
    """A key of one stack, that CloudWatch Logs and alarms of its region may use as well."""

    def __init__(self, scope: Construct, id: str, *, description: str) -> None:
        super().__init__(scope, id, description=description, enable_key_rotation=True, removal_policy=KEPT)
        stack = cdk.Stack.of(self)
        groups = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:*"
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogsOfThisRegion",
                principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
                actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
            )
        )
