"""What adds nodes when pods find no place, and takes away those that stay idle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from manifests.manifest import PART, Manifest, manifest
from manifests.placing import placed
from manifests.services import HARMLESS, NOBODY, budget
from topology_document.infrastructure.compute import CapacityKind

if TYPE_CHECKING:
    from manifests.cluster import Cluster

NAME: Final = "cluster-autoscaler"
SPACE: Final = "kube-system"
IMAGE: Final = "registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.0"
"""Of the minor version of the cluster, as its own compatibility table wants it."""

PRIORITIES: Final = "20:\n  - .*-spot-.*\n10:\n  - .*\n"
"""Spot nodes first, for the pods that may be there; the others are kept away from them by the taint."""

READ: Final = ["get", "list", "watch"]
RULES: Final = (
    ("", ["events", "endpoints"], ["create", "patch"]),
    ("", ["pods/eviction"], ["create"]),
    ("", ["pods/status"], ["update"]),
    ("", ["nodes"], [*READ, "update"]),
    (
        "",
        ["namespaces", "pods", "services", "replicationcontrollers", "persistentvolumeclaims", "persistentvolumes"],
        READ,
    ),
    ("apps", ["statefulsets", "replicasets", "daemonsets"], READ),
    ("batch", ["jobs"], [*READ, "patch"]),
    ("policy", ["poddisruptionbudgets"], READ),
    ("storage.k8s.io", ["storageclasses", "csinodes", "csidrivers", "csistoragecapacities", "volumeattachments"], READ),
    ("resource.k8s.io", ["resourceclaims", "resourceslices", "deviceclasses"], READ),
    ("coordination.k8s.io", ["leases"], ["create", *READ, "update"]),
)


def manifests(cluster: Cluster) -> Iterator[Manifest]:
    """Yield the autoscaler of nodes and what it may do in the cluster; its rights in AWS are a stack's."""
    told: dict[str, Any] = {"namespace": SPACE, "labels": {PART: NAME}}
    yield manifest("v1/ServiceAccount", NAME, **told)
    rules = [{"apiGroups": [group], "resources": kinds, "verbs": verbs} for group, kinds, verbs in RULES]
    yield manifest("rbac.authorization.k8s.io/v1/ClusterRole", NAME, labels={PART: NAME}, rules=rules)
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": SPACE}
    yield manifest(
        "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
        NAME,
        labels={PART: NAME},
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME},
        subjects=[subject],
    )
    own = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", *READ, "update", "delete"]}
    yield manifest("rbac.authorization.k8s.io/v1/Role", NAME, **told, rules=[own])
    yield manifest(
        "rbac.authorization.k8s.io/v1/RoleBinding",
        NAME,
        **told,
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": NAME},
        subjects=[subject],
    )
    yield manifest("v1/ConfigMap", f"{NAME}-priority-expander", **told, data={"priorities": PRIORITIES})
    yield manifest("apps/v1/Deployment", NAME, **told, spec=_deployment(cluster))
    yield budget(SPACE, NAME)


def _deployment(cluster: Cluster) -> dict[str, Any]:
    name, idle = cluster.names.cluster, cluster.compute.scale_down_seconds
    command = [
        "./cluster-autoscaler",
        "--cloud-provider=aws",
        f"--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/{name}",
        "--expander=priority,least-waste",
        "--balance-similar-node-groups",
        "--skip-nodes-with-system-pods=false",
        "--skip-nodes-with-local-storage=false",
        # Nodes that a takeover has asked for are idle until the users come; they are given this long too.
        f"--scale-down-unneeded-time={idle}s",
        f"--scale-down-delay-after-add={idle}s",
        "--leader-elect=true",
    ]
    container = {
        "name": NAME,
        "image": IMAGE,
        "command": command,
        "env": [{"name": "AWS_REGION", "value": cluster.region}],
        "resources": {"requests": {"cpu": "100m", "memory": "600Mi"}, "limits": {"memory": "600Mi"}},
        "securityContext": HARMLESS,
    }
    return {
        # One leads; the other takes over when its zone is lost.
        "replicas": 2,
        "selector": {"matchLabels": {PART: NAME}},
        "template": {
            "metadata": {"labels": {PART: NAME}},
            "spec": {
                "serviceAccountName": NAME,
                "priorityClassName": "system-cluster-critical",
                "securityContext": NOBODY,
                **placed(NAME, CapacityKind.ON_DEMAND),
                "containers": [container],
            },
        },
    }
