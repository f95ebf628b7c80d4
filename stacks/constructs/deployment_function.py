"""A small function that runs at deployment, for what CloudFormation cannot do by itself."""

from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct


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
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log.grant_write(role)
        for right in rights:
            role.add_to_policy(right)
        function = lambda_.Function(
            self,
            "Function",
            description=description,
            code=lambda_.Code.from_inline(handler.read_text()),
            handler="index.handle",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            timeout=cdk.Duration.minutes(2),
            tracing=lambda_.Tracing.ACTIVE,
            role=role,
            log_group=log,
            dead_letter_queue=failures,
        )
        self.arn = function.function_arn
        self._role = role

    def before(self, resource: Construct) -> None:
        """Have a custom resource wait until the function has its rights."""
        resource.node.add_dependency(self._role)
