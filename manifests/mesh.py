"""How services speak to each other: always known by certificate, only where allowed, and never without end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from manifests.manifest import PART, Manifest, manifest

if TYPE_CHECKING:
    from manifests.cluster import Cluster

ENTRANCE = "entrance"


def manifests(cluster: Cluster) -> Iterator[Manifest]:
    """Yield mutual TLS for all, nothing allowed, and what each service allows and bears."""
    inside: dict[str, Any] = {"namespace": cluster.namespace}
    yield manifest("security.istio.io/v1/PeerAuthentication", "default", **inside, spec={"mtls": {"mode": "STRICT"}})
    yield manifest("security.istio.io/v1/AuthorizationPolicy", "nothing", **inside, spec={})
    for name, service in cluster.services.items():
        told: dict[str, Any] = {**inside, "labels": {PART: name}}
        yield manifest("networking.istio.io/v1/DestinationRule", name, **told, spec=_circuit(cluster, name))
        yield manifest("networking.istio.io/v1/VirtualService", name, **told, spec=_call(cluster, name))
        callers = [*cluster.callers(name), *([ENTRANCE] if service.paths else [])]
        if callers:
            yield manifest(
                "security.istio.io/v1/AuthorizationPolicy", name, **told, spec=_allowed(cluster, name, callers)
            )
    yield from _elsewhere(cluster)


def _elsewhere(cluster: Cluster) -> Iterator[Manifest]:
    """Yield the names outside that services of this cluster call: a mesh that knows no other name lets these pass."""
    for name in dict.fromkeys(each for called in cluster.afar.values() for each in called):
        spec = {
            "hosts": [cluster.public_host(name)],
            "location": "MESH_EXTERNAL",
            "resolution": "DNS",
            "ports": [{"number": 443, "name": "tls", "protocol": "TLS"}],
            "exportTo": ["."],
        }
        inside: dict[str, Any] = {"namespace": cluster.namespace, "labels": {PART: name}}
        yield manifest("networking.istio.io/v1/ServiceEntry", name, **inside, spec=spec)


def host(cluster: Cluster, name: str) -> str:
    """Return a service's name in the cluster."""
    return f"{name}.{cluster.namespace}.svc.cluster.local"


def _circuit(cluster: Cluster, name: str) -> dict[str, Any]:
    """Return how much one pod may ask of a service at once, and when a failing pod is left alone."""
    mesh = cluster.infrastructure.mesh
    return {
        "host": host(cluster, name),
        "trafficPolicy": {
            "tls": {"mode": "ISTIO_MUTUAL"},
            "connectionPool": {
                "tcp": {"maxConnections": mesh.most_connections, "connectTimeout": f"{mesh.timeout_seconds}s"},
                "http": {
                    "http1MaxPendingRequests": mesh.most_pending,
                    "http2MaxRequests": mesh.most_connections,
                    "maxRetries": mesh.retries,
                },
            },
            "outlierDetection": {
                "consecutive5xxErrors": mesh.consecutive_errors,
                "consecutiveGatewayErrors": mesh.consecutive_errors,
                "interval": f"{mesh.interval_seconds}s",
                "baseEjectionTime": f"{mesh.ejection_seconds}s",
                "maxEjectionPercent": mesh.most_ejected_percent,
            },
            # A request stays in its zone, and goes to another one when its own zone's pods are out.
            "loadBalancer": {"simple": "LEAST_REQUEST", "localityLbSetting": {"enabled": True}},
        },
    }


def _call(cluster: Cluster, name: str) -> dict[str, Any]:
    """Return how long a call may take. Only what has not reached a service is tried again: it may have been a write."""
    mesh = cluster.infrastructure.mesh
    destination = {"host": host(cluster, name), "port": {"number": cluster.services[name].port}}
    again = {
        "attempts": mesh.retries,
        "perTryTimeout": f"{mesh.timeout_seconds}s",
        "retryOn": "connect-failure,refused-stream",
    }
    route = {
        "route": [{"destination": destination}],
        "timeout": f"{mesh.timeout_seconds * (mesh.retries + 1)}s",
        "retries": again,
    }
    return {"hosts": [host(cluster, name)], "gateways": ["mesh"], "http": [route]}


def _allowed(cluster: Cluster, name: str, callers: list[str]) -> dict[str, Any]:
    principals = [f"cluster.local/ns/{cluster.namespace}/sa/{each}" for each in callers]
    return {
        "selector": {"matchLabels": {PART: name}},
        "action": "ALLOW",
        "rules": [
            {
                "from": [{"source": {"principals": principals}}],
                "to": [{"operation": {"ports": [str(cluster.services[name].port)]}}],
            }
        ],
    }
