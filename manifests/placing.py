"""Where pods may be: spread over the zones, on nodes of the kind that their service stands on."""

from typing import Any, Final

from manifests.manifest import PART
from topology_document.infrastructure.compute import CapacityKind

ZONE: Final = "topology.kubernetes.io/zone"
NODE: Final = "kubernetes.io/hostname"
CAPACITY: Final = "eks.amazonaws.com/capacityType"
"""EKS puts it on every node of a managed group."""

SPOT_TAINT: Final = {"key": "capacity", "operator": "Equal", "value": "spot", "effect": "NoSchedule"}
"""The taint of Spot nodes, as ``stacks.constructs.compute`` gives it to their group."""


def spread(name: str) -> list[dict[str, Any]]:
    """Return the rules that keep pods apart: by zone always, by node where there is one.

    A zone that is lost counts no more as soon as its nodes are tainted, so that its pods may come up in the others.
    """
    chosen = {"labelSelector": {"matchLabels": {PART: name}}, "matchLabelKeys": ["pod-template-hash"]}
    return [
        {
            "maxSkew": 1,
            "topologyKey": ZONE,
            "whenUnsatisfiable": "DoNotSchedule",
            "nodeTaintsPolicy": "Honor",
            **chosen,
        },
        {"maxSkew": 1, "topologyKey": NODE, "whenUnsatisfiable": "ScheduleAnyway", **chosen},
    ]


def placed(name: str, capacity: CapacityKind) -> dict[str, Any]:
    """Return what a pod's specification says of its place."""
    told: dict[str, Any] = {"topologySpreadConstraints": spread(name)}
    if capacity is CapacityKind.ON_DEMAND:
        return told | {"nodeSelector": {CAPACITY: "ON_DEMAND"}}
    told["tolerations"] = [SPOT_TAINT]
    if capacity is CapacityKind.SPOT:
        return told | {"nodeSelector": {CAPACITY: "SPOT"}}
    preferred = {"key": CAPACITY, "operator": "In", "values": ["SPOT"]}
    wish = {"weight": 50, "preference": {"matchExpressions": [preferred]}}
    return told | {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [wish]}}}
