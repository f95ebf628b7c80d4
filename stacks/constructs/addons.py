"""What EKS keeps running in a cluster by itself: names, addresses, identities, disks and figures of pods."""

import json
from typing import Any, Final

from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs.pod_role import PodRole

ADDONS: Final[dict[str, dict[str, Any]]] = {
    # The network policies of the manifests are kept by the network plugin, which does so only when told.
    "vpc-cni": {"enableNetworkPolicy": "true"},
    "kube-proxy": {},
    "coredns": {"autoScaling": {"enabled": True}},
    "eks-pod-identity-agent": {},
    "aws-ebs-csi-driver": {},
    # Without it no autoscaler of pods knows how busy they are.
    "metrics-server": {},
}
DISKS: Final = ("aws-ebs-csi-driver", "ebs-csi-controller-sa")


class Addons(Construct):
    """The add-ons of one cluster, in the versions that EKS takes for the cluster's own."""

    def __init__(self, scope: Construct, id: str, *, names: Names, region: str) -> None:
        super().__init__(scope, id)
        for name, settings in ADDONS.items():
            eks.CfnAddon(
                self,
                name,
                addon_name=name,
                cluster_name=names.cluster,
                resolve_conflicts="OVERWRITE",
                configuration_values=json.dumps(settings, separators=(",", ":")) if settings else None,
                pod_identity_associations=self._identities(names, region, name),
            )

    def _identities(
        self, names: Names, region: str, addon: str
    ) -> list[eks.CfnAddon.PodIdentityAssociationProperty] | None:
        driver, account = DISKS
        if addon != driver:
            return None
        role = PodRole(self, "Disks", names=names, region=region)
        accept(role, "AWS's own policy for its own driver, which grows with it", "AwsSolutions-IAM4")
        role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AmazonEBSCSIDriverPolicy"))
        return [eks.CfnAddon.PodIdentityAssociationProperty(role_arn=role.role_arn, service_account=account)]
