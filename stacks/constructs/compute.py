"""A region's compute: an EKS cluster with a managed node group, and where the document asks a second one of Spot."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_eks_v2 as eks
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs.network import Network
from topology_document.infrastructure.compute import ComputeSection, is_arm

SPOT: Final = "spot"
"""The taint of Spot nodes; only pods that say they cope are put there."""

LOGGED: Final = (
    eks.ClusterLoggingTypes.API,
    eks.ClusterLoggingTypes.AUDIT,
    eks.ClusterLoggingTypes.AUTHENTICATOR,
)
ALL_LOGGED: Final = (*LOGGED, eks.ClusterLoggingTypes.CONTROLLER_MANAGER, eks.ClusterLoggingTypes.SCHEDULER)


class Compute(Construct):
    """The cluster that runs the product; its API is private, its secrets are encrypted with the region's key.

    The node group begins with the region's own nodes and may grow to ``most_nodes`` when it takes over: while an
    incident is open ``prepare_capacity`` asks EKS for them, and no template says so. It is always the one of
    on-demand nodes: Spot nodes are a group of their own, on which no failover relies.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        network: Network,
        key: kms.IKey,
        settings: ComputeSection | None = None,
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
            cluster_logging=list(ALL_LOGGED if settings else LOGGED),
            default_capacity_type=eks.DefaultCapacityType.NODEGROUP,
            default_capacity=0,
            service_ipv4_cidr=settings.service_cidr if settings else None,
        )
        accept(self.cluster, "EKS wants these policies of AWS's own on its roles, by name", "AwsSolutions-IAM4")
        capacity = names.topology.region(region).capacity
        most_nodes = max(capacity.nodes, capacity.most_nodes)
        if settings is None:
            self.cluster.add_nodegroup_capacity(
                "Nodes",
                nodegroup_name=names.node_group,
                instance_types=[ec2.InstanceType("m7g.large")],
                min_size=capacity.nodes,
                desired_size=capacity.nodes,
                max_size=most_nodes,
            )
            return
        hardware = _hardware(self, settings, key)
        self._group("Nodes", names.node_group, settings.instance_types, (capacity.nodes, most_nodes), hardware)
        if spot := settings.spot:
            sizes = (spot.nodes, spot.most_nodes)
            self._group("Spot", f"{names.node_group}-{SPOT}", spot.instance_types, sizes, hardware, spot=True)
        _let_scaling_use(key, cdk.Stack.of(self))

    @property
    def connections(self) -> ec2.Connections:
        """The cluster's security group, which EKS puts on every pod of a managed node group."""
        return ec2.Connections(security_groups=[self.cluster.cluster_security_group])

    def _group(
        self,
        id: str,
        name: str,
        types: Sequence[str],
        sizes: tuple[int, int],
        hardware: eks.LaunchTemplateSpec,
        *,
        spot: bool = False,
    ) -> None:
        least, most = sizes
        amis = eks.NodegroupAmiType
        taint = eks.TaintSpec(key="capacity", value=SPOT, effect=eks.TaintEffect.NO_SCHEDULE)
        self.cluster.add_nodegroup_capacity(
            id,
            nodegroup_name=name,
            instance_types=[ec2.InstanceType(each) for each in types],
            ami_type=amis.AL2023_ARM_64_STANDARD if is_arm(types[0]) else amis.AL2023_X86_64_STANDARD,
            capacity_type=eks.CapacityType.SPOT if spot else eks.CapacityType.ON_DEMAND,
            min_size=least,
            desired_size=least,
            max_size=most,
            launch_template_spec=hardware,
            enable_node_auto_repair=True,
            # A new version waits for the disruption budgets; it is given up rather than forced.
            force_update=False,
            # A third at a time: a service has a pod in each zone, and may miss one.
            max_unavailable_percentage=33,
            taints=[taint] if spot else None,
        )


def _hardware(scope: Construct, settings: ComputeSection, key: kms.IKey) -> eks.LaunchTemplateSpec:
    """Return nodes with an encrypted disk, on which a pod cannot take the node's own credentials."""
    template = ec2.LaunchTemplate(
        scope,
        "Hardware",
        require_imdsv2=True,
        http_put_response_hop_limit=1,
        detailed_monitoring=True,
        block_devices=[
            ec2.BlockDevice(
                device_name="/dev/xvda",
                volume=ec2.BlockDeviceVolume.ebs(
                    settings.disk_gib, encrypted=True, kms_key=key, volume_type=ec2.EbsDeviceVolumeType.GP3
                ),
            )
        ],
    )
    return eks.LaunchTemplateSpec(id=str(template.launch_template_id), version=template.latest_version_number)


def _let_scaling_use(key: kms.IKey, stack: cdk.Stack) -> None:
    """Let Auto Scaling start nodes whose disks the key encrypts.

    Its service-linked role may not be there yet when the key is made, and KMS takes no principal that is not: so the
    role is a condition.
    """
    accept(key, "whoever it is must be Auto Scaling's own role, of this account, by way of EC2", "CKV_AWS_33")
    scaling = f"arn:aws:iam::{stack.account}:role/aws-service-role/autoscaling.amazonaws.com/*"
    condition = {
        "StringEquals": {
            "kms:CallerAccount": stack.account,
            "kms:ViaService": f"ec2.{stack.region}.amazonaws.com",
        },
        "ArnLike": {"aws:PrincipalArn": scaling},
    }
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="DisksOfNodes",
            principals=[iam.AnyPrincipal()],
            actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            resources=["*"],
            conditions=condition,
        )
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="GrantsForDisksOfNodes",
            principals=[iam.AnyPrincipal()],
            actions=["kms:CreateGrant"],
            resources=["*"],
            conditions=condition | {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        )
    )
