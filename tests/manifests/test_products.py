"""What the products' own documents ask of their clusters arrives there."""

from functools import cache
from typing import Any

import pytest

from manifests import Cluster, Manifest, manifests_of
from tests.manifests.judged import ROOT, the
from topology_document import load_whole


@cache
def cluster(product: str, region: str) -> Cluster:
    return Cluster(*load_whole(ROOT / "topologies" / f"{product}.yaml"), region)


def made(product: str, region: str) -> list[Manifest]:
    return list(manifests_of(cluster(product, region)))


def databases(product: str, region: str) -> set[str]:
    """The databases whose passwords any pod of a region gets."""
    return {
        each["remoteRef"]["key"].split("/")[2]
        for manifest in made(product, region)
        if manifest["kind"] == "ExternalSecret"
        for each in manifest["spec"]["data"]
        if "/cache/" not in each["remoteRef"]["key"]
    }


@pytest.mark.parametrize(("region", "country"), [("eu-west-1", "ie"), ("eu-west-3", "fr"), ("ap-south-1", "in")])
def test_a_countrys_services_get_the_passwords_of_its_own_databases_alone(region: str, country: str) -> None:
    assert databases("fleet", region) == {f"people-{country}", f"telemetry-{country}"}


@pytest.mark.parametrize(("region", "zone"), [("us-west-2", "us"), ("eu-central-1", "eu"), ("ap-southeast-2", "apac")])
def test_a_zones_services_get_the_passwords_of_its_own_databases_alone(region: str, zone: str) -> None:
    assert databases("triage", region) == {f"mail-{zone}"}


@pytest.mark.parametrize("region", ["eu-central-1", "eu-west-1"])
def test_every_service_of_the_city_has_three_pods(region: str) -> None:
    city = cluster("metro", region)
    assert len(city.services) >= 5
    for name in city.services:
        assert the(made("metro", region), "HorizontalPodAutoscaler", name)["spec"]["minReplicas"] >= 3


@pytest.mark.parametrize(
    ("product", "region"), [("metro", "eu-west-1"), ("triage", "us-east-1"), ("reviews", "ap-southeast-1")]
)
def test_what_a_pod_of_a_product_gets_is_what_its_document_says(product: str, region: str) -> None:
    for name, service in cluster(product, region).services.items():
        container: dict[str, Any] = the(made(product, region), "Deployment", name)["spec"]["template"]["spec"][
            "containers"
        ][0]
        asked = container["resources"]["requests"]
        assert asked == {"cpu": f"{service.cpu_millicores}m", "memory": f"{service.memory_mib}Mi"}


def test_idle_nodes_of_the_reviews_go_after_three_minutes() -> None:
    (container,) = the(made("reviews", "us-east-1"), "Deployment", "cluster-autoscaler")["spec"]["template"]["spec"][
        "containers"
    ]
    assert "--scale-down-unneeded-time=180s" in container["command"]


def test_what_nobody_misses_of_the_reviews_stands_on_spot_nodes() -> None:
    spot = {
        each["metadata"]["name"]
        for each in made("reviews", "us-east-1")
        if each["kind"] == "Deployment"
        and each["spec"]["template"]["spec"].get("nodeSelector") == {"eks.amazonaws.com/capacityType": "SPOT"}
    }
    assert spot == {name for name, each in cluster("reviews", "us-east-1").services.items() if not each.critical}
    assert spot


def reached(product: str, region: str, service: str) -> set[str]:
    """The networks in which a service may reach a database."""
    rules = the(made(product, region), "NetworkPolicy", service)["spec"]["egress"]
    return {
        peer["ipBlock"]["cidr"]
        for rule in rules
        if 5432 in {port["port"] for port in rule["ports"]}
        for peer in rule["to"]
    }


def test_readers_of_reviews_may_fall_back_to_the_primary_region() -> None:
    assert reached("reviews", "eu-west-1", "reviews") == {"10.10.0.0/16", "10.20.0.0/16", "10.30.0.0/16"}
    assert reached("reviews", "eu-west-1", "web") == set()


def test_no_service_reaches_the_databases_of_another_country() -> None:
    assert reached("fleet", "eu-west-3", "vehicles") == {"10.70.0.0/16"}
