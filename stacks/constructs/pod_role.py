"""A role that pods of one cluster take by EKS Pod Identity."""

from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept


class PodRole(iam.Role):
    """Its trust is in EKS, for this cluster of this account and no other."""

    def __init__(self, scope: Construct, id: str, *, names: Names, region: str) -> None:
        account = names.topology.account
        conditions = {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnEquals": {"aws:SourceArn": f"arn:aws:eks:{region}:{account}:cluster/{names.cluster}"},
        }
        pods = iam.ServicePrincipal("pods.eks.amazonaws.com", conditions=conditions)
        super().__init__(scope, id, assumed_by=iam.SessionTagsPrincipal(pods))
        self._names = names
        accept(self, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        accept(self, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")

    def allow(
        self, actions: list[str], resources: list[str], conditions: dict[str, dict[str, object]] | None = None
    ) -> None:
        """Let the pods do this with these."""
        self.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources, conditions=conditions))

    def bind(self, namespace: str, service_account: str, *, id: str = "Pods") -> None:
        """Give it to the pods of one service account."""
        eks.CfnPodIdentityAssociation(
            self,
            id,
            cluster_name=self._names.cluster,
            namespace=namespace,
            service_account=service_account,
            role_arn=self.role_arn,
        )
