"""What collects in a cluster: logs, traces and metrics; a site keeps them itself, since no service of AWS is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from manifests import elastic, metrics
from manifests.manifest import Manifest, manifest
from manifests.telemetry import (
    OTLP_GRPC,
    OTLP_HTTP,
    SAMPLING,
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
from stacks.constructs.observed import LOGS, TRACES
from topology_document.infrastructure.observability import ObservabilitySection, TracingSection

if TYPE_CHECKING:
    from manifests.cluster import Cluster

FLUENT_BIT: Final = "public.ecr.aws/aws-observability/aws-for-fluent-bit:2.34.0"
COLLECTOR: Final = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.1"
JAEGER: Final = "docker.io/jaegertracing/all-in-one:1.65.0"
JAEGER_PORT: Final = 16686


def manifests(cluster: Cluster) -> Iterator[Manifest]:
    """Yield the namespace and its collectors; nothing where the document does not ask to see anything."""
    wanted = cluster.infrastructure.observability
    if wanted is None:
        return
    # The collector of logs reads the nodes' own files: it is the one pod of the cluster that may.
    labels = {"pod-security.kubernetes.io/enforce": "privileged"}
    yield manifest("v1/Namespace", SPACE, labels=labels)
    yield from _closed(cluster)
    yield from _logs(cluster)
    if is_site(cluster):
        yield from elastic.manifests(wanted)
    if wanted.tracing is not None:
        yield from _traces(cluster, wanted.tracing)
        if wanted.tracing.jaeger:
            yield from _jaeger()
    if wanted.prometheus is not None:
        yield from metrics.manifests(cluster, wanted, wanted.prometheus)
    yield from _grafana(cluster, wanted)


def is_site(cluster: Cluster) -> bool:
    """Whether the cluster is outside AWS."""
    return cluster.topology.site(cluster.region) is not None


def _closed(cluster: Cluster) -> Iterator[Manifest]:
    """Yield that the product's pods may hand over traces, that the namespace speaks with itself, and no more."""
    own = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": SPACE}}}
    product = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": cluster.namespace}}}
    traces = {
        "from": [product],
        "ports": [{"protocol": "TCP", "port": each} for each in (OTLP_GRPC, OTLP_HTTP, SAMPLING)],
    }
    spec = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [own]}, traces]}
    yield manifest("networking.k8s.io/v1/NetworkPolicy", "telemetry", namespace=SPACE, spec=spec)


def _logs(cluster: Cluster) -> Iterator[Manifest]:
    """Yield a reader of each node's files: lines of JSON stay JSON, and each says its region."""
    yield account(LOGS)
    yield from readers(LOGS, ["namespaces", "pods"])
    yield settings(LOGS, {"fluent-bit.conf": _fluent_bit(cluster), "parsers.conf": CRI})
    template = pod(
        LOGS,
        FLUENT_BIT,
        arguments=["-c", "/settings/fluent-bit.conf"],
        mounts={"settings": "/settings", "nodes": "/var/log"},
        volumes=[from_settings(LOGS), {"name": "nodes", "hostPath": {"path": "/var/log", "type": "Directory"}}],
        memory="256Mi",
        # On every node, also on those that others are kept away from; and by root, whose files these are.
        tolerations=[{"operator": "Exists"}],
    )
    template["spec"]["securityContext"] = {"runAsUser": 0, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"selector": {"matchLabels": template["metadata"]["labels"]}, "template": template}
    yield manifest("apps/v1/DaemonSet", LOGS, namespace=SPACE, labels=template["metadata"]["labels"], spec=spec)


CRI: Final = """[PARSER]
    Name cri
    Format regex
    Regex ^(?<time>[^ ]+) (?<stream>stdout|stderr) (?<logtag>[FP]) (?<log>.*)$
    Time_Key time
    Time_Format %Y-%m-%dT%H:%M:%S.%L%z
"""


def _fluent_bit(cluster: Cluster) -> str:
    out = elastic.OUTPUT if is_site(cluster) else _cloudwatch(cluster)
    return f"""[SERVICE]
    Flush 1
    Parsers_File /settings/parsers.conf
    storage.path /tmp/buffer
[INPUT]
    Name tail
    Path /var/log/containers/*_{cluster.namespace}_*.log
    Parser cri
    Tag kube.*
    DB /tmp/positions.db
    storage.type filesystem
[FILTER]
    Name kubernetes
    Match kube.*
    Merge_Log On
    Keep_Log Off
[FILTER]
    Name modify
    Match kube.*
    Add region {cluster.region}
    Add product {cluster.topology.name}
{out}"""


def _cloudwatch(cluster: Cluster) -> str:
    return f"""[OUTPUT]
    Name cloudwatch_logs
    Match kube.*
    region {cluster.region}
    log_group_name {observed.application_log(cluster.names)}
    log_stream_prefix pods-
    auto_create_group false
"""


def _traces(cluster: Cluster, tracing: TracingSection) -> Iterator[Manifest]:
    """Yield the collector: in AWS the services ask X-Ray's rules which requests to trace, at a site it draws itself."""
    site = is_site(cluster)
    sample = {"probabilistic_sampler": {"sampling_percentage": tracing.sampling_percent}} if site else {}
    out: dict[str, object] = {} if site else {"awsxray": {"region": cluster.region, "indexed_attributes": ["product"]}}
    if tracing.jaeger:
        out["otlp/jaeger"] = {"endpoint": f"jaeger.{SPACE}:{OTLP_GRPC}", "tls": {"insecure": True}}
    named = [
        {"key": key, "value": value, "action": "upsert"}
        for key, value in (("product", cluster.topology.name), ("region", cluster.region))
    ]
    processors = {
        "memory_limiter": {"check_interval": "1s", "limit_percentage": 80},
        **sample,
        "attributes": {"actions": named},
        "batch": {},
    }
    asked = {} if site else {"awsproxy": {"endpoint": f"0.0.0.0:{SAMPLING}", "region": cluster.region}}
    config = {
        "extensions": {"health_check": {}, **asked},
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": {"endpoint": f"0.0.0.0:{OTLP_GRPC}"},
                    "http": {"endpoint": f"0.0.0.0:{OTLP_HTTP}"},
                }
            }
        },
        "processors": processors,
        "exporters": out or {"debug": {}},
        "service": {
            "extensions": ["health_check", *asked],
            "pipelines": {
                "traces": {"receivers": ["otlp"], "processors": list(processors), "exporters": list(out) or ["debug"]}
            },
        },
    }
    yield account(TRACES)
    yield settings(TRACES, {"collector.yaml": json.dumps(config, indent=1)})
    yield reached(TRACES, **{"otlp-grpc": OTLP_GRPC, "otlp-http": OTLP_HTTP, "sampling": SAMPLING})
    template = pod(
        TRACES,
        COLLECTOR,
        arguments=["--config=/settings/collector.yaml"],
        mounts={"settings": "/settings"},
        volumes=[from_settings(TRACES)],
    )
    yield deployment(TRACES, template, replicas=2)


def _jaeger() -> Iterator[Manifest]:
    yield account("jaeger")
    yield reached("jaeger", **{"otlp-grpc": OTLP_GRPC, "pages": JAEGER_PORT})
    kept_on_disk = {"SPAN_STORAGE_TYPE": "badger", "BADGER_EPHEMERAL": "false"}
    places = {
        "BADGER_DIRECTORY_KEY": "/data/keys",
        "BADGER_DIRECTORY_VALUE": "/data/values",
        "BADGER_SPAN_STORE_TTL": "72h",
    }
    yield kept("jaeger", pod("jaeger", JAEGER, environment=kept_on_disk | places, mounts={"data": "/data"}), gib=20)


def _grafana(cluster: Cluster, wanted: ObservabilitySection) -> Iterator[Manifest]:
    if wanted.grafana is not None and cluster.region in wanted.grafana.regions:
        yield from metrics.grafana(cluster, wanted)
