"""What the experiment that kills pods may do in the cluster: in the product's namespace, and nothing but that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from manifests.manifest import Manifest, manifest

if TYPE_CHECKING:
    from manifests.cluster import Cluster

NAME: Final = "lifeboat-experiments"
"""Of the service account that FIS's own pods have, and of the user that its role is in the cluster (``ChaosStack``)."""

RULES: Final = (
    ("", ["configmaps"], ["get", "create", "patch", "delete"]),
    ("", ["pods"], ["create", "list", "get", "delete", "deletecollection"]),
    ("", ["pods/ephemeralcontainers"], ["update"]),
    ("", ["pods/exec"], ["create"]),
    ("apps", ["deployments"], ["get"]),
)
"""AWS FIS user guide, "Use the AWS FIS aws:eks:pod actions": the service account's permissions."""


def manifests(cluster: Cluster) -> Iterator[Manifest]:
    """Yield the account, what it may do, and who has that right."""
    rbac, space = "rbac.authorization.k8s.io", cluster.namespace
    rules = [{"apiGroups": [group], "resources": what, "verbs": verbs} for group, what, verbs in RULES]
    yield manifest("v1/ServiceAccount", NAME, namespace=space)
    yield manifest(f"{rbac}/v1/Role", NAME, namespace=space, rules=rules)
    yield manifest(
        f"{rbac}/v1/RoleBinding",
        NAME,
        namespace=space,
        roleRef={"apiGroup": rbac, "kind": "Role", "name": NAME},
        subjects=[
            {"kind": "ServiceAccount", "name": NAME, "namespace": space},
            {"apiGroup": rbac, "kind": "User", "name": NAME},
        ],
    )
