"""Staging in several of the product's regions: production under other names, and sound where some are left out."""

from dataclasses import replace
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

import topology_document
from failover.topology import Automation, CacheTier, RoutePolicy
from topology_document import Infrastructure
from topology_document.checks import MISTAKES, found_by
from topology_document.compilation import topology_of
from topology_document.document import TopologyDocument
from topology_document.environments import in_environment
from topology_document.infrastructure.environment import Environment

TOPOLOGIES = Path(__file__).parents[3] / "topologies"
MIRRORED = "reviews"
IRELAND, FRANCE, LONDON = "eu-west-1", "eu-west-3", "eu-west-2"


def with_staging_in(values: dict[str, Any], regions: tuple[str, ...]) -> TopologyDocument:
    return TopologyDocument.model_validate({**values, "environments": {"staging": {"regions": list(regions)}}})


def staged_in(values: dict[str, Any], *regions: str) -> TopologyDocument:
    document = with_staging_in(values, regions)
    assert not found_by(MISTAKES, document)
    staged = in_environment(document, Environment.STAGING)
    assert not found_by(MISTAKES, staged)
    return staged


def test_in_all_regions_it_is_production_under_other_names() -> None:
    whole, areas = topology_document.load_whole(TOPOLOGIES / f"{MIRRORED}.yaml")
    topology, infrastructure = topology_document.load_whole(TOPOLOGIES / f"{MIRRORED}.yaml", Environment.STAGING)
    assert topology == replace(whole, name=f"{MIRRORED}-staging", domain=f"staging.{whole.domain}")
    assert topology.policy.automation is Automation.AUTOMATIC
    differing = {key for key in Infrastructure.model_fields if getattr(areas, key) != getattr(infrastructure, key)}
    assert differing == {"environment", "environments", "observability", "security"}
    production, staging = (each.observability.model_dump() for each in (areas, infrastructure))  # type: ignore[union-attr]
    assert staging.pop("tracing") == production.pop("tracing") | {"sampling_percent": 100}
    assert staging == production
    assert infrastructure.security is not None
    assert "trail" in infrastructure.security.provided


@pytest.mark.parametrize("file", sorted(TOPOLOGIES.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_choice_that_is_allowed_stands(file: Path) -> None:
    values, whole = yaml.safe_load(file.read_text()), topology_document.load(file)
    regions = whole.aws_regions
    for some in chain.from_iterable(combinations(regions, count) for count in range(2, len(regions) + 1)):
        if found_by(MISTAKES, with_staging_in(values, some)):
            assert some != regions
            continue
        topology = topology_of(staged_in(values, *some))
        assert set(topology.region_names) == set(some)
        held = [*(each.regions for each in topology.databases), *(each.regions for each in topology.routes)]
        assert all(set(each) <= set(some) for each in held)
        assert (topology.control_regions, topology.quorum) == (whole.control_regions, whole.quorum)
        assert set(topology.regions) <= set(whole.regions)


SHOP: dict[str, Any] = {
    "name": "shop",
    "account": "111122223333",
    "domain": "shop.example",
    "regions": {
        IRELAND: {"role": "primary", "cidr": "10.1.0.0/16"},
        FRANCE: {"role": "active", "cidr": "10.2.0.0/16"},
        LONDON: {"role": "secondary", "cidr": "10.3.0.0/16"},
    },
    "quorum_store": {"replicas": ["eu-central-1", "eu-west-2", "eu-west-3"]},
    "databases": {"orders": {"engine": "rds-postgres", "replicas": [FRANCE, LONDON]}},
    "routes": {"app": {}},
    "targets": {"rto_seconds": 120, "rpo_seconds": 60, "detection_seconds": 15},
}


def test_what_is_born_in_a_region_that_is_left_out_is_born_where_it_has_a_copy() -> None:
    stock = {"engine": "rds-postgres", "born_in": FRANCE, "replicas": [LONDON, IRELAND]}
    told = {**SHOP["databases"], "stock": stock}
    staged = staged_in({**SHOP, "databases": told}, IRELAND, LONDON)
    assert (staged.databases["stock"].born_in, staged.databases["stock"].replicas) == (IRELAND, [LONDON])
    assert staged.databases["orders"].replicas == [LONDON]


def test_data_that_stays_in_a_region_that_is_left_out_is_left_out_too() -> None:
    told = {**SHOP["databases"], "people": {"engine": "rds-postgres", "kind": "home-region", "born_in": FRANCE}}
    assert list(staged_in({**SHOP, "databases": told}, IRELAND, LONDON).databases) == ["orders"]


def test_a_route_with_one_region_left_has_no_second_one_to_come_back_from() -> None:
    route = {"policy": "failover", "regions": [IRELAND, FRANCE]}
    document = {**SHOP, "routes": {"app": route, "all": {}}, "recovery": {"app": {"first_percent": 10}}}
    whole, some = staged_in(document, IRELAND, FRANCE), staged_in(document, IRELAND, LONDON)
    assert (whole.routes["app"].policy, list(whole.recovery)) == (RoutePolicy.FAILOVER, ["app"])
    assert (some.routes["app"].policy, list(some.recovery)) == (RoutePolicy.LATENCY, [])


def test_a_cache_that_is_copied_to_nobody_who_is_left_is_each_regions_own() -> None:
    caches = {
        "hot": {"tier": "global", "replicas": [FRANCE]},
        "warm": {"tier": "neighbour", "neighbours": {IRELAND: FRANCE, FRANCE: IRELAND}},
        "shared": {"tier": "global"},
    }
    staged = staged_in({**SHOP, "caches": caches}, IRELAND, LONDON)
    tiers = {name: each.tier for name, each in staged.caches.items()}
    assert tiers == {"hot": CacheTier.REGIONAL, "warm": CacheTier.REGIONAL, "shared": CacheTier.GLOBAL}
    assert topology_of(staged).caches[1].replicas == (LONDON,)


def test_sites_are_left_out() -> None:
    site = {"provider": "hetzner", "pair": "frankfurt", "near": "eu-central-1", "addresses": ["192.0.2.10"]}
    regions = {**SHOP["regions"], "frankfurt-hetzner": {"role": "secondary", "cidr": "10.4.0.0/16", "site": site}}
    document = TopologyDocument.model_validate(
        {**SHOP, "regions": regions, "sites": {}, "environments": {"staging": {"regions": [IRELAND, FRANCE]}}}
    )
    staged = in_environment(document, Environment.STAGING)
    assert (list(staged.regions), staged.sites) == ([IRELAND, FRANCE], None)


CONTROL = "eu-central-1"
"""A control region with no users."""
EVERY_DAY = {"weekday": "monday", "at": "09:00"}


def watched(**more: Any) -> TopologyDocument:
    document = {**SHOP, "control_regions": [CONTROL, IRELAND, FRANCE, LONDON], **more}
    return staged_in(document, IRELAND, LONDON)


@pytest.mark.parametrize("trails", [[CONTROL], [CONTROL, IRELAND], [FRANCE, CONTROL]])
def test_what_is_kept_in_control_regions_is_kept_there(trails: list[str]) -> None:
    audit = {"retention_days": 1095, "trails": trails, "insights": False, "data_events": False}
    enclaves = {"region": CONTROL, "images": ["5a" * 48]}
    security = watched(security={"audit": audit, "compliance": {"report_in": CONTROL}, "enclaves": enclaves}).security
    assert security is not None
    assert security.audit.model_dump() == audit
    assert security.compliance.report_in == CONTROL
    assert security.enclaves is not None
    assert security.enclaves.region == CONTROL


def test_what_stood_in_a_region_that_is_neither_left_nor_a_control_region_is_gone_or_moves() -> None:
    security = {"compliance": {"report_in": FRANCE}, "enclaves": {"region": FRANCE, "images": ["5a" * 48]}}
    staged = watched(security=security, control_regions=[CONTROL, IRELAND, LONDON, "eu-north-1"]).security
    assert staged is not None
    assert staged.compliance.report_in is None
    assert staged.enclaves is not None
    assert staged.enclaves.region == IRELAND


def test_a_loss_is_rehearsed_by_a_control_region_and_a_practice_is_of_a_region_that_is_left() -> None:
    rehearsals = [{"subject": subject, "executed_in": CONTROL, **EVERY_DAY} for subject in (IRELAND, FRANCE)]
    practice = [{"experiment": "zone-lost", "region": region, **EVERY_DAY} for region in (FRANCE, LONDON)]
    experiments = watched(experiments={"rehearsals": rehearsals, "practice": practice}).experiments
    assert experiments is not None
    assert [(each.subject, each.executed_in) for each in experiments.rehearsals] == [(IRELAND, CONTROL)]
    assert [each.region for each in experiments.practice] == [LONDON]


def test_databases_at_sites_are_left_out_and_not_missed() -> None:
    site = {"provider": "hetzner", "pair": "frankfurt", "near": "eu-central-1", "addresses": ["192.0.2.10"]}
    other = {**site, "provider": "ovh", "addresses": ["192.0.2.20"]}
    at = {
        "frankfurt-hetzner": {"role": "active", "cidr": "10.4.0.0/16", "site": site},
        "frankfurt-ovh": {"role": "secondary", "cidr": "10.5.0.0/16", "site": other},
    }
    users = {"engine": "postgres", "born_in": "frankfurt-hetzner", "replicas": ["frankfurt-ovh"]}
    document = {**SHOP, "regions": {**SHOP["regions"], **at}, "databases": {**SHOP["databases"], "users": users}}
    asked = with_staging_in(document, (IRELAND, LONDON))
    assert not [each for each in found_by(MISTAKES, asked) if each.path[0] == "environments"]
    assert list(in_environment(asked, Environment.STAGING).databases) == ["orders"]
