"""How users come in: the load balancer's target group, a gateway of the mesh behind it, and who answers which path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from manifests.manifest import PART, Manifest, manifest
from manifests.mesh import ENTRANCE, host
from manifests.network_policies import ENTRANCE_PORT
from manifests.placing import placed
from manifests.services import HARMLESS, LEAVING_SECONDS, NOBODY, autoscaled, budget
from topology_document.infrastructure.compute import CapacityKind

if TYPE_CHECKING:
    from manifests.cluster import Cluster

LEAST, MOST, CPU_PERCENT = 3, 24, 70
CERTIFICATE: Final = f"{ENTRANCE}-certificate"
CERTIFICATE_HOURS, RENEWED_BEFORE_HOURS = 2160, 720


def manifests(cluster: Cluster) -> Iterator[Manifest]:
    """Yield the gateway's pods, its certificate, its routes, and what ties it to the load balancer."""
    told: dict[str, Any] = {"namespace": cluster.namespace, "labels": {PART: ENTRANCE}}
    yield manifest("v1/ServiceAccount", ENTRANCE, **told, automountServiceAccountToken=False)
    yield from _certificate(cluster, told)
    yield from _right_to_it(cluster, told)
    yield manifest("apps/v1/Deployment", ENTRANCE, **told, spec=_deployment())
    port = {"name": "https", "port": ENTRANCE_PORT, "targetPort": ENTRANCE_PORT, "appProtocol": "https"}
    yield manifest("v1/Service", ENTRANCE, **told, spec={"selector": {PART: ENTRANCE}, "ports": [port]})
    yield autoscaled(cluster.namespace, ENTRANCE, LEAST, MOST, CPU_PERCENT)
    yield budget(cluster.namespace, ENTRANCE)
    allowed = {"selector": {"matchLabels": {PART: ENTRANCE}}, "action": "ALLOW", "rules": [{}]}
    yield manifest("security.istio.io/v1/AuthorizationPolicy", ENTRANCE, **told, spec=allowed)
    yield manifest("networking.istio.io/v1/Gateway", ENTRANCE, **told, spec=_gateway())
    yield manifest("networking.istio.io/v1/VirtualService", ENTRANCE, **told, spec=_paths(cluster))
    bound = {
        "targetGroupName": cluster.namespace,
        "serviceRef": {"name": ENTRANCE, "port": ENTRANCE_PORT},
        "targetType": "ip",
    }
    yield manifest("elbv2.k8s.aws/v1beta1/TargetGroupBinding", ENTRANCE, **told, spec=bound)


def _certificate(cluster: Cluster, told: dict[str, Any]) -> Iterator[Manifest]:
    """Yield a certificate that signs itself: a load balancer encrypts towards its targets and asks who they are not."""
    yield manifest("cert-manager.io/v1/Issuer", ENTRANCE, **told, spec={"selfSigned": {}})
    spec = {
        "secretName": CERTIFICATE,
        "dnsNames": [host(cluster, ENTRANCE)],
        "duration": f"{CERTIFICATE_HOURS}h",
        "renewBefore": f"{RENEWED_BEFORE_HOURS}h",
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
        "issuerRef": {"name": ENTRANCE, "kind": "Issuer"},
    }
    yield manifest("cert-manager.io/v1/Certificate", CERTIFICATE, **told, spec=spec)


def _right_to_it(cluster: Cluster, told: dict[str, Any]) -> Iterator[Manifest]:
    """Yield the right to read secrets, of all as Istio asks: by it the mesh judges who gets a key."""
    rule = {
        "apiGroups": [""],
        "resources": ["secrets"],
        "verbs": ["get", "list", "watch"],
    }
    rbac = "rbac.authorization.k8s.io"
    yield manifest(f"{rbac}/v1/Role", ENTRANCE, **told, rules=[rule])
    yield manifest(
        f"{rbac}/v1/RoleBinding",
        ENTRANCE,
        **told,
        roleRef={"apiGroup": rbac, "kind": "Role", "name": ENTRANCE},
        subjects=[{"kind": "ServiceAccount", "name": ENTRANCE, "namespace": cluster.namespace}],
    )


def _deployment() -> dict[str, Any]:
    """Return the gateway's pods, whose container Istio fills in when they are made."""
    return {
        "selector": {"matchLabels": {PART: ENTRANCE}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "34%"}},
        "template": {
            "metadata": {
                "labels": {PART: ENTRANCE, "sidecar.istio.io/inject": "true"},
                "annotations": {"inject.istio.io/templates": "gateway"},
            },
            "spec": {
                "serviceAccountName": ENTRANCE,
                "terminationGracePeriodSeconds": 3 * LEAVING_SECONDS,
                "securityContext": NOBODY,
                **placed(ENTRANCE, CapacityKind.ON_DEMAND),
                "containers": [
                    {
                        "name": "istio-proxy",
                        "image": "auto",
                        "ports": [{"name": "https", "containerPort": ENTRANCE_PORT}],
                        "resources": {
                            "requests": {"cpu": "250m", "memory": "256Mi"},
                            "limits": {"memory": "512Mi"},
                        },
                        "securityContext": HARMLESS,
                    }
                ],
            },
        },
    }


def _gateway() -> dict[str, Any]:
    server = {
        "port": {"number": ENTRANCE_PORT, "name": "https", "protocol": "HTTPS"},
        "hosts": ["*"],
        "tls": {"mode": "SIMPLE", "credentialName": CERTIFICATE, "minProtocolVersion": "TLSV1_2"},
    }
    return {"selector": {PART: ENTRANCE}, "servers": [server]}


def _paths(cluster: Cluster) -> dict[str, Any]:
    """Return who answers what; of two beginnings the longer one wins, so it stands first."""
    paths = [(path, name) for name, service in cluster.public.items() for path in service.paths]
    mesh = cluster.infrastructure.mesh
    return {
        "hosts": ["*"],
        "gateways": [ENTRANCE],
        "http": [
            {
                "match": [{"uri": {"prefix": path}}],
                "route": [
                    {"destination": {"host": host(cluster, name), "port": {"number": cluster.services[name].port}}}
                ],
                "timeout": f"{mesh.timeout_seconds * (mesh.retries + 1)}s",
            }
            for path, name in sorted(paths, key=lambda each: (-len(each[0]), each[0]))
        ],
    }
