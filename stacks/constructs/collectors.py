"""The rights of what collects in a region's cluster: logs, traces and metrics, each its own and no other."""

import aws_cdk as cdk
from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import constants, observed
from stacks.constructs.observed import LOGS, METRICS, NAMESPACE, TRACES


class Collectors(Construct):
    """A role for each collector, tied to its service account in the region's cluster, which is known by its name."""

    def __init__(self, scope: Construct, id: str, *, names: Names) -> None:
        super().__init__(scope, id)
        self._names = names
        accept(self, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(self, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")

    def allow_logs(self, group: logs.ILogGroup) -> None:
        """Let the collector of logs write into the application's group."""
        group.grant_write(self._role(LOGS))

    def allow_traces(self) -> None:
        """Let the collector of traces hand them to X-Ray, whose actions know no resource."""
        actions = [
            "xray:PutTraceSegments",
            "xray:PutTelemetryRecords",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
        ]
        self._role(TRACES).add_to_policy(iam.PolicyStatement(actions=actions, resources=["*"]))

    def allow_metrics(self, workspace_arn: str, federated_in: str | None) -> None:
        """Let the region's Prometheus write into its own workspace and, where there is a view of all, into that one."""
        role, stack = self._role(METRICS), cdk.Stack.of(self)
        write = ["aps:RemoteWrite"]
        role.add_to_policy(iam.PolicyStatement(actions=write, resources=[workspace_arn]))
        name = observed.workspace_parameter(self._names, "endpoint")
        places = dict.fromkeys(each for each in (stack.region, federated_in) if each is not None)
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["ssm:GetParameter"],
                resources=[f"arn:aws:ssm:{each}:{stack.account}:parameter{name}" for each in places],
            )
        )
        if federated_in is not None and federated_in != stack.region:
            # Its id is another region's to know; its tag is the product's.
            role.add_to_policy(
                iam.PolicyStatement(
                    actions=write,
                    resources=[f"arn:aws:aps:{federated_in}:{stack.account}:workspace/*"],
                    conditions={"StringEquals": {"aws:ResourceTag/lifeboat:topology": self._names.topology.name}},
                )
            )

    def _role(self, account: str) -> iam.Role:
        role = iam.Role(
            self,
            f"{account.title()}Role",
            assumed_by=constants.service("pods.eks.amazonaws.com").with_session_tags(),
            description=f"The collector of {account} in the cluster of this region.",
        )
        eks.CfnPodIdentityAssociation(
            self,
            account.title(),
            cluster_name=self._names.cluster,
            namespace=NAMESPACE,
            service_account=account,
            role_arn=role.role_arn,
        )
        return role
