"""A site's cluster gets what a region's gets, with nothing in it that only AWS has."""

import json
from pathlib import Path

import pytest

from manifests import Cluster, Manifest, site_manifests_of
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


def test_the_blockchains_node_is_in_one_place() -> None:
    holding = {
        TOPOLOGY.region(site).zone
        for site in TOPOLOGY.region_names
        for each in of_site(site)
        if (each["kind"], each["metadata"]["name"]) == ("Deployment", "identity")
    }
    assert holding == {"EU"}
