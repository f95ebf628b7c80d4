"""The namespace of the product, and who its pods are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from manifests.manifest import Manifest, manifest

if TYPE_CHECKING:
    from manifests.cluster import Cluster


def manifests(cluster: Cluster) -> Iterator[Manifest]:
    """Yield the namespace, whose pods are in the mesh and may be nothing but plain processes."""
    labels = {"istio-injection": "enabled", "pod-security.kubernetes.io/enforce": "restricted"}
    yield manifest("v1/Namespace", cluster.namespace, labels=labels)
    for name in cluster.services:
        yield manifest("v1/ServiceAccount", name, namespace=cluster.namespace, automountServiceAccountToken=False)
