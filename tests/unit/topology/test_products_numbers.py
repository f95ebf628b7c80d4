"""The numbers and orders of the products' documents, as their topologies say them."""

from functools import cache
from pathlib import Path

import pytest

from cli.roll import stages_of
from failover.topology import Role, Topology
from topology_document import Infrastructure, load_whole
from topology_document.infrastructure.geography import countries

TOPOLOGIES = Path(__file__).parents[3] / "topologies"
US, EU, AP = "us-east-1", "eu-west-1", "ap-southeast-1"


@cache
def product(name: str) -> tuple[Topology, Infrastructure]:
    return load_whole(TOPOLOGIES / f"{name}.yaml")


ROLES = {
    "fleet": {"eu-west-1": Role.PRIMARY, "eu-west-3": Role.ACTIVE, "ap-south-1": Role.ACTIVE},
    "metro": {"eu-central-1": Role.PRIMARY, "eu-west-1": Role.SECONDARY},
    "triage": {
        US: Role.PRIMARY,
        "us-west-2": Role.ACTIVE,
        EU: Role.ACTIVE,
        "eu-central-1": Role.ACTIVE,
        AP: Role.ACTIVE,
        "ap-southeast-2": Role.ACTIVE,
    },
    "reviews": {US: Role.PRIMARY, EU: Role.SECONDARY, AP: Role.SECONDARY},
}


@pytest.mark.parametrize("name", ROLES)
def test_the_regions_have_the_documents_roles_in_its_order(name: str) -> None:
    topology, _ = product(name)
    assert [(each.name, each.role) for each in topology.regions] == list(ROLES[name].items())


def test_the_copies_of_reviews_are_in_the_documents_order_in_which_ties_are_broken() -> None:
    (database,) = product("reviews")[0].databases
    assert (database.born_primary, database.replicas) == (US, (EU, AP))


def test_the_places_of_haven_are_each_with_the_two_providers_of_the_document() -> None:
    topology, _ = product("haven")
    places: dict[str, list[str]] = {}
    for region in topology.regions:
        assert region.site is not None
        places.setdefault(region.site.pair, []).append(region.site.provider)
    assert places == {
        "frankfurt": ["hetzner", "ovh"],
        "toronto": ["digitalocean", "linode"],
        "singapore": ["vultr", "aws-lightsail"],
        "reykjavik": ["hosting-1984", "orangewebsite"],
    }


def test_each_region_of_triage_takes_the_documents_mails_a_minute() -> None:
    _, infrastructure = product("triage")
    taken = {
        route: each.weights.capacity_per_minute
        for route, each in infrastructure.steering.items()
        if each.weights is not None
    }
    assert taken == {
        "us": {US: 1000, "us-west-2": 1000},
        "eu": {EU: 800, "eu-central-1": 800},
        "apac": {AP: 600, "ap-southeast-2": 600},
    }


def test_the_zones_of_triage_have_the_documents_users() -> None:
    _, infrastructure = product("triage")
    users = {name: zone.users for name, zone in infrastructure.zones.items()}
    assert users == {"US": ["US", "CA", "MX"], "EU": ["EU", "GB", "CH"], "APAC": ["JP", "SG", "AU", "IN"]}
    assert len(countries("EU") or ()) == 27
    assert infrastructure.steering["app"].places == {zone.lower(): each for zone, each in users.items()}


def test_the_metrics_of_triage_are_seen_in_one_place() -> None:
    observability = product("triage")[1].observability
    assert observability is not None
    assert observability.prometheus is not None
    assert observability.prometheus.federated_in == US


def test_a_version_of_reviews_is_rolled_out_as_its_document_says() -> None:
    limits = product("reviews")[1].rollout
    assert limits is not None
    assert limits.staging_first
    assert [each.region for each in stages_of(limits)] == [AP, EU, US]
    assert stages_of(limits)[0].watch_seconds == 30 * 60
    assert (limits.error_percent, limits.latency_ms, limits.back_seconds) == (1, 500, 120)


def test_the_times_and_targets_are_those_of_the_documents() -> None:
    targets = {name: product(name)[0].targets for name in ("metro", "triage", "reviews")}
    assert (targets["metro"].rto_seconds, targets["metro"].rpo_seconds) == (4 * 3600, 3600)
    assert targets["triage"].rpo_seconds == 15 * 60
    assert (targets["reviews"].rto_seconds, targets["reviews"].rpo_seconds) == (5 * 60, 60)
    assert targets["reviews"].detection_seconds <= 15


def test_a_lost_region_of_reviews_has_nodes_standing_by_in_the_others() -> None:
    regions = product("reviews")[0].regions
    for lost in regions:
        left = [each.capacity for each in regions if each is not lost]
        whole = sum(each.nodes for each in left)
        for each in left:
            share = -(-lost.capacity.needed * each.nodes // whole)
            assert each.needed + share <= each.nodes, f"{lost.name} lost: somebody waits for EC2"
