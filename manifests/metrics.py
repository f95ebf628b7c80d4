"""Prometheus in a cluster, which looks at pods and hands on; and Grafana, with its dashboards as code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from manifests.dashboards import dashboards
from manifests.manifest import Manifest
from manifests.services import HARMLESS
from manifests.telemetry import (
    PROMETHEUS_PORT,
    SPACE,
    account,
    deployment,
    from_settings,
    kept,
    pod,
    reached,
    readers,
    settings,
)
from stacks.constructs import observed
from stacks.constructs.observed import DASHBOARDS, METRICS
from stacks.constructs.prometheus_rules import SHARED, groups
from topology_document.infrastructure.observability import ObservabilitySection, PrometheusSection

if TYPE_CHECKING:
    from manifests.cluster import Cluster

PROMETHEUS: Final = "quay.io/prometheus/prometheus:v3.5.0"
GRAFANA: Final = "docker.io/grafana/grafana:11.6.0"
AWS_CLI: Final = "public.ecr.aws/aws-cli/aws-cli:2.27.0"
GRAFANA_PORT: Final = 3000
HERE_HOURS: Final = 6
"""How long a cluster's own Prometheus keeps points that a workspace has too."""

OWN, ALL = "https://own.invalid/", "https://all.invalid/"
"""Stand for the workspaces' addresses, which are known when the pod starts and not before."""


def manifests(cluster: Cluster, wanted: ObservabilitySection, told: PrometheusSection) -> Iterator[Manifest]:
    """Yield Prometheus: with a workspace behind it in AWS, and with a disk of its own at a site."""
    site = cluster.topology.site(cluster.region) is not None
    yield account(METRICS)
    yield from readers(METRICS, ["nodes", "nodes/metrics", "services", "endpoints", "pods"])
    files = {"prometheus.yml": _config(cluster, told, site=site), "rules.yml": json.dumps(groups(wanted.objectives))}
    yield settings(METRICS, files)
    yield reached(METRICS, http=PROMETHEUS_PORT)
    keeps = f"{told.kept_days}d" if site else f"{HERE_HOURS}h"
    folder = "/settings" if site else "/made"
    template = pod(
        METRICS,
        PROMETHEUS,
        arguments=[
            f"--config.file={folder}/prometheus.yml",
            "--storage.tsdb.path=/data",
            f"--storage.tsdb.retention.time={keeps}",
        ],
        mounts={"settings": "/settings", "made": "/made", "data": "/data"},
        volumes=[from_settings(METRICS), {"name": "made", "emptyDir": {}}],
        memory="2Gi",
    )
    if not site:
        template["spec"]["initContainers"] = [_addresses(cluster, told)]
    yield kept(METRICS, template, gib=50)


def _config(cluster: Cluster, told: PrometheusSection, *, site: bool) -> str:
    config = {
        "global": {
            "scrape_interval": f"{told.scrape_seconds}s",
            "external_labels": {"product": cluster.topology.name, "region": cluster.region},
        },
        "rule_files": ["/settings/rules.yml"],
        "scrape_configs": [_pods(), _nodes()],
        "remote_write": [] if site else _written(cluster, told),
    }
    return json.dumps(config, indent=1)


def _pods() -> dict[str, Any]:
    """Return how pods are looked at that ask for it by their annotations, as the mesh's proxies do."""
    annotation = "__meta_kubernetes_pod_annotation_prometheus_io_"
    return {
        "job_name": "pods",
        "kubernetes_sd_configs": [{"role": "pod"}],
        "relabel_configs": [
            {"source_labels": [f"{annotation}scrape"], "action": "keep", "regex": "true"},
            {"source_labels": [f"{annotation}path"], "regex": "(.+)", "target_label": "__metrics_path__"},
            {
                "source_labels": ["__address__", f"{annotation}port"],
                "regex": "([^:]+)(?::[0-9]+)?;([0-9]+)",
                "replacement": "$1:$2",
                "target_label": "__address__",
            },
            {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"},
            {"source_labels": ["__meta_kubernetes_pod_name"], "target_label": "pod"},
        ],
    }


def _nodes() -> dict[str, Any]:
    """Return how nodes are asked what their pods use."""
    identity = "/var/run/secrets/kubernetes.io/serviceaccount"
    return {
        "job_name": "nodes",
        "scheme": "https",
        "metrics_path": "/metrics/cadvisor",
        "authorization": {"credentials_file": f"{identity}/token"},
        # A node's certificate is of its own making; it is found by the cluster's API, which is known.
        "tls_config": {"ca_file": f"{identity}/ca.crt", "insecure_skip_verify": True},
        "kubernetes_sd_configs": [{"role": "node"}],
    }


def _written(cluster: Cluster, told: PrometheusSection) -> list[dict[str, Any]]:
    """Return where points go: all to the region's own workspace, and what is added up to that of all."""
    own: dict[str, Any] = {"url": f"{OWN}api/v1/remote_write", "sigv4": {"region": cluster.region}}
    if told.federated_in in (None, cluster.region):
        return [own]
    only = {"source_labels": ["__name__"], "regex": f"{SHARED}.*", "action": "keep"}
    shared = {
        "url": f"{ALL}api/v1/remote_write",
        "sigv4": {"region": told.federated_in},
        "write_relabel_configs": [only],
    }
    return [own, shared]


def _addresses(cluster: Cluster, told: PrometheusSection) -> dict[str, Any]:
    """Return what reads the addresses; a view of all that cannot be reached keeps no region from its own metrics."""
    name = observed.workspace_parameter(cluster.names, "endpoint")
    read = f"aws ssm get-parameter --name {name} --query Parameter.Value --output text --region"
    script = [f"own=$({read} {cluster.region}) || exit 1"]
    changes = [f"s|{OWN}|$own|"]
    if told.federated_in not in (None, cluster.region):
        script.append(f"all=$({read} {told.federated_in}) || all=http://127.0.0.1:9/")
        changes.append(f"s|{ALL}|$all|")
    script.append(f'sed "{";".join(changes)}" /settings/prometheus.yml > /made/prometheus.yml')
    return {
        "name": "addresses",
        "image": AWS_CLI,
        "command": ["/bin/sh", "-c", "\n".join(script)],
        "env": [{"name": "HOME", "value": "/made"}],
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": HARMLESS,
        "volumeMounts": [{"name": "settings", "mountPath": "/settings"}, {"name": "made", "mountPath": "/made"}],
    }


def grafana(cluster: Cluster, wanted: ObservabilitySection) -> Iterator[Manifest]:
    """Yield Grafana with its source and its dashboards; nobody changes them but by a change of code."""
    files = {f"{name}.json": json.dumps(board) for name, board in dashboards(cluster.topology, wanted).items()}
    source = {
        "name": "metrics",
        "uid": "metrics",
        "type": "prometheus",
        "url": f"http://{METRICS}.{SPACE}:{PROMETHEUS_PORT}",
    }
    folder = {"name": "product", "type": "file", "allowUiUpdates": False, "options": {"path": "/settings"}}
    yield account(DASHBOARDS)
    yield settings(DASHBOARDS, files)
    provisioned = {
        "datasources.yaml": json.dumps({"apiVersion": 1, "datasources": [{**source, "isDefault": True}]}),
        "dashboards.yaml": json.dumps({"apiVersion": 1, "providers": [folder]}),
    }
    yield settings("sources", provisioned)
    yield reached(DASHBOARDS, http=GRAFANA_PORT)
    items = [{"key": each, "path": f"{each.partition('.')[0]}/{each}"} for each in provisioned]
    template = pod(
        DASHBOARDS,
        GRAFANA,
        environment={
            "GF_PATHS_PROVISIONING": "/sources",
            "GF_PATHS_DATA": "/tmp/grafana",  # noqa: S108 - a volume of the pod's own
            "GF_USERS_ALLOW_SIGN_UP": "false",
        },
        mounts={"settings": "/settings", "sources": "/sources"},
        volumes=[from_settings(DASHBOARDS), {"name": "sources", "configMap": {"name": "sources", "items": items}}],
    )
    yield deployment(DASHBOARDS, template)
