"""Promises on content delivery: what is kept how long, what empties it, who is refused, who is told."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

import topology_document
from failover.topology import Topology
from stacks.delivery_stack import delivery_stacks
from stacks.layer import LayerStack
from tests.infrastructure.templates import of_type, properties, rights
from topology_document import Infrastructure

ROOT = Path(__file__).parents[2]
WRITING = {"PUT", "PATCH", "POST", "DELETE"}

Whole = tuple[Topology, Infrastructure]


@pytest.fixture(scope="module")
def reviews() -> Whole:
    return topology_document.load_whole(ROOT / "topologies" / "reviews.yaml")


@pytest.fixture(scope="module")
def templates(reviews: Whole) -> dict[str, dict[str, Any]]:
    stacks: list[LayerStack] = list(delivery_stacks(cdk.App(context={"aws:cdk:enable-path-metadata": True}), *reviews))
    return {f"{stack.region_name}": dict(Template.from_stack(stack).to_json()) for stack in stacks}


@pytest.fixture(scope="module")
def edge(templates: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return templates["us-east-1"]


@pytest.fixture(scope="module")
def distribution(edge: dict[str, Any]) -> dict[str, Any]:
    (found,) = properties(edge, "AWS::CloudFront::Distribution")
    return dict(found["DistributionConfig"])


def behaviors(distribution: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["PathPattern"]: each for each in distribution["CacheBehaviors"]}


def test_each_kind_of_content_is_kept_as_long_as_the_product_says(
    edge: dict[str, Any], distribution: dict[str, Any]
) -> None:
    policies = of_type(edge, "AWS::CloudFront::CachePolicy")
    kept = {
        pattern: policies[each["CachePolicyId"]["Ref"]]["Properties"]["CachePolicyConfig"]
        for pattern, each in behaviors(distribution).items()
    }
    year, five_minutes, hour = 365 * 86400, 300, 3600
    told = {pattern: (each["DefaultTTL"], each["MaxTTL"]) for pattern, each in kept.items()}
    assert told == {
        "/static/*": (year, year),
        "/api/*": (five_minutes, five_minutes),
        "/media/*": (hour, hour),
        "/photos/*": (hour, hour),
    }


def test_what_is_not_named_goes_through_and_is_kept_nowhere(distribution: dict[str, Any]) -> None:
    default = distribution["DefaultCacheBehavior"]
    assert default["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert set(default["AllowedMethods"]) >= WRITING


def test_no_write_is_ever_tried_at_another_origin(distribution: dict[str, Any]) -> None:
    groups = {group["Id"] for group in distribution["OriginGroups"]["Items"]}
    every = [distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"]]
    assert any(each["TargetOriginId"] in groups for each in every)
    for each in every:
        assert not (WRITING & set(each["AllowedMethods"]) and each["TargetOriginId"] in groups)


def test_reads_are_tried_at_the_fallback_when_the_origin_fails(distribution: dict[str, Any]) -> None:
    (group,) = distribution["OriginGroups"]["Items"]
    hosts = {origin["Id"]: origin["DomainName"] for origin in distribution["Origins"]}
    tried = [hosts[member["OriginId"]] for member in group["Members"]["Items"]]
    assert tried == ["go.reviews.example", "read.reviews.example"]
    assert set(group["FailoverCriteria"]["StatusCodes"]["Items"]) == {500, 502, 503, 504}


def test_answers_for_one_person_are_kept_apart_and_others_know_no_person(
    edge: dict[str, Any], distribution: dict[str, Any]
) -> None:
    policies = of_type(edge, "AWS::CloudFront::CachePolicy")
    for pattern, each in behaviors(distribution).items():
        config = policies[each["CachePolicyId"]["Ref"]]["Properties"]["CachePolicyConfig"]
        key = config["ParametersInCacheKeyAndForwardedToOrigin"]
        if pattern == "/api/*":
            assert key["CookiesConfig"]["CookieBehavior"] == "all"
            assert key["HeadersConfig"]["Headers"] == ["Authorization"]
        else:
            assert key["CookiesConfig"]["CookieBehavior"] == "none"
            assert "OriginRequestPolicyId" not in each


def test_viewers_speak_tls_1_2_or_1_3_and_are_told_to_stay_with_it(
    edge: dict[str, Any], distribution: dict[str, Any]
) -> None:
    assert distribution["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    for each in [distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"]]:
        assert each["ViewerProtocolPolicy"] == "redirect-to-https"
        assert each["ResponseHeadersPolicyId"]
    (headers,) = properties(edge, "AWS::CloudFront::ResponseHeadersPolicy")
    security = headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 31_536_000
    for origin in distribution["Origins"]:
        assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def test_the_edge_serves_everywhere_under_the_products_names(
    edge: dict[str, Any], distribution: dict[str, Any]
) -> None:
    assert distribution["PriceClass"] == "PriceClass_All"
    assert distribution["Aliases"] == ["www.reviews.example"]
    records = {(each["Name"], each["Type"]) for each in properties(edge, "AWS::Route53::RecordSet")}
    assert records == {("www.reviews.example.", "A"), ("www.reviews.example.", "AAAA")}


def test_people_are_told_when_fewer_than_nine_of_ten_are_hits(edge: dict[str, Any]) -> None:
    (alarm,) = [each for each in properties(edge, "AWS::CloudWatch::Alarm") if each["Namespace"] == "AWS/CloudFront"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("CacheHitRate", 90)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    assert alarm["AlarmActions"]
    assert of_type(edge, "AWS::CloudFront::MonitoringSubscription")


def test_the_firewall_of_the_edge_refuses_what_the_document_says_and_keeps_it(
    edge: dict[str, Any], distribution: dict[str, Any], reviews: Whole
) -> None:
    (key,) = of_type(edge, "AWS::WAFv2::WebACL")
    acl = edge["Resources"][key]["Properties"]
    assert acl["Scope"] == "CLOUDFRONT"
    assert distribution["WebACLId"] == {"Fn::GetAtt": [key, "Arn"]}
    groups = [
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"] for rule in acl["Rules"] if "OverrideAction" in rule
    ]
    delivery = reviews[1].delivery
    assert delivery is not None
    assert delivery.firewall is not None
    assert groups == delivery.firewall.managed_groups
    (limit,) = [rule["Statement"]["RateBasedStatement"] for rule in acl["Rules"] if "Action" in rule]
    assert limit == {"AggregateKeyType": "IP", "Limit": 3000}
    assert len(of_type(edge, "AWS::WAFv2::LoggingConfiguration")) == 1
    kept = [each for each in properties(edge, "AWS::Logs::LogGroup") if "aws-waf-logs" in str(each["LogGroupName"])]
    assert [each["RetentionInDays"] for each in kept] == [365]


def test_every_trigger_of_the_product_empties_the_caches_from_every_region(
    templates: dict[str, dict[str, Any]],
) -> None:
    assert set(templates) == {"us-east-1", "eu-west-1", "ap-southeast-1"}
    asked = {
        region: sorted(
            (each["EventPattern"]["source"][0], each["EventPattern"]["detail-type"][0])
            for each in properties(template, "AWS::Events::Rule")
        )
        for region, template in templates.items()
    }
    assert asked["us-east-1"] == [
        ("aws.guardduty", "GuardDuty Finding"),
        ("aws.ssm", "Parameter Store Change"),
        ("reviews", "Content Updated"),
        ("reviews", "Security Incident"),
    ]
    assert asked["eu-west-1"] == asked["ap-southeast-1"] == asked["us-east-1"]
    for region in ("eu-west-1", "ap-southeast-1"):
        for rule in properties(templates[region], "AWS::Events::Rule"):
            (target,) = rule["Targets"]
            assert target["Arn"] == "arn:aws:events:us-east-1:111122223333:event-bus/default"
            assert target["DeadLetterConfig"]


def test_the_function_may_empty_this_distribution_and_no_other(edge: dict[str, Any]) -> None:
    held = rights(edge, "InvalidateCaches")["cloudfront:CreateInvalidation"]
    (key,) = of_type(edge, "AWS::CloudFront::Distribution")
    assert len(held) == 1
    assert {"Ref": key} in held[0]["Fn::Join"][1]
    (function,) = [each for each in properties(edge, "AWS::Lambda::Function") if "invalidate" in each["FunctionName"]]
    paths = json.loads(function["Environment"]["Variables"]["LIFEBOAT_PATHS"])
    assert paths["security_incidents"] == ["/*"]
    assert paths["configuration_changes"] == ["/api/*"]


def test_no_edge_sees_what_belongs_to_a_person_of_haven() -> None:
    whole = topology_document.load_whole(ROOT / "topologies" / "haven.yaml")
    (stack,) = delivery_stacks(cdk.App(), *whole)
    told = dict(Template.from_stack(stack).to_json())
    (found,) = properties(told, "AWS::CloudFront::Distribution")
    default = found["DistributionConfig"]["DefaultCacheBehavior"]
    assert not WRITING & set(default["AllowedMethods"])
    (association,) = default["FunctionAssociations"]
    assert association["EventType"] == "viewer-request"
    (refuse,) = properties(told, "AWS::CloudFront::Function")
    assert "statusCode: 403" in refuse["FunctionCode"]
    assert "OriginRequestPolicyId" not in default
    for policy in properties(told, "AWS::CloudFront::CachePolicy"):
        key = policy["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]
        assert key["CookiesConfig"]["CookieBehavior"] == "none"
