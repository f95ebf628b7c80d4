"""The role that operators take on to work in one region."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import durations
from stacks.constructs.executors import MACHINES
from stacks.constructs.quorum_table import QuorumAccess
from stacks.constructs.security_names import SecurityNames


class OperationsRole(iam.Role):
    """What ``lifeboat`` and the state machines need of an operator, in one control region.

    Each region has its own, so that the loss of one takes nobody's way into the others: operators take on the role of
    a region that lives. The quorum store is written through whichever replica answers.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: SecurityNames, region: str, operators: Sequence[str], minutes: int
    ) -> None:
        topology = names.names.topology
        super().__init__(
            scope,
            id,
            role_name=names.operations_role(region),
            description=f"Operators of {topology.name} in {region}",
            max_session_duration=durations.minutes(minutes),
            assumed_by=iam.CompositePrincipal(*_trusted(topology.account, operators)),
        )
        store = QuorumAccess(names.names)
        store.grant_read_write(self)
        store.grant_withdraw(self)
        store.grant_look_at_table(self)
        machines = [names.names.machine_arn(machine, region) for machine in MACHINES]
        runs = [f"{arn.replace(':stateMachine:', ':execution:')}:*" for arn in machines]
        self._allow(["states:StartExecution", "states:ListExecutions", "states:DescribeStateMachine"], machines)
        self._allow(["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"], runs)
        self._allow(
            ["lambda:InvokeFunction"],
            [names.names.function_arn("database_agent", each) for each in topology.region_names],
        )
        logs = f"arn:aws:logs:{region}:{topology.account}:log-group:/aws/lambda/lifeboat-{topology.name}-*"
        accept(self, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        accept(self, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        self._allow(["logs:FilterLogEvents", "logs:GetLogEvents", "logs:DescribeLogStreams"], [logs, f"{logs}:*"])

    def _allow(self, actions: list[str], resources: list[str]) -> None:
        self.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))


def _trusted(account: str, operators: Sequence[str]) -> list[iam.PrincipalBase]:
    """Return who may take the role on: by a name that need not be there yet, and may go and come again.

    AWS forgets a second factor when a role takes on another one, so that only users can be asked for theirs here.
    """
    users = [each for each in operators if ":user/" in each]
    roles = [each for each in operators if each not in users]
    trusted: list[iam.PrincipalBase] = []
    if roles:
        trusted.append(iam.AccountPrincipal(account).with_conditions({"ArnEquals": {"aws:PrincipalArn": roles}}))
    if users:
        second = {"ArnEquals": {"aws:PrincipalArn": users}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}
        trusted.append(iam.AccountPrincipal(account).with_conditions(second))
    return trusted
