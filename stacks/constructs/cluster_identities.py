"""What the cluster's own controllers may do in AWS: grow and shrink, register pods, read secrets."""

from constructs import Construct

from failover.topology import Names
from stacks.constructs.data_key import data_key_use
from stacks.constructs.database_credentials import APPLICATION_ROLES
from stacks.constructs.pod_role import PodRole
from topology_document import Infrastructure
from topology_document.workloads import services_in


class ClusterIdentities(Construct):
    """One role for each controller that the manifests of a region need."""

    def __init__(self, scope: Construct, id: str, *, names: Names, region: str, infrastructure: Infrastructure) -> None:
        super().__init__(scope, id)
        self._names, self._region = names, region
        if infrastructure.compute is not None:
            self._growing()
        if infrastructure.services:
            self._registering()
            self._reading(infrastructure)

    def _growing(self) -> None:
        """The autoscaler of nodes: the groups that EKS made for this cluster, known by a tag of EKS's own."""
        account, cluster = self._names.topology.account, self._names.cluster
        role = PodRole(self, "cluster-autoscaler", names=self._names, region=self._region)
        role.allow(
            [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLaunchConfigurations",
                "autoscaling:DescribeScalingActivities",
                "autoscaling:DescribeTags",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:GetInstanceTypesFromInstanceRequirements",
            ],
            ["*"],
        )
        role.allow(["eks:DescribeNodegroup"], [f"arn:aws:eks:{self._region}:{account}:nodegroup/{cluster}/*"])
        groups = f"arn:aws:autoscaling:{self._region}:{account}:autoScalingGroup:*:autoScalingGroupName/eks-{cluster}-*"
        role.allow(
            ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            [groups],
            {"StringEquals": {"aws:ResourceTag/eks:cluster-name": cluster}},
        )
        role.bind("kube-system", "cluster-autoscaler")

    def _registering(self) -> None:
        """The load balancer controller: it puts pods into the one target group, and makes no load balancer."""
        place = f"arn:aws:elasticloadbalancing:{self._region}:{self._names.topology.account}:targetgroup"
        role = PodRole(self, "aws-load-balancer-controller", names=self._names, region=self._region)
        role.allow(
            [
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeInstances",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetGroupAttributes",
                "elasticloadbalancing:DescribeTargetHealth",
                "elasticloadbalancing:DescribeTags",
            ],
            ["*"],
        )
        role.allow(
            ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
            [f"{place}/{self._names.topology.name}/*"],
        )
        role.bind("kube-system", "aws-load-balancer-controller")

    def _reading(self, infrastructure: Infrastructure) -> None:
        """External Secrets: the passwords that services of this region name, and no owner's."""
        names, region = self._names, self._region
        services = services_in(names.topology, infrastructure, region).values()
        secrets = {
            names.application_secret(database, role)
            for service in services
            for database in service.databases
            for role in APPLICATION_ROLES
        } | {names.cache_secret(cache) for service in services for cache in service.caches}
        if not secrets:
            return
        prefix = f"arn:aws:secretsmanager:{region}:{names.topology.account}:secret:"
        role = PodRole(self, "external-secrets", names=names, region=region)
        role.allow(
            ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            # Secrets Manager puts a hyphen and six characters of its own behind each name.
            [f"{prefix}{each}-??????" for each in sorted(secrets)],
        )
        role.add_to_policy(data_key_use(names, region, ["kms:Decrypt"], "secretsmanager"))
        role.bind("external-secrets", "external-secrets")
