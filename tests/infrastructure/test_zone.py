"""Promises on the zone: signed, shielded by one setting, and weighed by a function that may do no more."""

import json
from typing import Any

import pytest

from failover.topology import Names
from stacks.accelerator_stack import accelerator_stacks
from stacks.steering_stack import steering_stacks
from stacks.zone_stack import ZoneStack, zone_parameter
from tests.infrastructure.synthesis import Whole, app, load, synthesised
from tests.infrastructure.templates import functions, of_type, properties
from topology_document import Infrastructure
from topology_document.infrastructure.delivery import DeliverySection


@pytest.fixture(scope="module")
def metro() -> Whole:
    return load("metro")


@pytest.fixture(scope="module")
def zone(metro: Whole) -> dict[str, Any]:
    return synthesised(ZoneStack(app(), *metro))


def test_the_zone_is_signed_with_a_key_that_route_53_takes(zone: dict[str, Any]) -> None:
    (key,) = properties(zone, "AWS::KMS::Key")
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    (signing,) = of_type(zone, "AWS::Route53::KeySigningKey").values()
    assert signing["Properties"]["Status"] == "ACTIVE"
    (signed,) = of_type(zone, "AWS::Route53::DNSSEC").values()
    assert signed["DeletionPolicy"] == signing["DeletionPolicy"] == "RetainExceptOnCreate"
    watched = {each["MetricName"] for each in properties(zone, "AWS::CloudWatch::Alarm")}
    assert watched == {"DNSSECInternalFailure", "DNSSECKeySigningKeysNeedingAction"}


def test_shield_advanced_protects_by_one_setting(metro: Whole) -> None:
    topology, infrastructure = metro
    assert infrastructure.delivery is not None
    shielded = Infrastructure(delivery=infrastructure.delivery.model_copy(update={"shield_advanced": True}))
    (stack,) = accelerator_stacks(app(), topology, shielded)
    for each in (stack, ZoneStack(app(), topology, shielded)):
        assert len(of_type(synthesised(each), "AWS::Shield::Protection")) == 1
    assert not of_type(synthesised(ZoneStack(app(), *metro)), "AWS::Shield::Protection")
    assert DeliverySection().shield_advanced is False


def test_weighing_may_change_the_weights_of_its_routes_and_nothing_else() -> None:
    topology, infrastructure = load("triage")
    (stack,) = steering_stacks(app(), topology, infrastructure)
    told = synthesised(stack)
    (statement,) = [
        each
        for policy in properties(told, "AWS::IAM::Policy")
        for each in policy["PolicyDocument"]["Statement"]
        if each["Action"] == "route53:ChangeResourceRecordSets"
    ]
    bounds = statement["Condition"]["ForAllValues:StringEquals"]
    assert bounds["route53:ChangeResourceRecordSetsActions"] == ["UPSERT"]
    names = bounds["route53:ChangeResourceRecordSetsNormalizedRecordNames"]
    assert sorted(names) == ["apac.triage.example", "eu.triage.example", "us.triage.example"]
    said = functions(told)["SteerRoutes"]["Environment"]["Variables"]
    capacities = {route: each["capacity_per_minute"] for route, each in json.loads(said["LIFEBOAT_STEERED"]).items()}
    assert {max(each.values()) for each in capacities.values()} == {1000, 800, 600}
    kept = properties(synthesised(ZoneStack(app(), topology, infrastructure)), "AWS::SSM::Parameter")
    assert [each["Name"] for each in kept] == [zone_parameter(Names(topology))]
