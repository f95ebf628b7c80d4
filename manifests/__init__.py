"""What is applied to a region's cluster and to an edge node, generated from the topology; no stack applies it."""

from manifests.cluster import Cluster, manifests_of
from manifests.edge import edge_manifests_of
from manifests.manifest import Manifest, as_yaml
from manifests.sites import site_manifests_of

__all__ = ["Cluster", "Manifest", "as_yaml", "edge_manifests_of", "manifests_of", "site_manifests_of"]
