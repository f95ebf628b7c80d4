"""What collects in a cluster: with the documents' numbers, and nothing that is about people leaves its place."""

import json
import re
from functools import cache
from typing import Any

import pytest

from manifests import Cluster, Manifest, manifests_of, site_manifests_of
from stacks.constructs.observed import DASHBOARDS, LOGS, METRICS, NAMESPACE, TRACES
from tests.manifests.judged import ROOT, mistakes
from topology_document import load_whole

EU = "eu-west-1"


@cache
def made(product: str, region: str) -> tuple[Manifest, ...]:
    topology, infrastructure = load_whole(ROOT / "topologies" / f"{product}.yaml")
    build = manifests_of if topology.site(region) is None else site_manifests_of
    found = build(Cluster(topology, infrastructure, region))
    return tuple(each for each in found if each["metadata"].get("namespace") == NAMESPACE)


def settings(product: str, region: str, name: str, file: str) -> str:
    (found,) = [
        each for each in made(product, region) if (each["kind"], each["metadata"]["name"]) == ("ConfigMap", name)
    ]
    return str(found["data"][file])


def prometheus(product: str, region: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(settings(product, region, METRICS, "prometheus.yml"))
    return told


@pytest.mark.parametrize(("product", "region"), [("reviews", EU), ("haven", "frankfurt-hetzner")])
def test_they_are_manifests(product: str, region: str) -> None:
    assert mistakes(list(made(product, region))) == {}


def test_each_collector_has_the_account_that_a_role_is_tied_to() -> None:
    accounts = {each["metadata"]["name"] for each in made("reviews", EU) if each["kind"] == "ServiceAccount"}
    assert {LOGS, TRACES, METRICS, DASHBOARDS} <= accounts


def test_logs_say_their_region_and_go_to_the_product_s_group() -> None:
    told = settings("reviews", EU, LOGS, "fluent-bit.conf")
    assert f"Add region {EU}" in told
    assert "log_group_name /lifeboat/reviews/application" in told
    assert "Merge_Log On" in told, "a line of JSON stays JSON"


def test_x_ray_and_jaeger_get_the_traces_and_x_ray_s_rules_say_which() -> None:
    told = json.loads(settings("reviews", EU, TRACES, "collector.yaml"))
    assert set(told["exporters"]) == {"awsxray", "otlp/jaeger"}
    assert told["exporters"]["awsxray"]["region"] == EU
    assert "awsproxy" in told["service"]["extensions"]
    assert "probabilistic_sampler" not in told["processors"], "or a tenth of a tenth would be traced"


def test_a_site_draws_its_own_share_and_tells_no_service_of_aws() -> None:
    told = json.loads(settings("haven", "frankfurt-hetzner", TRACES, "collector.yaml"))
    assert told["processors"]["probabilistic_sampler"] == {"sampling_percentage": 5}
    assert set(told["exporters"]) == {"otlp/jaeger"}


def test_a_region_hands_on_all_to_its_own_workspace_and_only_sums_to_that_of_all() -> None:
    own, shared = prometheus("reviews", EU)["remote_write"]
    assert "write_relabel_configs" not in own
    assert own["sigv4"] == {"region": EU}
    assert shared["sigv4"] == {"region": "us-east-1"}
    assert shared["write_relabel_configs"] == [{"source_labels": ["__name__"], "regex": "region:.*", "action": "keep"}]
    (alone,) = prometheus("reviews", "us-east-1")["remote_write"]
    assert alone["sigv4"] == {"region": "us-east-1"}


def test_what_leaves_a_region_names_no_pod_and_no_person() -> None:
    rules = json.loads(settings("reviews", EU, METRICS, "rules.yml"))["groups"][0]["rules"]
    assert rules
    for rule in rules:
        assert rule["record"].startswith("region:")
        by = {word for part in rule["expr"].split("by (")[1:] for word in part.partition(")")[0].split(", ")}
        assert by <= {"destination_service_name", "namespace", "le"}, rule["record"]


def test_a_view_of_all_that_is_lost_keeps_no_prometheus_from_starting() -> None:
    (found,) = [
        each for each in made("reviews", EU) if each["kind"] == "StatefulSet" and each["metadata"]["name"] == METRICS
    ]
    (first,) = found["spec"]["template"]["spec"]["initContainers"]
    own, everyone, _ = first["command"][2].splitlines()
    assert own.endswith("|| exit 1")
    assert "--region us-east-1" in everyone
    assert not everyone.endswith("exit 1")


def test_scraping_goes_as_the_document_says() -> None:
    told = prometheus("fleet", EU)["global"]
    assert (told["scrape_interval"], told["external_labels"]["region"]) == ("30s", EU)


class TestGrafana:
    def test_it_is_where_the_document_wants_it(self) -> None:
        for region, there in (("us-east-1", True), (EU, True), ("ap-southeast-1", False)):
            assert any(each["metadata"]["name"] == DASHBOARDS for each in made("reviews", region)) is there

    def test_its_dashboards_are_code_and_show_what_is_promised(self) -> None:
        board = json.loads(settings("reviews", EU, DASHBOARDS, "reviews-users.json"))
        latency = next(each for each in board["panels"] if each["title"] == "Latency p95")
        assert latency["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"] == 200
        assert all("by (region" in each["targets"][0]["expr"] for each in board["panels"])
        used = json.loads(settings("triage", EU, DASHBOARDS, "triage-resources.json"))
        assert {each["title"] for each in used["panels"]} >= {
            "Processors used, by namespace",
            "Of the processors that are there",
        }


class TestSites:
    def test_logs_stay_in_the_site_s_own_search_engine(self) -> None:
        told = settings("haven", "toronto-linode", LOGS, "fluent-bit.conf")
        assert "cloudwatch" not in told
        assert "Host pipeline.telemetry" in told
        names = {each["metadata"]["name"] for each in made("haven", "toronto-linode")}
        assert {"search", "pipeline", "pages"} <= names

    def test_they_are_forgotten_when_they_need_not_be_kept(self) -> None:
        phases = json.loads(settings("haven", "toronto-linode", "search", "lifecycle.json"))["policy"]["phases"]
        assert (phases["cold"]["min_age"], phases["delete"]["min_age"]) == ("30d", "90d")
        (job,) = [each for each in made("haven", "toronto-linode") if each["kind"] == "Job"]
        (told,) = job["spec"]["template"]["spec"]["containers"]
        assert "_ilm/policy/logs" in told["command"][2]

    def test_metrics_stay_on_the_site_s_disk(self) -> None:
        assert prometheus("haven", "singapore-vultr")["remote_write"] == []
        text = json.dumps(made("haven", "singapore-vultr"))
        assert "--storage.tsdb.retention.time=30d" in text
        assert "aws ssm" not in text


def test_a_product_that_asks_to_see_nothing_collects_nothing() -> None:
    assert made("quickstart", EU) == ()


def test_what_is_shown_and_told_is_added_up_by_a_rule() -> None:
    """A name that was changed in one place would be a page that shows nothing."""
    told = [
        rule for group in json.loads(settings("reviews", EU, METRICS, "rules.yml"))["groups"] for rule in group["rules"]
    ]
    recorded = {rule["record"] for rule in told if "record" in rule}
    boards = [settings("reviews", EU, DASHBOARDS, f"reviews-{each}.json") for each in ("users", "resources")]
    asked = " ".join([*boards, *(rule["expr"] for rule in told if "alert" in rule)])
    names = set(re.findall(r"region:[a-z0-9]+:[a-z0-9]+", asked))
    assert names
    assert names <= recorded
