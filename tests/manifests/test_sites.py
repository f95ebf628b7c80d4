"""A site's cluster gets what a region's gets, with nothing in it that only AWS has."""

import json
from pathlib import Path

import pytest

from manifests import Cluster, Manifest, site_manifests_of
from manifests.manifest import PART
from manifests.mesh import ENTRANCE
from manifests.sites import VAULT, secret_of
from tests.manifests.judged import ROOT, mistakes, the
from topology_document import load_whole

HAVEN: Path = ROOT / "topologies" / "haven.yaml"
TOPOLOGY, SAID = load_whole(HAVEN)


def of_site(site: str) -> list[Manifest]:
    return list(site_manifests_of(Cluster(TOPOLOGY, SAID, site)))


@pytest.mark.parametrize("site", TOPOLOGY.region_names)
def test_a_sites_manifests_are_valid_and_know_nothing_of_aws(site: str) -> None:
    made = of_site(site)
    assert mistakes(made) == {}
    text = json.dumps(made)
    for word in ("amazonaws", "eks.", "elbv2", "AWS_REGION", "SecretsManager", "169.254.170.23"):
        assert word not in text, word


def test_no_pod_of_a_place_has_the_password_of_another_places_people() -> None:
    for site in TOPOLOGY.region_names:
        wanted = {
            each["remoteRef"]["key"]
            for made in of_site(site)
            if made["kind"] == "ExternalSecret"
            for each in made["spec"]["data"]
        }
        held = {each.name for each in TOPOLOGY.databases if site in each.regions}
        roles = ("app_rw", "app_ro")
        assert wanted <= {secret_of(f"lifeboat/haven/{name}/{role}") for name in held for role in roles}
        assert {name for name in held if name.startswith("home-") and f"lifeboat-haven-{name}-app-rw" in wanted}


def test_passwords_come_from_the_sites_own_cluster() -> None:
    store = the(of_site("toronto-linode"), "ClusterSecretStore", "haven-regional")
    assert store["spec"]["provider"]["kubernetes"]["remoteNamespace"] == VAULT


def test_users_reach_the_entrance_at_the_sites_own_address_by_https() -> None:
    made = of_site("frankfurt-ovh")
    service = the(made, "Service", ENTRANCE)["spec"]
    assert (service["type"], [each["port"] for each in service["ports"]]) == ("LoadBalancer", [443])
    (inward,) = the(made, "NetworkPolicy", ENTRANCE)["spec"]["ingress"]
    assert inward["from"] == [{"ipBlock": {"cidr": "0.0.0.0/0"}}]


def test_every_service_of_the_product_runs_in_the_mesh_and_pods_are_kept_apart_by_node() -> None:
    made = of_site("singapore-vultr")
    own = [each["metadata"] for each in made if each["kind"] == "Deployment"]
    deployed = {each["name"] for each in own if each["namespace"] == "haven"}
    assert deployed == {ENTRANCE, "gateway", "authentication", "content", "profiles", "analytics", "marketing"}
    for name in deployed:
        (apart,) = the(made, "Deployment", name)["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert apart["topologyKey"] == "kubernetes.io/hostname"
    assert the(made, "Namespace", "haven")["metadata"]["labels"]["istio-injection"] == "enabled"


IDENTITYS_SITES = ("frankfurt-hetzner", "frankfurt-ovh")


def test_the_blockchains_node_is_in_one_place() -> None:
    """Once for the world: three pods at the primary provider, and as many at the one that takes over from it."""
    holding = {
        site
        for site in TOPOLOGY.region_names
        for each in of_site(site)
        if (each["kind"], each["metadata"]["name"]) == ("Deployment", "identity")
    }
    assert holding == set(IDENTITYS_SITES)


@pytest.mark.parametrize("site", TOPOLOGY.region_names)
def test_the_blockchains_node_is_reached_from_every_site(site: str) -> None:
    made = of_site(site)
    (container,) = the(made, "Deployment", "authentication")["spec"]["template"]["spec"]["containers"]
    (asked,) = [each["value"] for each in container["env"] if each["name"] == "SERVICE_IDENTITY"]
    packets = the(made, "NetworkPolicy", "authentication")["spec"]["egress"]
    if site in IDENTITYS_SITES:
        assert asked == "http://identity:8080/identity"
        assert any(each["to"] == [{"podSelector": {"matchLabels": {PART: "identity"}}}] for each in packets)
        return
    assert asked == "https://eu.haven.example/identity"
    known = the(made, "ServiceEntry", "identity")["spec"]
    assert known["hosts"] == ["eu.haven.example"]
    assert known["ports"] == [{"number": 443, "name": "tls", "protocol": "TLS"}]
    outside = [
        each["ports"] for each in packets for to in each["to"] if to.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"
    ]
    assert outside == [[{"protocol": "TCP", "port": 443}]]


@pytest.mark.parametrize("site", IDENTITYS_SITES)
def test_the_blockchains_node_answers_at_its_sites_entrances_who_shows_a_token(site: str) -> None:
    made = of_site(site)
    (rule,) = [
        each["route"][0]["destination"]["host"]
        for each in the(made, "VirtualService", ENTRANCE)["spec"]["http"]
        if each["match"] == [{"uri": {"prefix": "/identity"}}]
    ]
    assert rule == "identity.haven.svc.cluster.local"
    (strangers,) = the(made, "AuthorizationPolicy", "strangers")["spec"]["rules"]
    open_to_all = strangers["to"][0]["operation"]["notPaths"]
    assert not any("/identity".startswith(each.removesuffix("*")) for each in open_to_all)
    (may,) = the(made, "AuthorizationPolicy", "identity")["spec"]["rules"]
    callers = {each.rpartition("/")[2] for each in may["from"][0]["source"]["principals"]}
    assert callers == {"authentication", ENTRANCE}


@pytest.mark.parametrize("site", TOPOLOGY.region_names)
def test_no_call_of_the_document_is_left_out_at_any_site(site: str) -> None:
    made = of_site(site)
    for each in made:
        service = SAID.services.get(each["metadata"]["name"])
        if each["kind"] == "Deployment" and service is not None:
            (container,) = each["spec"]["template"]["spec"]["containers"]
            told = {variable["name"] for variable in container["env"]}
            assert {f"SERVICE_{called.upper()}" for called in service.calls} <= told


def test_each_database_is_reached_at_its_own_port() -> None:
    packets = the(of_site("toronto-linode"), "NetworkPolicy", "profiles")["spec"]["egress"]
    ports = [each["ports"] for each in packets if each["to"] == [{"ipBlock": {"cidr": "10.63.0.0/16"}}]]
    assert ports == [[{"protocol": "TCP", "port": 5433}]]
