"""What is applied to the cluster of a site: a region's manifests without what is AWS's."""

import copy
from collections.abc import Callable, Iterator
from typing import Any, Final

from manifests.cluster import Cluster, manifests_of
from manifests.manifest import Manifest
from manifests.mesh import ENTRANCE
from manifests.network_policies import ENTRANCE_PORT, POD_IDENTITY
from manifests.placing import CAPACITY, NODE

VAULT: Final = "lifeboat"
"""The namespace whose secrets are the databases' logins; only the site's operators and External Secrets read it."""

ANYBODY: Final = "0.0.0.0/0"
HTTPS: Final = 443
NOT_THERE: Final = {
    # A site's users reach its entrance themselves: it is by its addresses that it is found, not by a balancer of AWS's,
    # and its certificate is one that they believe, which its operators put into the same secret.
    ("TargetGroupBinding", ENTRANCE),
    ("Issuer", ENTRANCE),
    ("Certificate", f"{ENTRANCE}-certificate"),
}


def site_manifests_of(cluster: Cluster) -> Iterator[Manifest]:
    """Yield the manifests of a site, in the order in which they are applied."""
    for each in manifests_of(cluster):
        if (each["kind"], each["metadata"]["name"]) in NOT_THERE:
            continue
        adapted = copy.deepcopy(each)
        if (adapt := ADAPTING.get(each["kind"])) is not None:
            adapt(adapted, cluster)
        yield adapted


def secret_of(name: str) -> str:
    """Return the secret of a login, as Kubernetes may call it: ``lifeboat/haven/shared/app_rw`` has no such name."""
    return name.replace("/", "-").replace("_", "-")


def _deployment(found: Manifest, cluster: Cluster) -> None:
    """Its nodes are alike, and in one zone: pods are kept apart by node alone, as far as there are nodes."""
    pod: dict[str, Any] = found["spec"]["template"]["spec"]
    chosen = pod.get("nodeSelector", {})
    chosen.pop(CAPACITY, None)
    if not chosen:
        pod.pop("nodeSelector", None)
    for key in ("affinity", "tolerations"):
        pod.pop(key, None)
    pod["topologySpreadConstraints"] = [
        each for each in pod["topologySpreadConstraints"] if each["topologyKey"] == NODE
    ]
    for container in pod["containers"]:
        for variable in container.get("env", ()):
            if variable["name"] == "AWS_REGION":
                variable |= {"name": "SITE", "value": cluster.region}


def _store(found: Manifest, _: Cluster) -> None:
    """The passwords are in the site's own cluster: no key to AWS is needed to start a pod."""
    found["spec"]["provider"] = {
        "kubernetes": {
            "remoteNamespace": VAULT,
            "server": {
                "caProvider": {"type": "ConfigMap", "name": "kube-root-ca.crt", "key": "ca.crt", "namespace": VAULT}
            },
            "auth": {"serviceAccount": {"name": "external-secrets", "namespace": VAULT}},
        }
    }


def _secret(found: Manifest, _: Cluster) -> None:
    for each in found["spec"]["data"]:
        each["remoteRef"]["key"] = secret_of(each["remoteRef"]["key"])


def _policy(found: Manifest, _: Cluster) -> None:
    spec = found["spec"]
    if "egress" in spec:
        spec["egress"] = [each for each in spec["egress"] if not _leads_to(each, POD_IDENTITY)]
    if found["metadata"]["name"] == ENTRANCE:
        for each in spec["ingress"]:
            each["from"] = [{"ipBlock": {"cidr": ANYBODY}}]


def _leads_to(rule: dict[str, Any], cidr: str) -> bool:
    return any(each.get("ipBlock", {}).get("cidr") == cidr for each in rule.get("to", ()))


def _service(found: Manifest, _: Cluster) -> None:
    if found["metadata"]["name"] == ENTRANCE:
        port = {"name": "https", "port": HTTPS, "targetPort": ENTRANCE_PORT, "appProtocol": "https"}
        found["spec"] |= {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "ports": [port]}


ADAPTING: Final[dict[str, Callable[[Manifest, Cluster], None]]] = {
    "Deployment": _deployment,
    "ClusterSecretStore": _store,
    "ExternalSecret": _secret,
    "NetworkPolicy": _policy,
    "Service": _service,
}
