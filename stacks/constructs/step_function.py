"""One Lambda function of the control plane."""

import math
import re
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.environment import Environment
from failover.topology import Names
from stacks.acceptance import LOG_KEY_RULES, LOG_WITHOUT_KEY, POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import constants, durations

FULL_CORE_MIB: Final = 1769
"""At 1,769 MB a function has one whole vCPU (AWS Lambda, "Configure memory"): a cold start is import time,
and import time is CPU. A step is billed for milliseconds, so this costs next to nothing."""

ALWAYS_ON_MIB: Final = 256
"""For what runs all the time and mostly sleeps: memory is its whole price, and boto3 needs about 100 MB."""


class StepFunction(lambda_.Function):
    """The function of one folder of ``lambdas/``, named by its construct id.

    ``PromoteDatabase`` is deployed from ``promote_database/handler.py`` as ``Names.function`` says, told
    what ``PromoteDatabaseEnvironment`` says, under a role that may write its own log and nothing else until
    it is granted. Invocations that fail asynchronously end in ``failures``.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        code: lambda_.Code,
        environment: Environment,
        failures: sqs.IQueue,
        timeout_seconds: float = 30,
        memory_mib: int = FULL_CORE_MIB,
        reserved_concurrency: int | None = None,
        asynchronous_retries: int | None = None,
        vpc: ec2.IVpc | None = None,
        security_groups: list[ec2.ISecurityGroup] | None = None,
    ) -> None:
        expected = f"{id}Environment"
        if type(environment).__name__ != expected:
            raise TypeError(f"{id}: environment is a {type(environment).__name__}; give it a {expected}")
        step = folder_of(id)
        name = names.function(step)
        log = logs.LogGroup(
            scope,
            f"{id}Log",
            log_group_name=f"/aws/lambda/{name}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        role = iam.Role(scope, f"{id}Role", assumed_by=constants.service("lambda.amazonaws.com"))
        log.grant_write(role)
        if vpc is not None:
            role.add_managed_policy(_network_interfaces())
        super().__init__(
            scope,
            id,
            function_name=name,
            description=f"Lifeboat {names.topology.name}: {step.replace('_', ' ')}",
            code=code,
            handler=f"{step}.handler.handle",
            runtime=constants.python(),
            architecture=constants.arm(),
            memory_size=memory_mib,
            timeout=durations.seconds(math.ceil(timeout_seconds)),
            tracing=lambda_.Tracing.ACTIVE,
            role=role,
            log_group=log,
            dead_letter_queue=failures,
            reserved_concurrent_executions=reserved_concurrency,
            retry_attempts=asynchronous_retries,
            max_event_age=None if asynchronous_retries is None else durations.minutes(1),
            vpc=vpc,
            vpc_subnets=_private() if vpc else None,
            security_groups=security_groups,
            environment={
                "POWERTOOLS_SERVICE_NAME": step,
                "POWERTOOLS_METRICS_NAMESPACE": names.metrics_namespace,
                "LOG_LEVEL": "INFO",
                **environment.as_variables(),
            },
        )
        self.step, self.state = step, id
        _accept(self, log, reserved=reserved_concurrency is not None, networked=vpc is not None)
        _accept_of_role(role)


def folder_of(id: str) -> str:
    """Return the folder of a construct id: ``PromoteDatabase`` is in ``promote_database``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", id).lower()


def _accept(function: lambda_.Function, log: logs.LogGroup, *, reserved: bool, networked: bool) -> None:
    runtime = "3.13 is what the packaged libraries are locked for; AWS patches it until 2029"
    accept(function, runtime, "AwsSolutions-L1", "Serverless-LambdaLatestVersion")
    accept(function, "its variables are names of tables and regions: nothing secret is told this way", "CKV_AWS_173")
    if not networked:
        why = "it asks AWS's interfaces alone; a network of ours would be one more thing that breaks with a region"
        accept(function, why, "NIST.800.53.R5-LambdaInsideVPC", "CKV_AWS_117")
    if not reserved:
        why = "it is called a few times in an incident; what runs all the time has its own share of the account's pool"
        accept(function, why, "NIST.800.53.R5-LambdaConcurrency", "CKV_AWS_115")
    accept(function, "what fails for good ends in the dead-letter queue", "Serverless-LambdaAsyncFailureDestination")
    accept(log, LOG_WITHOUT_KEY, *LOG_KEY_RULES)


def _accept_of_role(role: iam.Role) -> None:
    accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
    accept(role, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
    managed = "AWS's own policy for functions in a network lets them have an interface, and nothing else"
    accept(role, managed, "AwsSolutions-IAM4")


def _network_interfaces() -> iam.IManagedPolicy:
    return iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSLambdaVPCAccessExecutionRole")


def _private() -> ec2.SubnetSelection:
    return ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
