"""A small function that runs at deployment, for what CloudFormation cannot do by itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.acceptance import LOG_KEY_RULES, LOG_WITHOUT_KEY, POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import constants, durations

MEMORY_MIB: Final = 256
"""boto3 needs about 100."""


class DeploymentFunction(Construct):
    """One file of Python, deployed in the template itself; ``arn`` is what a custom resource names."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        handler: Path,
        description: str,
        rights: Sequence[iam.PolicyStatement],
        failures: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id)
        log = logs.LogGroup(
            self, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        role = iam.Role(self, "Role", assumed_by=constants.service("lambda.amazonaws.com"))
        log.grant_write(role)
        for right in rights:
            role.add_to_policy(right)
        function = lambda_.Function(
            self,
            "Function",
            description=description,
            code=lambda_.Code.from_inline(handler.read_text()),
            handler="index.handle",
            runtime=constants.python(),
            architecture=constants.arm(),
            timeout=durations.minutes(2),
            memory_size=MEMORY_MIB,
            tracing=lambda_.Tracing.ACTIVE,
            role=role,
            log_group=log,
            dead_letter_queue=failures,
        )
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        accept(role, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(log, LOG_WITHOUT_KEY, *LOG_KEY_RULES)
        runtime = "3.13 is what the other functions run on; AWS patches it until 2029"
        accept(function, runtime, "AwsSolutions-L1", "Serverless-LambdaLatestVersion")
        accept(function, "it asks AWS alone, at deployment", "NIST.800.53.R5-LambdaInsideVPC", "CKV_AWS_117")
        once = "CloudFormation calls it once, at deployment"
        accept(function, once, "NIST.800.53.R5-LambdaConcurrency", "CKV_AWS_115")
        self.arn = function.function_arn
        self._role = role

    def before(self, resource: Construct) -> None:
        """Have a custom resource wait until the function has its rights."""
        resource.node.add_dependency(self._role)
