"""Promises on names: who is answered with what, by the records as they are deployed."""

import dataclasses
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from failover.topology import Names, Region, Role, Route, RoutePolicy, Topology
from stacks.constructs.lever_checks import LeverCheck
from stacks.constructs.route_records import RouteRecords
from stacks.errors import CompositionError
from tests.infrastructure.answering import Dns
from tests.infrastructure.templates import of_type, properties
from tests.products import AP, EU, US, quickstart
from topology_document.infrastructure.geography import EUROPEAN_UNION
from topology_document.infrastructure.steering import EndpointChecksSection, SteeringSection, WeightsSection

WEST, CENTRAL, SYDNEY = "us-west-2", "eu-central-1", "ap-southeast-2"
ZONES = {US: "US", WEST: "US", EU: "EU", CENTRAL: "EU", AP: "APAC", SYDNEY: "APAC"}
PLACES = {"us": ["US", "CA", "MX"], "eu": ["EU", "GB", "CH"], "apac": ["JP", "SG", "AU", "IN"]}
PATIENT = EndpointChecksSection(interval_seconds=30, failures=1, path="/health/live")
QUICK = EndpointChecksSection(slow_ms=100)


def zoned(**changes: object) -> Topology:
    regions = tuple(
        Region(name, Role.PRIMARY if name == US else Role.ACTIVE, zone, f"10.{at}.0.0/16")
        for at, (name, zone) in enumerate(ZONES.items())
    )
    routes = (
        Route("app", RoutePolicy.GEOLOCATION, 60, tuple(ZONES), writes=True),
        *(
            Route(zone.lower(), RoutePolicy.WEIGHTED, 15, tuple(each for each in ZONES if ZONES[each] == zone), True)
            for zone in ("US", "EU", "APAC")
        ),
    )
    return quickstart(regions=regions, routes=routes, **changes)


def template(topology: Topology, steering: dict[str, SteeringSection]) -> dict[str, Any]:
    stack = cdk.Stack(cdk.App(), "Global", env=cdk.Environment(account=topology.account, region=US))
    names, told = Names(topology), sns.Topic(stack, "Told")
    levers = {each: LeverCheck(stack, f"Lever-{each}", names=names, region=each) for each in topology.region_names}
    for route in topology.routes:
        said = steering.get(route.name)
        RouteRecords(stack, route.name, names=names, route=route, levers=levers, steering=said, told=told)
    return dict(Template.from_stack(stack).to_json())


def dns(topology: Topology, **steering: SteeringSection) -> Dns:
    return Dns(template(topology, steering), topology.domain)


def reading(policy: RoutePolicy = RoutePolicy.LATENCY) -> Topology:
    return quickstart(routes=(Route("read", policy, 20, (US, EU, AP), writes=False),))


@pytest.mark.parametrize(
    ("client", "zone"),
    [
        (US, "US"),
        ("ca-central-1", "US"),
        ("mx-central-1", "US"),
        ("eu-north-1", "EU"),
        ("eu-west-2", "EU"),
        ("eu-central-2", "EU"),
        ("ap-northeast-1", "APAC"),
        ("ap-south-1", "APAC"),
        ("ap-southeast-2", "APAC"),
    ],
)
def test_users_are_answered_in_the_zone_of_their_country_whatever_is_evacuated(client: str, zone: str) -> None:
    answered = dns(zoned(), app=SteeringSection(places=PLACES))
    lawful = {f"{region}.origin.quickstart.example" for region in ZONES if ZONES[region] == zone}
    assert set(answered.shares("app.quickstart.example", client)) == lawful
    answered.failing = {f"/levers/{region}" for region in ZONES}
    assert set(answered.shares("app.quickstart.example", client)) == lawful


def test_a_zones_users_go_to_its_other_region_when_one_is_evacuated() -> None:
    answered = dns(zoned(), app=SteeringSection(places=PLACES))
    answered.failing = {f"/levers/{EU}"}
    assert answered.shares("app.quickstart.example", "eu-west-3") == {f"{CENTRAL}.origin.quickstart.example": 1.0}
    assert len(answered.shares("app.quickstart.example", US)) == 2


def test_people_of_no_zone_are_answered_only_where_the_document_says_so() -> None:
    nobody = dns(zoned(), app=SteeringSection(places=PLACES))
    assert nobody.leads_to("app.quickstart.example", "sa-east-1") is None
    somebody = dns(zoned(), app=SteeringSection(places=PLACES, elsewhere="us"))
    assert str(somebody.leads_to("app.quickstart.example", "sa-east-1")).startswith("us-")


def test_the_european_union_is_its_members_and_not_the_continent() -> None:
    records = properties(template(zoned(), {"app": SteeringSection(places=PLACES)}), "AWS::Route53::RecordSet")
    located = [each["GeoLocation"] for each in records if "GeoLocation" in each]
    assert {each["CountryCode"] for each in located} == {*EUROPEAN_UNION, "GB", "CH", *PLACES["us"], *PLACES["apac"]}
    assert not any("ContinentCode" in each for each in located)


def test_the_name_over_the_zones_never_changes() -> None:
    for record in properties(template(zoned(), {"app": SteeringSection(places=PLACES)}), "AWS::Route53::RecordSet"):
        assert ("HealthCheckId" in record) is ("GeoLocation" not in record)


def test_a_route_of_places_without_places_is_refused() -> None:
    with pytest.raises(CompositionError, match="name places in steering"):
        template(quickstart(routes=(Route("app", RoutePolicy.MULTIVALUE, 20, (US, EU), writes=True),)), {})


def test_weights_of_the_first_day_are_as_the_capacities_are() -> None:
    weights = WeightsSection(capacity_per_minute={US: 1000, WEST: 500}, namespace="Product")
    records = properties(template(zoned(), {"us": SteeringSection(weights=weights)}), "AWS::Route53::RecordSet")
    told = {each["SetIdentifier"]: each["Weight"] for each in records if each["Name"].startswith("us.")}
    assert told == {US: 255, WEST: 128}


def test_a_bias_widens_a_regions_surroundings() -> None:
    near = dns(reading(RoutePolicy.GEOPROXIMITY))
    wide = dns(reading(RoutePolicy.GEOPROXIMITY), read=SteeringSection(biases={EU: 90}))
    assert near.leads_to("read.quickstart.example", "ap-south-1") == f"{AP}.origin.quickstart.example"
    assert wide.leads_to("read.quickstart.example", "ap-south-1") == f"{EU}.origin.quickstart.example"


def test_readers_of_an_unhealthy_region_go_to_the_nearest_healthy_one() -> None:
    answered = dns(reading(), read=SteeringSection(checks=PATIENT))
    answered.failing = {f"{EU}.origin.quickstart.example"}
    assert answered.leads_to("read.quickstart.example", "eu-west-3") == f"{US}.origin.quickstart.example"
    assert answered.leads_to("read.quickstart.example", "ap-south-1") == f"{AP}.origin.quickstart.example"


def test_readers_go_to_the_named_region_when_no_endpoint_answers() -> None:
    last = dns(reading(), read=SteeringSection(checks=PATIENT, all_unhealthy=US))
    as_if_all = dns(reading(), read=SteeringSection(checks=PATIENT))
    for answered in (last, as_if_all):
        answered.failing = {f"{region}.origin.quickstart.example" for region in (US, EU, AP)}
    assert last.leads_to("read.quickstart.example", "eu-west-3") == f"{US}.origin.quickstart.example"
    assert as_if_all.leads_to("read.quickstart.example", "eu-west-3") == f"{EU}.origin.quickstart.example"
    last.failing -= {f"{AP}.origin.quickstart.example"}
    assert last.leads_to("read.quickstart.example", "eu-west-3") == f"{AP}.origin.quickstart.example"


def test_readers_go_around_a_slow_region() -> None:
    answered = dns(reading(), read=SteeringSection(checks=QUICK))
    answered.failing = {f"lifeboat-quickstart-read-slow {EU}"}
    assert answered.leads_to("read.quickstart.example", EU) == f"{US}.origin.quickstart.example"


def test_what_is_written_follows_the_lever_alone_and_people_are_told() -> None:
    writing = dataclasses.replace(reading(), routes=(Route("app", RoutePolicy.LATENCY, 20, (US, EU, AP), writes=True),))
    answered = dns(writing, app=SteeringSection(checks=PATIENT))
    answered.failing = {f"{EU}.origin.quickstart.example"}
    assert answered.leads_to("app.quickstart.example", EU) == f"{EU}.origin.quickstart.example"
    answered.failing = {f"/levers/{EU}"}
    assert answered.leads_to("app.quickstart.example", EU) == f"{US}.origin.quickstart.example"
    told = template(writing, {"app": SteeringSection(checks=PATIENT)})
    alarms = properties(told, "AWS::CloudWatch::Alarm")
    assert [alarm["MetricName"] for alarm in alarms] == ["HealthCheckStatus"] * 3
    assert all(alarm["AlarmActions"] for alarm in alarms)


def test_route_53_looks_as_often_as_the_document_says() -> None:
    told = template(reading(), {"read": SteeringSection(checks=PATIENT)})
    looks = [each["Properties"]["HealthCheckConfig"] for each in of_type(told, "AWS::Route53::HealthCheck").values()]
    endpoints = [each for each in looks if each["Type"] == "HTTPS"]
    assert len(endpoints) == 3
    for each in endpoints:
        assert (each["RequestInterval"], each["FailureThreshold"], each["ResourcePath"]) == (30, 1, "/health/live")
        assert len(each["Regions"]) == 3


def test_the_domain_itself_is_no_route_but_may_be_the_edges_name() -> None:
    with pytest.raises(CompositionError, match="a name of delivery"):
        template(quickstart(routes=(Route("@", RoutePolicy.LATENCY, 60, (US, EU), writes=True),)), {})
