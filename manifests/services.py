"""One service: its pods, how many of them, and how many may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from manifests.manifest import PART, Manifest, manifest
from manifests.placing import placed
from topology_document.infrastructure.compute import ServiceSection

if TYPE_CHECKING:
    from manifests.cluster import Cluster

ALIVE: Final = "/health/live"
PASSWORDS: Final = "/var/run/secrets/lifeboat"
LEAVING_SECONDS: Final = 15
"""How long a pod answers on after it is told to end: the load balancer lets go of its targets within 10 seconds."""

HARMLESS: Final = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
NOBODY: Final = {
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "runAsGroup": 10001,
    "fsGroup": 10001,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def manifests(cluster: Cluster, name: str, service: ServiceSection) -> Iterator[Manifest]:
    """Yield the service, its deployment, its autoscaler and its disruption budget."""
    told: dict[str, Any] = {"namespace": cluster.namespace, "labels": {PART: name}}
    port = {"name": "http", "port": service.port, "targetPort": "http", "appProtocol": "http"}
    yield manifest("v1/Service", name, **told, spec={"selector": {PART: name}, "ports": [port]})
    yield manifest("apps/v1/Deployment", name, **told, spec=_deployment(cluster, name, service))
    yield autoscaled(cluster.namespace, name, service.least_replicas, service.most_replicas, service.cpu_percent)
    yield budget(cluster.namespace, name)


def autoscaled(namespace: str, name: str, least: int, most: int, cpu_percent: int) -> Manifest:
    """Return the autoscaler of a deployment's pods; the deployment itself says no number."""
    busy = {"type": "Utilization", "averageUtilization": cpu_percent}
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "minReplicas": least,
        "maxReplicas": most,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": busy}}],
        # Users of a lost region come all at once: pods may double every quarter of a minute.
        "behavior": {
            "scaleUp": {
                "stabilizationWindowSeconds": 0,
                "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
            }
        },
    }
    return manifest("autoscaling/v2/HorizontalPodAutoscaler", name, namespace=namespace, labels={PART: name}, spec=spec)


def budget(namespace: str, name: str) -> Manifest:
    """Return the word to whoever drains nodes: one pod at a time, and those that do not work are no reason to wait."""
    spec = {
        "maxUnavailable": 1,
        "selector": {"matchLabels": {PART: name}},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return manifest("policy/v1/PodDisruptionBudget", name, namespace=namespace, labels={PART: name}, spec=spec)


def _deployment(cluster: Cluster, name: str, service: ServiceSection) -> dict[str, Any]:
    return {
        "selector": {"matchLabels": {PART: name}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "34%"}},
        "template": {
            "metadata": {"labels": {PART: name}},
            "spec": {
                "serviceAccountName": name,
                "automountServiceAccountToken": False,
                "enableServiceLinks": False,
                "terminationGracePeriodSeconds": 3 * LEAVING_SECONDS,
                "securityContext": NOBODY,
                **placed(name, service.capacity),
                "containers": [_container(cluster, name, service)],
                "volumes": _volumes(name, service),
            },
        },
    }


def _container(cluster: Cluster, name: str, service: ServiceSection) -> dict[str, Any]:
    mounts = [{"name": "scratch", "mountPath": "/tmp"}]  # noqa: S108 - a volume of the pod's own
    if service.databases or service.caches:
        mounts.append({"name": "passwords", "mountPath": PASSWORDS})
    told = {
        "PORT": str(service.port),
        "AWS_REGION": cluster.region,
        "PRODUCT": cluster.topology.name,
        **{
            f"SERVICE_{_key(each)}": f"http://{each}:{_port(cluster, each)}{_public(cluster, each)}"
            for each in service.calls
        },
        **{f"SERVICE_{_key(each)}": _afar(cluster, each) for each in cluster.afar[name]},
    }
    alive = {"httpGet": {"path": ALIVE, "port": "http"}, "periodSeconds": 5, "timeoutSeconds": 2}
    return {
        "name": name,
        "image": image(cluster, service.image),
        "ports": [{"name": "http", "containerPort": service.port}],
        "env": [{"name": key, "value": value} for key, value in told.items()],
        "resources": {
            "requests": {"cpu": f"{service.cpu_millicores}m", "memory": f"{service.memory_mib}Mi"},
            "limits": {"memory": f"{service.memory_mib}Mi"},
        },
        "startupProbe": {**alive, "failureThreshold": 24},
        "readinessProbe": {**alive, "failureThreshold": 2},
        "livenessProbe": {**alive, "failureThreshold": 6},
        "lifecycle": {"preStop": {"sleep": {"seconds": LEAVING_SECONDS}}},
        "securityContext": HARMLESS,
        "volumeMounts": mounts,
    }


def _volumes(name: str, service: ServiceSection) -> list[dict[str, Any]]:
    volumes: list[dict[str, Any]] = [{"name": "scratch", "emptyDir": {"sizeLimit": "256Mi"}}]
    if service.databases or service.caches:
        secret = {"secretName": f"{name}-passwords", "defaultMode": 0o440}
        volumes.append({"name": "passwords", "secret": secret})
    return volumes


def _port(cluster: Cluster, name: str) -> int:
    return cluster.infrastructure.services[name].port


def _key(name: str) -> str:
    return name.replace("-", "_").upper()


def _afar(cluster: Cluster, name: str) -> str:
    """Return where a service that runs elsewhere is asked: at its entrance, which wants a token and speaks TLS only."""
    return f"https://{cluster.public_host(name)}{_public(cluster, name)}"


def _public(cluster: Cluster, name: str) -> str:
    """Return the path of a service that has callers in other regions: near and far it is asked for the same."""
    service = cluster.infrastructure.services[name]
    return service.paths[0].rstrip("/") if service.reached_by is not None else ""


def image(cluster: Cluster, named: str) -> str:
    """Return an image with its registry: the region's own, unless the name says another one."""
    first, slash, _ = named.partition("/")
    if slash and ("." in first or ":" in first):
        return named
    return f"{cluster.topology.account}.dkr.ecr.{cluster.region}.amazonaws.com/{named}"
