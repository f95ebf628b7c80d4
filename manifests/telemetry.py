"""What a pod of the namespace ``telemetry`` is made of; its names are those that stacks give rights to."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from manifests.manifest import PART, Manifest, manifest
from manifests.placing import spread
from manifests.services import HARMLESS, NOBODY

SPACE: Final = "telemetry"
OTLP_GRPC, OTLP_HTTP, SAMPLING = 4317, 4318, 2000
PROMETHEUS_PORT: Final = 9090


def account(name: str) -> Manifest:
    """Return the service account that a role of AWS is tied to."""
    return manifest("v1/ServiceAccount", name, namespace=SPACE, labels={PART: name}, automountServiceAccountToken=True)


def settings(name: str, files: dict[str, str]) -> Manifest:
    """Return the files that a collector is told by."""
    return manifest("v1/ConfigMap", name, namespace=SPACE, labels={PART: name}, data=files)


def reached(name: str, **ports: int) -> Manifest:
    """Return the service by which others in the cluster reach it."""
    told = [{"name": each, "port": number, "targetPort": number} for each, number in ports.items()]
    return manifest(
        "v1/Service", name, namespace=SPACE, labels={PART: name}, spec={"selector": {PART: name}, "ports": told}
    )


def readers(name: str, kinds: Sequence[str]) -> Iterator[Manifest]:
    """Yield the right to look at what runs in the cluster, and to change nothing."""
    rules = [{"apiGroups": [""], "resources": list(kinds), "verbs": ["get", "list", "watch"]}]
    full = f"{SPACE}-{name}"
    yield manifest("rbac.authorization.k8s.io/v1/ClusterRole", full, labels={PART: name}, rules=rules)
    yield manifest(
        "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
        full,
        labels={PART: name},
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": full},
        subjects=[{"kind": "ServiceAccount", "name": name, "namespace": SPACE}],
    )


def pod(
    name: str,
    image: str,
    *,
    arguments: Sequence[str] = (),
    environment: dict[str, str] | None = None,
    mounts: dict[str, str] | None = None,
    volumes: Sequence[dict[str, Any]] = (),
    memory: str = "512Mi",
    **more: Any,
) -> dict[str, Any]:
    """Return the template of a pod with one container and a folder of its own for what it keeps for a while."""
    places = {"scratch": "/tmp", **(mounts or {})}  # noqa: S108 - a volume of the pod's own
    container: dict[str, Any] = {
        "name": name,
        "image": image,
        "args": list(arguments),
        "env": [{"name": key, "value": value} for key, value in (environment or {}).items()],
        "resources": {"requests": {"cpu": "100m", "memory": memory}, "limits": {"memory": memory}},
        "securityContext": HARMLESS,
        "volumeMounts": [{"name": key, "mountPath": path} for key, path in places.items()],
    }
    spec = {
        "serviceAccountName": name,
        "securityContext": NOBODY,
        "containers": [container],
        "volumes": [{"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}}, *volumes],
        **more,
    }
    return {"metadata": {"labels": {PART: name}}, "spec": spec}


def from_settings(name: str) -> dict[str, Any]:
    """Return the volume of a collector's files."""
    return {"name": "settings", "configMap": {"name": name}}


def deployment(name: str, template: dict[str, Any], replicas: int = 1) -> Manifest:
    """Return so many of a pod, spread over the zones."""
    template["spec"]["topologySpreadConstraints"] = spread(name)
    spec = {"replicas": replicas, "selector": {"matchLabels": {PART: name}}, "template": template}
    return manifest("apps/v1/Deployment", name, namespace=SPACE, labels={PART: name}, spec=spec)


def kept(name: str, template: dict[str, Any], gib: int) -> Manifest:
    """Return a pod with a disk that outlives it, which is mounted by the name ``data``."""
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": f"{gib}Gi"}}},
    }
    spec = {
        "serviceName": name,
        "replicas": 1,
        "selector": {"matchLabels": {PART: name}},
        "template": template,
        "volumeClaimTemplates": [claim],
    }
    return manifest("apps/v1/StatefulSet", name, namespace=SPACE, labels={PART: name}, spec=spec)
