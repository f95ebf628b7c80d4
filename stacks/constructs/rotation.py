"""Changes the passwords of the databases that were born in a region, where their secrets are."""

from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.environments import RotateSecretEnvironment
from failover.topology import Database, Names
from stacks.constructs import constants
from stacks.constructs.database_access import DatabaseAccess
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.step_function import ALWAYS_ON_MIB, StepFunction
from topology_document.infrastructure.security import SecretsSection

TIMEOUT_SECONDS: Final = 90
ANY_SUFFIX: Final = "-??????"
"""Secrets Manager puts a hyphen and six characters of its own behind each name."""


class Rotation(Construct):
    """A function for all of them, and for each secret when it is to be changed.

    It asks the agent where the database is written now, so that it goes on after a failover. A secret whose region is
    lost is not changed until that region returns: everybody goes on with what they have.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        code: lambda_.Code,
        databases: list[Database],
        secrets: SecretsSection,
        failures: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id)
        function = StepFunction(
            self,
            "RotateSecret",
            names=names,
            code=code,
            environment=RotateSecretEnvironment(
                quorum_table=names.quorum_table, quorum_regions=names.topology.quorum.replicas
            ),
            failures=failures,
            timeout_seconds=TIMEOUT_SECONDS,
            memory_mib=ALWAYS_ON_MIB,
        )
        QuorumAccess(names).grant_read(function)
        DatabaseAccess(names).grant_ask_agents(function)
        rotated = {
            f"{database.name}-{role}": secret
            for database in databases
            for role, secret in names.login_secrets(database.name).items()
        }
        place = f"arn:aws:secretsmanager:{region}:{names.topology.account}:secret:"
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=[
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:UpdateSecretVersionStage",
                ],
                resources=[f"{place}{secret}{ANY_SUFFIX}" for secret in rotated.values()],
            )
        )
        # It draws a password and is about no secret.
        function.add_to_role_policy(iam.PolicyStatement(actions=["secretsmanager:GetRandomPassword"], resources=["*"]))
        function.add_permission(
            "SecretsManager",
            principal=constants.service("secretsmanager.amazonaws.com"),
            source_account=names.topology.account,
        )
        for key, secret in rotated.items():
            schedule = secretsmanager.CfnRotationSchedule(
                self,
                key,
                secret_id=secret,
                rotation_lambda_arn=function.function_arn,
                rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                    schedule_expression=f"rate({secrets.rotation_days} {_days(secrets.rotation_days)})",
                    duration=f"{secrets.window_hours}h",
                ),
                # Before `lifeboat init` there is nobody whose password could be changed.
                rotate_immediately_on_update=False,
            )
            schedule.node.add_dependency(function)


def _days(number: int) -> str:
    return "day" if number == 1 else "days"
