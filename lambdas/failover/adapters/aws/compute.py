"""EKS managed node groups: how many nodes are in service, and asking for more."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from failover.adapters.aws.clients import client, code_of
from failover.errors import CapacityMissingError, CapacityNotReadyError
from failover.regional_ports import Nodes
from failover.topology import Names, Topology

NO_MORE: Final = ("AsgInstanceLaunchFailures", "InstanceLimitExceeded", "InsufficientFreeAddresses", "LimitExceeded")
"""The issues of a node group (EKS API, ``NodegroupIssueCode``) that say that no more nodes come for now."""

NOT_ALLOWED: Final = ("InvalidParameterException",)
"""What EKS answers to a number outside of the group's own bounds."""


class AwsCompute:
    """``ports.ComputeService`` on EKS, always in the region that it is about.

    EKS tells the wanted numbers and its issues; which nodes are in service its Auto Scaling group knows.
    """

    def __init__(self, topology: Topology) -> None:
        self._names = Names(topology)

    def describe(self, regions: Sequence[str]) -> Mapping[str, Nodes]:
        if not regions:
            return {}
        for region in regions:  # boto3 makes clients in one thread at a time only
            client("eks", region)
            client("autoscaling", region)
        with ThreadPoolExecutor(len(regions)) as threads:
            return dict(zip(regions, threads.map(self._describe, regions), strict=True))

    def _describe(self, region: str) -> Nodes:
        try:
            group = client("eks", region).describe_nodegroup(
                clusterName=self._names.cluster, nodegroupName=self._names.node_group
            )["nodegroup"]
            ready = _in_service(region, [each["name"] for each in group["resources"]["autoScalingGroups"]])
        except Exception as exc:  # noqa: BLE001 - whatever it is, the numbers are unknown
            return Nodes(failure=f"{self._names.node_group} in {region} is not described: {code_of(exc)}")
        scaling, issues = group["scalingConfig"], group.get("health", {}).get("issues", [])
        refused = "; ".join(
            f"{each['code']}: {each.get('message', '')}" for each in issues if each.get("code") in NO_MORE
        )
        return Nodes(ready, scaling["desiredSize"], scaling["maxSize"], refused)

    def scale(self, region: str, desired: int) -> None:
        group = self._names.node_group
        try:
            client("eks", region).update_nodegroup_config(
                clusterName=self._names.cluster, nodegroupName=group, scalingConfig={"desiredSize": desired}
            )
        except Exception as exc:
            if code_of(exc) in NOT_ALLOWED:
                raise CapacityMissingError(f"{group} in {region} may not have {desired} nodes: {exc}") from exc
            raise CapacityNotReadyError(f"EKS in {region} has not taken {desired} nodes for {group}: {exc}") from exc


def _in_service(region: str, groups: list[str]) -> int:
    answer: dict[str, Any] = client("autoscaling", region).describe_auto_scaling_groups(AutoScalingGroupNames=groups)
    instances = [each for group in answer["AutoScalingGroups"] for each in group["Instances"]]
    return sum(1 for each in instances if (each["LifecycleState"], each["HealthStatus"]) == ("InService", "Healthy"))
