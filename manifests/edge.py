"""An edge node: one small cluster in a city, whose gateway answers and queues also when it is cut off."""

from collections.abc import Iterator
from typing import Any, Final

from failover.topology import Names, Topology
from manifests.manifest import PART, Manifest, manifest
from manifests.services import HARMLESS, NOBODY
from topology_document import Infrastructure
from topology_document.infrastructure.edge import EdgeSection

NAME: Final = "edge-gateway"
PORT: Final = 8080
KEPT: Final = "/var/lib/edge"


def edge_manifests_of(topology: Topology, infrastructure: Infrastructure, city: str) -> Iterator[Manifest]:
    """Yield the namespace, the gateway with its disk, the way to it, and which packets pass.

    Nothing of it needs the region once it runs: the image is on the node, the settings are in the manifest, and one pod
    with one disk keeps the order of the writes.
    """
    edge = infrastructure.edge
    assert edge is not None
    space = f"{topology.name}-edge"
    yield manifest("v1/Namespace", space, labels={"pod-security.kubernetes.io/enforce": "restricted"})
    told: dict[str, Any] = {"namespace": space, "labels": {PART: NAME, "lifeboat/city": city}}
    yield manifest("v1/ServiceAccount", NAME, **told, automountServiceAccountToken=False)
    yield manifest("apps/v1/StatefulSet", NAME, **told, spec=_pod(topology, edge, city))
    port = {"name": "http", "port": 80, "targetPort": "http"}
    spec = {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "selector": {PART: NAME}, "ports": [port]}
    yield manifest("v1/Service", NAME, **told, spec=spec)
    yield manifest("networking.k8s.io/v1/NetworkPolicy", NAME, **told, spec=_packets())


def settings_of(topology: Topology, edge: EdgeSection, city: str) -> dict[str, str]:
    """Return the environment of a city's gateway: every number of the document that it acts on."""
    return {
        "EDGE_CITY": city,
        "EDGE_UPSTREAM": f"https://{Names(topology).route(edge.route)}",
        "EDGE_PORT": str(PORT),
        "EDGE_STORE": f"{KEPT}/edge.sqlite",
        "EDGE_FRESH_SECONDS": str(edge.fresh_seconds),
        "EDGE_STALE_SECONDS": str(edge.stale_seconds),
        "EDGE_RETRY_SECONDS": str(edge.retry_seconds),
        "EDGE_TIMEOUT_SECONDS": str(edge.timeout_seconds),
        "EDGE_MOST_QUEUED": str(edge.most_queued),
        # Half of the disk is the queue's and the file system's.
        "EDGE_MOST_CACHED_BYTES": str(edge.disk_gib * 2**29),
    }


def _pod(topology: Topology, edge: EdgeSection, city: str) -> dict[str, Any]:
    alive = {"httpGet": {"path": "/edge/alive", "port": "http"}, "periodSeconds": 10, "timeoutSeconds": 2}
    container = {
        "name": NAME,
        "image": edge.image,
        # A node that is cut off starts what it has.
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": PORT}],
        "env": [{"name": key, "value": value} for key, value in settings_of(topology, edge, city).items()],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "livenessProbe": {**alive, "failureThreshold": 6},
        "readinessProbe": {**alive, "failureThreshold": 2},
        "securityContext": HARMLESS,
        "volumeMounts": [{"name": "kept", "mountPath": KEPT}],
    }
    disk = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": f"{edge.disk_gib}Gi"}}}
    labels = {PART: NAME}
    return {
        "serviceName": NAME,
        "replicas": 1,
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {
                "serviceAccountName": NAME,
                "automountServiceAccountToken": False,
                "terminationGracePeriodSeconds": 30,
                "securityContext": NOBODY,
                "containers": [container],
            },
        },
        "volumeClaimTemplates": [{"metadata": {"name": "kept"}, "spec": disk}],
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    }


def _packets() -> dict[str, Any]:
    names = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    return {
        "podSelector": {"matchLabels": {PART: NAME}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"ports": [{"protocol": "TCP", "port": PORT}]}],
        "egress": [{"ports": names}, {"ports": [{"protocol": "TCP", "port": 443}]}],
    }
