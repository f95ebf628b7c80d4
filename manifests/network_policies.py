"""Which packets pass: the mesh's own rules once more, kept by the nodes, also for who is not in the mesh."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from manifests.manifest import PART, Manifest, manifest
from manifests.mesh import ENTRANCE

if TYPE_CHECKING:
    from manifests.cluster import Cluster

SPACE: Final = "kubernetes.io/metadata.name"
POD_IDENTITY: Final = "169.254.170.23/32"
"""Where EKS's agent gives pods their credentials, on every node (EKS user guide, "Pod Identity")."""

CACHE_PORT: Final = 6379
ENTRANCE_PORT: Final = 8443
PROXY_STATISTICS: Final = 15090
PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def manifests(cluster: Cluster) -> Iterator[Manifest]:
    """Yield that nothing passes, what all may, and what each service may."""
    both = ["Ingress", "Egress"]
    yield _policy(cluster, "nothing", {"podSelector": {}, "policyTypes": both})
    yield _policy(cluster, "everybody", {"podSelector": {}, "policyTypes": both, **_everybody()})
    for name in cluster.services:
        chosen = {"podSelector": {"matchLabels": {PART: name}}, "policyTypes": both}
        yield _policy(cluster, name, {**chosen, **_service(cluster, name)})
    if cluster.public:
        chosen = {"podSelector": {"matchLabels": {PART: ENTRANCE}}, "policyTypes": both}
        inward = [{"from": [{"ipBlock": {"cidr": cluster.cidr}}], "ports": [_port(ENTRANCE_PORT)]}]
        outward = [_to(cluster, name) for name in cluster.public]
        yield _policy(cluster, ENTRANCE, {**chosen, "ingress": inward, "egress": outward})


def _everybody() -> dict[str, Any]:
    """Return the ways to names, to the mesh's certificates, to credentials and to those who look on."""
    names = {
        "to": [{"namespaceSelector": {"matchLabels": {SPACE: "kube-system"}}}],
        "ports": [_port(53, "UDP"), _port(53)],
    }
    certificates = {"to": [{"namespaceSelector": {"matchLabels": {SPACE: "istio-system"}}}], "ports": [_port(15012)]}
    credentials = {"to": [{"ipBlock": {"cidr": POD_IDENTITY}}], "ports": [_port(80)]}
    traces = {"to": [{"namespaceSelector": {"matchLabels": {SPACE: "telemetry"}}}], "ports": [_port(4317), _port(4318)]}
    looked_at = {
        "from": [{"namespaceSelector": {"matchLabels": {SPACE: "telemetry"}}}],
        "ports": [_port(PROXY_STATISTICS), _port(15020)],
    }
    return {"ingress": [looked_at], "egress": [names, certificates, credentials, traces]}


def _service(cluster: Cluster, name: str) -> dict[str, Any]:
    service = cluster.services[name]
    callers = [*cluster.callers(name), *([ENTRANCE] if service.paths else [])]
    inward = [{"from": [_pods(each) for each in callers], "ports": [_port(service.port)]}] if callers else []
    outward: list[dict[str, Any]] = [_to(cluster, each) for each in service.calls if each in cluster.services]
    databases = sorted({each.port for each in cluster.topology.databases if each.name in service.databases})
    ports = [*databases, *([CACHE_PORT] if service.caches else [])]
    if ports:
        outward.append({"to": [{"ipBlock": {"cidr": cluster.cidr}}], "ports": [_port(each) for each in ports]})
    for elsewhere in cluster.copies(service.databases):
        outward.append({"to": [{"ipBlock": {"cidr": elsewhere}}], "ports": [_port(each) for each in databases]})
    # AWS's own interfaces: inside the network by endpoints, else outside, and in no other private network.
    aws = [{"ipBlock": {"cidr": cluster.cidr}}, {"ipBlock": {"cidr": "0.0.0.0/0", "except": list(PRIVATE)}}]
    outward.append({"to": aws, "ports": [_port(443)]})
    return {"ingress": inward, "egress": outward}


def _to(cluster: Cluster, name: str) -> dict[str, Any]:
    return {"to": [_pods(name)], "ports": [_port(cluster.services[name].port)]}


def _pods(name: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": {PART: name}}}


def _port(number: int, protocol: str = "TCP") -> dict[str, Any]:
    return {"protocol": protocol, "port": number}


def _policy(cluster: Cluster, name: str, spec: dict[str, Any]) -> Manifest:
    return manifest("networking.k8s.io/v1/NetworkPolicy", name, namespace=cluster.namespace, spec=spec)
