"""EKS managed node groups and their Auto Scaling groups: numbers of nodes that change, with no nodes behind them.

MiniStack keeps a node group as it was made, without the Auto Scaling group that EKS makes for it, and has no
UpdateNodegroupConfig. Shapes, states and errors are those of EKS's API model: an accepted change makes the group
``UPDATING``; when its nodes are in service it is ``ACTIVE``, and where they cannot be launched ``DEGRADED`` with the
issue ``AsgInstanceLaunchFailures``.
"""

import json
import re
import time
from collections.abc import Callable
from typing import Any, Final

from ministack.core.responses import get_region
from ministack.services import autoscaling, eks
from ministack.services.cloudformation import provisioners

from twin.aws.patches import Patches

TYPE: Final = "AWS::EKS::Nodegroup"
UPDATE: Final = re.compile(r"/clusters/([A-Za-z0-9_-]+)/node-groups/([A-Za-z0-9_-]+)/update-config")
LAUNCH_SECONDS: Final = 1.0
"""From an accepted change to nodes in service. On AWS it is minutes; the twin compresses it."""
NO_CAPACITY: Final = (
    "Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient capacity "
    "in the Availability Zone you requested."
)
Record = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]


class NodeGroups:
    """The node groups of all regions; ``launch_seconds`` is the test's to set."""

    def __init__(self, launch_seconds: float = LAUNCH_SECONDS) -> None:
        self.launch_seconds = launch_seconds
        self._exhausted: set[str] = set()
        self._due: dict[str, float] = {}

    def install(self, patches: Patches) -> None:
        """Register with MiniStack, in this process; after the CloudFormation types."""
        patches.replace(eks, "_create_nodegroup", self._created(eks._create_nodegroup))
        patches.replace(eks, "_describe_nodegroup", self._described(eks._describe_nodegroup))
        patches.replace(eks, "_delete_nodegroup", self._deleted(eks._delete_nodegroup))
        patches.replace(eks, "_handle_request_sync", self._updated(eks._handle_request_sync))
        describe = autoscaling._ACTION_MAP["DescribeAutoScalingGroups"]
        patches.replace_item(autoscaling._ACTION_MAP, "DescribeAutoScalingGroups", self._counted(describe))
        entry = provisioners._RESOURCE_HANDLERS[TYPE]
        patches.replace_item(
            provisioners._RESOURCE_HANDLERS, TYPE, {**entry, "update": self._deployed(entry["update"])}
        )

    def exhaust(self, region: str) -> None:
        """Let AWS have no more instances in a region; those that run go on."""
        self._exhausted.add(region)

    def replenish(self, region: str) -> None:
        """Take ``exhaust`` back."""
        self._exhausted.discard(region)

    def _created(self, create: Callable[..., Response]) -> Callable[..., Response]:
        def created(cluster: str, body: Record) -> Response:
            answer = create(cluster, body)
            group = eks._nodegroups.get(f"{cluster}/{body.get('nodegroupName', '')}")
            if answer[0] < 400 and group is not None:
                scaling = group["scalingConfig"]
                autoscaling._create_asg(
                    {
                        "AutoScalingGroupName": _scaling_group(group),
                        "MinSize": str(scaling.get("minSize", 1)),
                        "MaxSize": str(scaling.get("maxSize", 2)),
                        "DesiredCapacity": str(scaling.get("desiredSize", 1)),
                    }
                )
            return answer

        return created

    def _described(self, describe: Callable[..., Response]) -> Callable[..., Response]:
        def described(cluster: str, name: str) -> Response:
            group = eks._nodegroups.get(f"{cluster}/{name}")
            if group is not None:
                self._settle(group)
            return describe(cluster, name)

        return described

    def _deleted(self, delete: Callable[..., Response]) -> Callable[..., Response]:
        def deleted(cluster: str, name: str) -> Response:
            group = eks._nodegroups.get(f"{cluster}/{name}")
            if group is not None:
                autoscaling._asgs.pop(_scaling_group(group), None)
            return delete(cluster, name)

        return deleted

    def _updated(self, handle: Callable[..., Response]) -> Callable[..., Response]:
        def handled(method: str, path: str, headers: Any, body: bytes, query: Any) -> Response:
            asked = UPDATE.fullmatch(path)
            if method != "POST" or asked is None:
                return handle(method, path, headers, body, query)
            return self._update(asked.group(1), asked.group(2), json.loads(body or b"{}"))

        return handled

    def _counted(self, describe: Callable[..., Response]) -> Callable[..., Response]:
        def counted(parameters: Any) -> Response:
            for group in eks._nodegroups.values():
                self._settle(group)
            return describe(parameters)

        return counted

    def _deployed(self, update: Callable[..., Any]) -> Callable[..., Any]:
        def deployed(physical_id: str, old: Record, new: Record, stack: str, logical_id: str | None = None) -> Any:
            made = update(physical_id, old, new, stack, logical_id)
            group = eks._nodegroups.get(f"{new.get('ClusterName')}/{made[0]}")
            if group is not None:
                self._begin(group)
            return made

        return deployed

    def _update(self, cluster: str, name: str, body: Record) -> Response:
        group = eks._nodegroups.get(f"{cluster}/{name}")
        if group is None:
            return _refused(404, "ResourceNotFoundException", f"No node group found for name: {name}.")
        self._settle(group)
        if group["status"] == "UPDATING":
            return _refused(409, "ResourceInUseException", f"Nodegroup {name} is being updated.")
        scaling = {**group["scalingConfig"], **body.get("scalingConfig", {})}
        if not scaling["minSize"] <= scaling["desiredSize"] <= scaling["maxSize"]:
            text = "desired capacity {desiredSize} is not within min size {minSize} and max size {maxSize}"
            return _refused(400, "InvalidParameterException", text.format(**scaling))
        group["scalingConfig"] = scaling
        self._begin(group)
        parameters = [
            {"type": f"{field[0].upper()}{field[1:]}", "value": str(value)}
            for field, value in body.get("scalingConfig", {}).items()
        ]
        update = {"id": eks.new_uuid(), "status": "InProgress", "type": "ConfigUpdate", "params": parameters}
        answer: Response = eks._json_resp(200, {"update": {**update, "createdAt": eks._now(), "errors": []}})
        return answer

    def _begin(self, group: Record) -> None:
        group["status"] = "UPDATING"
        self._due[group["nodegroupArn"]] = time.monotonic() + self.launch_seconds

    def _settle(self, group: Record) -> None:
        """Bring a group to where it is by now: nobody looks at it in between."""
        scaling_group = autoscaling._asgs.get(_scaling_group(group))
        if scaling_group is None or time.monotonic() < self._due.get(group["nodegroupArn"], 0.0):
            return
        wanted, running = group["scalingConfig"]["desiredSize"], len(scaling_group["Instances"])
        scaling_group["MinSize"] = group["scalingConfig"]["minSize"]
        scaling_group["MaxSize"] = group["scalingConfig"]["maxSize"]
        scaling_group["DesiredCapacity"] = wanted
        issues = []
        if wanted > running and get_region() in self._exhausted:
            name = scaling_group["AutoScalingGroupName"]
            issues = [{"code": "AsgInstanceLaunchFailures", "message": NO_CAPACITY, "resourceIds": [name]}]
        else:
            autoscaling._reconcile_instances(scaling_group)
        group["health"] = {"issues": issues}
        group["status"] = "DEGRADED" if issues else "ACTIVE"


def _scaling_group(group: Record) -> str:
    return str(group["resources"]["autoScalingGroups"][0]["name"])


def _refused(status: int, code: str, message: str) -> Response:
    answer: Response = eks._error(status, code, message)
    return answer
