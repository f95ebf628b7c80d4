"""The rights of a control region to the nodes, caches and buckets of the workload regions, by computed names."""

from aws_cdk import aws_iam as iam

from failover.topology import Names, global_caches
from stacks.constructs.allowing import allow


class RegionalAccess:
    """Rights to what the regions have beside their databases."""

    def __init__(self, names: Names) -> None:
        topology = names.topology
        caches = global_caches(topology)
        self._node_groups = [names.node_group_arn(region) for region in topology.aws_regions]
        self._datastores = [names.global_cache_arn(cache.name) for cache in caches]
        self._members = [names.cache_group_arn(cache.name, region) for cache in caches for region in cache.regions]
        self._buckets = [f"arn:aws:s3:::{names.bucket(region)}" for region in topology.aws_regions]

    def grant_describe_nodes(self, grantee: iam.IGrantable) -> None:
        """Let a function see how many nodes there are and may be."""
        self._allow(grantee, ["eks:DescribeNodegroup"], self._node_groups)
        self._allow(grantee, ["autoscaling:DescribeAutoScalingGroups"], ["*"])

    def grant_scale(self, grantee: iam.IGrantable) -> None:
        """Let a function see the node groups and change their size. One function has this right."""
        self._allow(grantee, ["eks:DescribeNodegroup", "eks:UpdateNodegroupConfig"], self._node_groups)
        # Auto Scaling's Describe actions know no resources.
        self._allow(grantee, ["autoscaling:DescribeAutoScalingGroups"], ["*"])

    def grant_promote_caches(self, grantee: iam.IGrantable) -> None:
        """Let a function move the writes of the global caches. One function has this right."""
        self._allow(grantee, ["elasticache:DescribeGlobalReplicationGroups"], self._datastores)
        self._allow(grantee, ["elasticache:FailoverGlobalReplicationGroup"], [*self._datastores, *self._members])

    def grant_read_replication(self, grantee: iam.IGrantable) -> None:
        """Let a function read the replication rules of the buckets."""
        self._allow(grantee, ["s3:GetReplicationConfiguration"], self._buckets)

    def _allow(self, grantee: iam.IGrantable, actions: list[str], resources: list[str]) -> None:
        if resources:
            allow(grantee, iam.PolicyStatement(actions=actions, resources=resources))
