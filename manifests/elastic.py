"""Where a site keeps its logs: Elasticsearch and Kibana in its own cluster, since they may not leave its zone."""

from collections.abc import Iterator
from typing import Final

from manifests.manifest import PART, Manifest, manifest
from manifests.telemetry import SPACE, account, deployment, from_settings, kept, pod, reached, settings
from topology_document.infrastructure.observability import LogsSection, ObservabilitySection

VERSION: Final = "8.17.4"
SEARCH_PORT, PAGES_PORT = 9200, 5601
PIPELINE_PORT: Final = 24224

PLACE: Final = f"http://search.{SPACE}:{SEARCH_PORT}"
POLICIES: Final = ("logs@lifecycle", "logs")
"""Of the streams ``logs-*-*``: their policy's name since Elasticsearch 8.13, and before."""

OUTPUT: Final = f"""[OUTPUT]
    Name forward
    Match kube.*
    Host pipeline.{SPACE}
    Port {PIPELINE_PORT}
"""
"""Of the collector of logs: events go to Logstash."""


def manifests(wanted: ObservabilitySection) -> Iterator[Manifest]:
    """Yield the three of them, and that events are forgotten when they are no longer kept."""
    logs = wanted.logs or LogsSection()
    for name in ("search", "pipeline", "pages"):
        yield account(name)
    yield settings("search", {"lifecycle.json": lifecycle(logs)})
    yield reached("search", http=SEARCH_PORT)
    told = {
        "discovery.type": "single-node",
        "cluster.name": "logs",
        "path.data": "/data",
        "path.logs": "/tmp/logs",  # noqa: S108 - a volume of the pod's own
        # Reached from this namespace alone, as its network policy has it; people come through Kubernetes' own access.
        "xpack.security.enabled": "false",
        "ES_JAVA_OPTS": "-Xms1g -Xmx1g",
    }
    image = f"docker.elastic.co/elasticsearch/elasticsearch:{VERSION}"
    template = pod(
        "search",
        image,
        environment=told,
        mounts={"data": "/data"},
        memory="2Gi",
    )
    yield kept("search", template, gib=200)
    yield _forgetting(image)
    yield settings("pipeline", {"logstash.conf": PIPELINE})
    yield reached("pipeline", forward=PIPELINE_PORT)
    image = f"docker.elastic.co/logstash/logstash:{VERSION}"
    template = pod(
        "pipeline",
        image,
        arguments=["-f", "/settings/logstash.conf"],
        mounts={"settings": "/settings"},
        volumes=[from_settings("pipeline")],
        memory="1Gi",
    )
    yield deployment("pipeline", template)
    yield reached("pages", http=PAGES_PORT)
    image = f"docker.elastic.co/kibana/kibana:{VERSION}"
    told = {"ELASTICSEARCH_HOSTS": PLACE}
    yield deployment("pages", pod("pages", image, environment=told, memory="1Gi"))


def _forgetting(image: str) -> Manifest:
    """Return the job that gives the search engine its policy, under the name that its streams of logs go by."""
    asked = " && ".join(
        f"curl -fsS -X PUT -H 'Content-Type: application/json' -d @/settings/lifecycle.json {PLACE}/_ilm/policy/{each}"
        for each in POLICIES
    )
    template = pod("search", image, mounts={"settings": "/settings"}, volumes=[from_settings("search")])
    template["metadata"]["labels"] = {PART: "forgetting"}
    template["spec"] |= {"restartPolicy": "OnFailure"}
    (container,) = template["spec"]["containers"]
    container["command"] = ["/bin/sh", "-c", f"until curl -fsS {PLACE}; do sleep 5; done; {asked}"]
    spec = {"backoffLimit": 10, "template": template}
    return manifest("batch/v1/Job", "forgetting", namespace=SPACE, labels={PART: "forgetting"}, spec=spec)


PIPELINE: Final = f"""input {{ tcp {{ port => {PIPELINE_PORT} codec => fluent }} }}
filter {{ if [log] =~ /^{{/ {{ json {{ source => "log" target => "event" }} }} }}
output {{ elasticsearch {{ hosts => ["http://search.{SPACE}:{SEARCH_PORT}"] data_stream => true }} }}
"""


def lifecycle(logs: LogsSection) -> str:
    """Return the policy of the index: cold after the hot days, gone after those in which events are kept."""
    return f"""{{"policy": {{"phases": {{
 "hot": {{"actions": {{"rollover": {{"max_age": "1d"}}}}}},
 "cold": {{"min_age": "{logs.hot_days}d", "actions": {{"readonly": {{}}}}}},
 "delete": {{"min_age": "{logs.kept_days}d", "actions": {{"delete": {{}}}}}}
}}}}}}
"""
