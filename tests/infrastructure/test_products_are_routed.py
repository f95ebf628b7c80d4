"""Promises of each product on its users' way, by the records that its own document deploys."""

from functools import cache
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

import topology_document
from stacks.global_stack import GlobalStack
from tests.infrastructure.answering import ELSEWHERE, Dns

ROOT = Path(__file__).parents[2]
VIRGINIA, IRELAND, SINGAPORE = "us-east-1", "eu-west-1", "ap-southeast-1"


@cache
def _template(product: str) -> tuple[dict[str, object], str]:
    topology, infrastructure = topology_document.load_whole(ROOT / "topologies" / f"{product}.yaml")
    stack = GlobalStack(cdk.App(), topology, infrastructure)
    return dict(Template.from_stack(stack).to_json()), topology.domain


def dns(product: str) -> Dns:
    return Dns(*_template(product))


def evacuated(*regions: str) -> set[str]:
    return {f"/levers/{region}" for region in regions}


@pytest.mark.parametrize("name", ["app", "read"])
@pytest.mark.parametrize(
    ("client", "region"),
    [("us-west-2", VIRGINIA), ("us-east-2", VIRGINIA), ("eu-central-1", IRELAND), ("ap-northeast-1", SINGAPORE)],
)
def test_readers_and_writers_of_reviews_come_to_the_nearest_region(name: str, client: str, region: str) -> None:
    assert dns("reviews").leads_to(f"{name}.reviews.example", client) == f"{region}.origin.reviews.example"


def test_users_of_an_unhealthy_region_of_reviews_come_to_the_nearest_healthy_one() -> None:
    answered = dns("reviews")
    answered.failing = evacuated(IRELAND)
    for name in ("app", "read"):
        assert answered.leads_to(f"{name}.reviews.example", "eu-central-1") == f"{VIRGINIA}.origin.reviews.example"


def test_readers_of_reviews_come_to_the_primary_region_when_none_is_healthy() -> None:
    answered = dns("reviews")
    answered.failing = {f"{region}.origin.reviews.example" for region in (VIRGINIA, IRELAND, SINGAPORE)}
    for client in ("eu-central-1", "ap-northeast-1"):
        assert answered.leads_to("read.reviews.example", client) == f"{VIRGINIA}.origin.reviews.example"


def test_readers_of_reviews_go_around_a_region_that_is_slow() -> None:
    answered = dns("reviews")
    answered.failing = {f"lifeboat-reviews-read-slow {IRELAND}"}
    assert answered.leads_to("read.reviews.example", "eu-central-1") == f"{VIRGINIA}.origin.reviews.example"
    assert answered.leads_to("app.reviews.example", "eu-central-1") == f"{IRELAND}.origin.reviews.example"


def test_metro_is_failed_over_to_its_second_region_by_dns() -> None:
    answered = dns("metro")
    assert answered.leads_to("app.metro.example", "eu-west-2") == "eu-central-1.origin.metro.example"
    answered.failing = evacuated("eu-central-1")
    assert answered.leads_to("app.metro.example", "eu-west-2") == "eu-west-1.origin.metro.example"


def test_readers_of_metro_come_to_the_region_that_is_nearest_in_time_or_in_space() -> None:
    for name in ("read", "near"):
        assert dns("metro").leads_to(f"{name}.metro.example", "eu-west-2") == "eu-west-1.origin.metro.example"
        assert dns("metro").leads_to(f"{name}.metro.example", "eu-north-1") == "eu-central-1.origin.metro.example"


@pytest.mark.parametrize(
    ("client", "lawful"),
    [
        ("us-west-1", {VIRGINIA, "us-west-2"}),
        ("ca-central-1", {VIRGINIA, "us-west-2"}),
        ("mx-central-1", {VIRGINIA, "us-west-2"}),
        ("eu-south-2", {IRELAND, "eu-central-1"}),
        ("eu-west-2", {IRELAND, "eu-central-1"}),
        ("eu-central-2", {IRELAND, "eu-central-1"}),
        ("ap-northeast-3", {SINGAPORE, "ap-southeast-2"}),
        ("ap-southeast-4", {SINGAPORE, "ap-southeast-2"}),
        ("ap-south-2", {SINGAPORE, "ap-southeast-2"}),
        (SINGAPORE, {SINGAPORE, "ap-southeast-2"}),
    ],
)
def test_mails_are_read_where_the_law_of_their_country_has_them_read(client: str, lawful: set[str]) -> None:
    answered = dns("triage")
    names = {f"{region}.origin.triage.example" for region in lawful}
    assert set(answered.shares("app.triage.example", client)) == names
    first, *_ = lawful
    answered.failing = evacuated(first)
    assert set(answered.shares("app.triage.example", client)) == names - {f"{first}.origin.triage.example"}
    answered.failing = evacuated(*lawful)
    assert set(answered.shares("app.triage.example", client)) == names


def test_mails_of_other_countries_are_led_nowhere() -> None:
    assert dns("triage").leads_to("app.triage.example", "sa-east-1") is None


@pytest.mark.parametrize(("route", "region"), [("ie", IRELAND), ("fr", "eu-west-3"), ("in", "ap-south-1")])
def test_vehicles_stay_in_their_country_wherever_they_ask_from(route: str, region: str) -> None:
    for client in ("eu-west-1", "ap-south-1", "us-east-1"):
        answered = dns("fleet")
        assert answered.leads_to(f"{route}.fleet.example", client) == f"{region}.origin.fleet.example"
        answered.failing = {*evacuated(region), f"{region}.origin.fleet.example"}
        assert answered.leads_to(f"{route}.fleet.example", client) == ELSEWHERE.rstrip("."), "the notice"


@pytest.mark.parametrize(
    ("client", "primary", "backup"),
    [
        ("eu-west-3", "frankfurt-hetzner", "frankfurt-ovh"),
        ("us-east-2", "toronto-digitalocean", "toronto-linode"),
        ("ap-northeast-1", "singapore-vultr", "singapore-lightsail"),
        ("af-south-1", "frankfurt-hetzner", "frankfurt-ovh"),
    ],
)
def test_the_backup_provider_of_the_same_place_answers_for_the_primary_one(
    client: str, primary: str, backup: str
) -> None:
    topology, _ = topology_document.load_whole(ROOT / "topologies" / "haven.yaml")
    answered = dns("haven")
    for lost, serving in ((set[str](), primary), ({primary}, backup)):
        answered.failing = evacuated(*lost)
        site = topology.site(serving)
        assert site is not None
        told = answered.leads_to("app.haven.example", client)
        assert told in (f"{serving}.origin.haven.example", *site.addresses)
