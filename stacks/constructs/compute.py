"""A region's compute: an EKS cluster with one managed node group."""

from typing import Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_eks_v2 as eks
from aws_cdk import aws_kms as kms
from constructs import Construct

from failover.topology import Names
from stacks.constructs.network import Network

NODES: Final = 3
"""One in each zone."""

NODES_FOR_A_LOST_REGION: Final = 4
"""How far a region may grow: it must be able to take another region's users."""


class Compute(Construct):
    """The cluster that runs the product; its API is private, its secrets are encrypted with the region's key."""

    def __init__(self, scope: Construct, id: str, *, names: Names, network: Network, key: kms.IKey) -> None:
        super().__init__(scope, id)
        self.cluster = eks.Cluster(
            self,
            "Cluster",
            cluster_name=f"lifeboat-{names.topology.name}",
            version=eks.KubernetesVersion.V1_35,
            vpc=network.vpc,
            vpc_subnets=[ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)],
            endpoint_access=eks.EndpointAccess.PRIVATE,
            secrets_encryption_key=key,
            cluster_logging=[
                eks.ClusterLoggingTypes.API,
                eks.ClusterLoggingTypes.AUDIT,
                eks.ClusterLoggingTypes.AUTHENTICATOR,
            ],
            default_capacity_type=eks.DefaultCapacityType.NODEGROUP,
            default_capacity=0,
        )
        self.cluster.add_nodegroup_capacity(
            "Nodes",
            instance_types=[ec2.InstanceType("m7g.large")],
            min_size=NODES,
            max_size=NODES_FOR_A_LOST_REGION * NODES,
        )

    @property
    def connections(self) -> ec2.Connections:
        """The cluster's security group, which EKS puts on every pod of a managed node group."""
        return ec2.Connections(security_groups=[self.cluster.cluster_security_group])
