"""The passwords of services: read by External Secrets with its own role, for the services that name them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from manifests.manifest import PART, Manifest, manifest
from topology_document.infrastructure.compute import ServiceSection

if TYPE_CHECKING:
    from manifests.cluster import Cluster

STORE: Final = "regional"
APPLICATION_ROLES: Final = ("app_rw", "app_ro")


def manifests(cluster: Cluster) -> Iterator[Manifest]:
    """Yield the store, which no other namespace may use, and what each service gets of it."""
    wanted = {name: each for name, each in cluster.services.items() if each.databases or each.caches}
    if not wanted:
        return
    provider = {"aws": {"service": "SecretsManager", "region": cluster.region}}
    spec = {"provider": provider, "conditions": [{"namespaces": [cluster.namespace]}]}
    yield manifest("external-secrets.io/v1/ClusterSecretStore", f"{cluster.namespace}-{STORE}", spec=spec)
    for name, service in wanted.items():
        yield manifest(
            "external-secrets.io/v1/ExternalSecret",
            f"{name}-passwords",
            namespace=cluster.namespace,
            labels={PART: name},
            spec={
                "refreshInterval": f"{cluster.compute.secret_refresh_seconds}s",
                "secretStoreRef": {"kind": "ClusterSecretStore", "name": f"{cluster.namespace}-{STORE}"},
                "target": {"name": f"{name}-passwords", "creationPolicy": "Owner"},
                "data": list(_read(cluster, service)),
            },
        )


def _read(cluster: Cluster, service: ServiceSection) -> Iterator[dict[str, Any]]:
    names = cluster.names
    for database in service.databases:
        for role in APPLICATION_ROLES:
            for part in ("username", "password"):
                reference = {"key": names.application_secret(database, role), "property": part}
                yield {"secretKey": f"{database}.{role}.{part}", "remoteRef": reference}
    for cache in service.caches:
        yield {"secretKey": f"{cache}.cache.password", "remoteRef": {"key": names.cache_secret(cache)}}
