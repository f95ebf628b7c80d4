"""Logs go in real time to one place of their zone; they are searched while they are hot and cold for a year."""

import json
from collections import Counter
from typing import Any

import pytest
from aws_cdk import aws_logs as logs

import topology_document
from failover.topology import Names
from stacks.constructs import observed
from stacks.layer import LayerStack
from stacks.log_way_stack import LogWayStack
from stacks.logs_stack import LogsStack
from stacks.observability_area import observability_stacks
from stacks.product import compose
from tests.infrastructure.areas import application
from tests.infrastructure.assembly import ROOT
from tests.infrastructure.seen import alarms, ending, seen, text_of
from tests.infrastructure.templates import Template, of_type, properties, statements
from tests.products import quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.observability import LogsSection, ObservabilitySection, SearchedIn
from topology_document.infrastructure.security import SecuritySection

US, EU, AP = "us-east-1", "eu-west-1", "ap-southeast-1"
STREAM = "arn:aws:kinesis:{region}:111122223333:stream/lifeboat-{product}-logs"


def archive(template: Template) -> dict[str, Any]:
    """The bucket of the events; the other one has its access log."""
    (bucket,) = [each for each in properties(template, "AWS::S3::Bucket") if "LoggingConfiguration" in each]
    return bucket


def ways(template: Template) -> dict[str, str]:
    """The regions whose streams a region's logs go to, by the names of the ways."""
    found = properties(template, "AWS::Logs::Destination")
    return {each["DestinationName"]: each["TargetArn"].split(":")[3] for each in found}


def test_reviews_are_gathered_from_every_region_in_one() -> None:
    product = seen("reviews", US)
    for region in (US, EU, AP):
        assert ways(product.template("log-way", region))["lifeboat-reviews-from-" + region] == US
    archives = [
        (region, each["ExtendedS3DestinationConfiguration"]["BucketARN"])
        for region, template in product.stacks("logs").items()
        for each in properties(template, "AWS::KinesisFirehose::DeliveryStream")
        if "ExtendedS3DestinationConfiguration" in each
    ]
    assert [region for region, _ in archives] == [US]


def test_each_region_of_reviews_searches_its_own_logs_without_any_other() -> None:
    product = seen("reviews", US)
    assert set(product.stacks("logs")) == {US, EU, AP}
    for region, template in product.stacks("logs").items():
        (collection,) = properties(template, "AWS::OpenSearchServerless::Collection")
        assert collection["StandbyReplicas"] == ("ENABLED" if region == US else "DISABLED")
        assert ending(alarms(template), "-search-late")["AlarmActions"]
        assert region in ways(product.template("log-way", region)).values()
    for region in (EU, AP):
        template = product.template("log-way", region)
        searched = {
            each["LogGroupName"]
            for each in properties(template, "AWS::Logs::SubscriptionFilter")
            if each["FilterName"] == f"lifeboat-reviews-search-from-{region}"
        }
        assert "/lifeboat/reviews/application" in searched
        assert searched == {each["LogGroupName"] for each in properties(template, "AWS::Logs::SubscriptionFilter")}
        others = {US, EU, AP} - {region}
        assert not [each for each in others if each in json.dumps(product.template("logs", region))]
        assert product.names.stack("logs", region) in product.order[product.names.stack("log-way", region)]


def test_no_log_group_has_more_filters_than_cloudwatch_logs_takes() -> None:
    for template in seen("reviews", US).stacks("log-way").values():
        filters = Counter(each["LogGroupName"] for each in properties(template, "AWS::Logs::SubscriptionFilter"))
        assert max(filters.values()) <= 2


@pytest.mark.parametrize("searched_in", list(SearchedIn))
def test_wherever_search_stands_no_log_of_a_zone_leaves_it(searched_in: SearchedIn) -> None:
    topology, infrastructure = topology_document.load_whole(ROOT / "topologies" / "triage.yaml")
    assert infrastructure.observability
    asked = infrastructure.observability.model_copy(update={"logs": LogsSection(searched_in=searched_in)})
    app = application()
    stacks = list(observability_stacks(app, topology, Infrastructure(observability=asked)))
    zones = {each.name: each.zone for each in topology.regions}
    assembly = app.synth()
    searching = {each.region_name for each in stacks if isinstance(each, LogsStack)}
    leading = {
        (way.region_name, to)
        for way in stacks
        if isinstance(way, LogWayStack)
        for to in ways(assembly.get_stack_by_name(way.stack_name).template).values()
    }
    assert all(zones[region] == zones[to] for region, to in leading)
    assert {region for region, _ in leading} == set(zones)
    gathering = {observed.gathered_in(Names(topology), zone, None) for zone in zones.values()}
    assert searching == (set(zones) if searched_in is SearchedIn.EACH_REGION else gathering)


def test_no_log_of_a_zone_leaves_it() -> None:
    product = seen("triage")
    zones = {each.name: each.zone for each in product.topology.regions}
    ways = product.stacks("log-way")
    assert set(ways) == set(zones)
    for region, template in ways.items():
        (way,) = properties(template, "AWS::Logs::Destination")
        gathered_in = way["TargetArn"].split(":")[3]
        assert zones[gathered_in] == zones[region], f"{region} → {gathered_in}"


def test_a_country_that_is_a_zone_keeps_its_logs() -> None:
    product = seen("fleet")
    assert set(product.stacks("logs")) == {"eu-west-1", "eu-west-3", "ap-south-1"}
    for region, template in product.stacks("log-way").items():
        (way,) = properties(template, "AWS::Logs::Destination")
        assert way["TargetArn"] == STREAM.format(region=region, product="fleet")


def test_every_function_and_the_application_are_on_the_way() -> None:
    product = seen("reviews", US)
    gone = {
        each["LogGroupName"] for each in properties(product.template("log-way", US), "AWS::Logs::SubscriptionFilter")
    }
    there = {
        each["LogGroupName"]
        for layer in ("control", "regional")
        for each in properties(product.template(layer, US), "AWS::Logs::LogGroup")
        if str(each.get("LogGroupName", "")).startswith("/aws/lambda/")
    }
    assert there
    assert gone == there | {"/lifeboat/reviews/application"}


def test_each_event_says_from_which_region_it_is() -> None:
    for region in (US, EU, AP):
        for each in properties(seen("reviews", US).template("log-way", region), "AWS::Logs::SubscriptionFilter"):
            assert each["FilterName"].rpartition("-from-")[2] == region
            assert each["FilterPattern"] == ""


@pytest.mark.parametrize(
    ("product", "region", "hot", "kept"), [("reviews", US, 30, 365), ("metro", "eu-central-1", 30, 395)]
)
def test_logs_grow_cold_after_the_days_of_the_document_and_are_gone_after_them(
    product: str, region: str, hot: int, kept: int
) -> None:
    rules = archive(seen(product, US if product == "reviews" else None).template("logs", region))[
        "LifecycleConfiguration"
    ]["Rules"]
    cold = [each["Transitions"][0] for each in rules if "Transitions" in each]
    assert cold == [{"StorageClass": "GLACIER_IR", "TransitionInDays": hot}]
    assert [each["ExpirationInDays"] for each in rules if "ExpirationInDays" in each] == [kept]


def test_what_can_be_searched_is_what_is_hot() -> None:
    template = seen("reviews", US).template("logs", US)
    (kept,) = properties(template, "AWS::OpenSearchServerless::LifecyclePolicy")
    assert json.loads(kept["Policy"])["Rules"][0]["MinIndexRetention"] == "30d"
    (collection,) = properties(template, "AWS::OpenSearchServerless::Collection")
    assert collection["Type"] == "TIMESERIES"


def test_readers_may_open_the_dashboards_and_whoever_fills_the_collection_may_not() -> None:
    template = seen("reviews", US).template("logs", US)
    opened = [(role, each) for role, each in statements(template) if each["Action"] == "aoss:DashboardsAccessAll"]
    (readers,) = [key for key in of_type(template, "AWS::IAM::Role") if "Readers" in key]
    assert [role for role, _ in opened] == [readers]
    assert text_of(opened[0][1]["Resource"]).endswith(f":aoss:{US}:111122223333:dashboards/default")


def test_the_application_s_own_group_keeps_what_is_hot_and_no_more() -> None:
    for region in (US, EU, AP):
        groups = properties(seen("reviews", US).template("observability", region), "AWS::Logs::LogGroup")
        (own,) = [each for each in groups if each.get("LogGroupName") == "/lifeboat/reviews/application"]
        assert own["RetentionInDays"] == 30
        assert "KmsKeyId" in own


def test_nothing_of_the_logs_lies_open() -> None:
    template = seen("reviews", US).template("logs", US)
    (stream,) = properties(template, "AWS::Kinesis::Stream")
    assert stream["StreamEncryption"]["EncryptionType"] == "KMS"
    assert (
        archive(template)["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"][
            "SSEAlgorithm"
        ]
        == "aws:kms"
    )
    for each in properties(template, "AWS::S3::Bucket"):
        assert set(each["PublicAccessBlockConfiguration"].values()) == {True}
    kept = [
        key
        for key, each in of_type(template, "AWS::S3::Bucket").items()
        if each["DeletionPolicy"] != "RetainExceptOnCreate"
    ]
    assert kept == []


@pytest.mark.parametrize(("way", "to"), [("Role", US), ("SearchRole", EU)])
def test_a_way_may_write_into_one_stream_alone(way: str, to: str) -> None:
    template = seen("reviews", US).template("log-way", EU)
    (policy,) = [
        each for each in properties(template, "AWS::IAM::Policy") if each["PolicyName"].startswith(f"{way}Default")
    ]
    write, encrypt = policy["PolicyDocument"]["Statement"]
    assert write["Resource"] == STREAM.format(region=to, product="reviews")
    assert encrypt["Condition"]["ForAnyValue:StringEquals"] == {"kms:ResourceAliases": "alias/lifeboat-reviews-logs"}
    assert encrypt["Condition"]["StringEquals"] == {"kms:ViaService": f"kinesis.{to}.amazonaws.com"}


def test_late_logs_and_a_full_stream_are_told_of() -> None:
    found = alarms(seen("reviews", US).template("logs", US))
    for end in ("-archive-late", "-search-late", "-stream-full", "-invocations-lost"):
        assert ending(found, end)["AlarmActions"]


def test_a_way_comes_after_every_stack_whose_groups_take_it() -> None:
    asked = Infrastructure(security=SecuritySection(), observability=ObservabilitySection(logs=LogsSection()))
    app = application()
    product = compose(app, quickstart(), asked)
    owners: dict[tuple[str, str], LayerStack] = {}
    ways = [each for each in product.areas if isinstance(each, LogWayStack)]
    for stack in product.guarded:
        groups = (each for each in stack.node.find_all() if isinstance(each, logs.CfnLogGroup) and each.log_group_name)
        owners |= {(stack.region_name, str(each.log_group_name)): stack for each in groups}
    assert {way.region_name for way in ways} == {US, EU, AP}
    for way in ways:
        filters = [each for each in way.node.find_all() if isinstance(each, logs.CfnSubscriptionFilter)]
        first = {owners[way.region_name, each.log_group_name].stack_name for each in filters}
        assert first <= {each.stack_name for each in way.dependencies}
        assert way.names.stack("audit", way.region_name) in first


def test_a_way_comes_after_the_stream_and_the_groups() -> None:
    product = seen("reviews", US)
    for region in (US, EU, AP):
        first = product.order[product.names.stack("log-way", region)]
        assert product.names.stack("logs", US) in first
        assert product.names.stack("observability", region) in first
