"""The hook by which CloudFormation asks before it touches a stack of the product."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.environments import GuardDeploymentEnvironment
from failover.topology import Names
from stacks.acceptance import POLICY_OF_ONE_ROLE, accept
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.step_function import StepFunction

TIMEOUT_SECONDS = 25
"""CloudFormation waits 30 s for the answer (Hooks user guide, "Developing a Lambda Hook")."""


class DeployGuard(Construct):
    """A Lambda hook on the operations of the named stacks, and on their change sets.

    It is asked before a stack is created, updated or deleted, and when a change set is made, so that people see the
    refusal before they execute. Single resources are no target: CloudFormation asks about the deletion of one only
    when its stack is deleted, so that taking a database out of a template would pass.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        code: lambda_.Code,
        failures: sqs.IQueue,
        stacks: list[str],
    ) -> None:
        super().__init__(scope, id)
        guard = StepFunction(
            self,
            "GuardDeployment",
            names=names,
            code=code,
            environment=GuardDeploymentEnvironment(
                quorum_table=names.quorum_table, quorum_regions=names.topology.quorum.replicas
            ),
            failures=failures,
            timeout_seconds=TIMEOUT_SECONDS,
        )
        QuorumAccess(names).grant_read_write(guard)
        alias = names.deploy_hook
        role = iam.Role(
            self,
            "HookRole",
            assumed_by=iam.ServicePrincipal(
                "hooks.cloudformation.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": names.topology.account},
                    "ArnLike": {
                        "aws:SourceArn": f"arn:aws:cloudformation:{region}:{names.topology.account}:type/hook/"
                        f"{alias.replace('::', '-')}*"
                    },
                },
            ),
        )
        granted = guard.grant_invoke(role)
        accept(role, "it may call one function, in each of its versions", "AwsSolutions-IAM5")
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        hook = cdk.CfnLambdaHook(
            self,
            "Hook",
            alias=alias,
            lambda_function=guard.function_arn,
            execution_role=role.role_arn,
            hook_status="ENABLED",
            failure_mode="FAIL",
            target_operations=["STACK", "CHANGE_SET"],
            stack_filters=cdk.CfnLambdaHook.StackFiltersProperty(
                filtering_criteria="ALL",
                stack_names=cdk.CfnLambdaHook.StackNamesProperty(include=sorted(stacks)),
            ),
        )
        # A hook that may not ask yet refuses everything.
        granted.apply_before(hook)
