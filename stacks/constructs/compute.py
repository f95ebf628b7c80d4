"""A region's compute: an EKS cluster with one managed node group."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_eks_v2 as eks
from aws_cdk import aws_kms as kms
from constructs import Construct

from failover.topology import Names
from stacks.constructs.network import Network


class Compute(Construct):
    """The cluster that runs the product; its API is private, its secrets are encrypted with the region's key.

    The node group begins with the region's own nodes and may grow to ``most_nodes`` when it takes over: while an
    incident is open ``prepare_capacity`` asks EKS for them, and no template says so.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, network: Network, key: kms.IKey
    ) -> None:
        super().__init__(scope, id)
        self.cluster = eks.Cluster(
            self,
            "Cluster",
            cluster_name=names.cluster,
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
        capacity = names.topology.region(region).capacity
        self.cluster.add_nodegroup_capacity(
            "Nodes",
            nodegroup_name=names.node_group,
            instance_types=[ec2.InstanceType("m7g.large")],
            min_size=capacity.nodes,
            desired_size=capacity.nodes,
            max_size=max(capacity.nodes, capacity.most_nodes),
        )

    @property
    def connections(self) -> ec2.Connections:
        """The cluster's security group, which EKS puts on every pod of a managed node group."""
        return ec2.Connections(security_groups=[self.cluster.cluster_security_group])
