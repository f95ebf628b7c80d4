"""Promises on the accelerator: it leads to every region, and obeys the lever through the load balancers' health."""

import io
import json
import urllib.request
from typing import Any

import boto3
import pytest

from stacks.accelerator_stack import accelerator_stacks
from stacks.constructs import load_balancer_handler
from stacks.constructs.function_bundle import FunctionBundle
from stacks.regional_stack import RegionalStack
from tests.infrastructure.synthesis import Whole, app, load, synthesised
from tests.infrastructure.templates import functions, of_type, properties, rights
from topology_document import Infrastructure


@pytest.fixture(scope="module")
def metro() -> Whole:
    return load("metro")


@pytest.fixture(scope="module")
def template(metro: Whole) -> dict[str, Any]:
    (stack,) = accelerator_stacks(app(), *metro)
    return synthesised(stack)


@pytest.fixture(scope="module")
def region(metro: Whole) -> dict[str, Any]:
    topology, infrastructure = metro
    said = Infrastructure(delivery=infrastructure.delivery, steering=infrastructure.steering)
    return synthesised(RegionalStack(app(), topology, "eu-west-1", FunctionBundle.build(topology), said))


def test_each_region_is_an_endpoint_group_and_its_dial_is_the_documents(template: dict[str, Any]) -> None:
    groups = {
        each["EndpointGroupRegion"]: each for each in properties(template, "AWS::GlobalAccelerator::EndpointGroup")
    }
    assert {region: each["TrafficDialPercentage"] for region, each in groups.items()} == {
        "eu-central-1": 100,
        "eu-west-1": 0,
    }


def test_what_is_delivered_to_its_logs_is_delivered_over_tls_1_2(template: dict[str, Any]) -> None:
    (policy,) = properties(template, "AWS::S3::BucketPolicy")
    refused = [each["Condition"] for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
    assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in refused
    assert {"Bool": {"aws:SecureTransport": "false"}} in refused


def test_an_endpoint_is_the_load_balancer_that_has_the_products_name(
    template: dict[str, Any], region: dict[str, Any]
) -> None:
    wanted = of_type(template, "Custom::LoadBalancer")
    for each in properties(template, "AWS::GlobalAccelerator::EndpointGroup"):
        (endpoint,) = each["EndpointConfigurations"]
        found = wanted[endpoint["EndpointId"]["Fn::GetAtt"][0]]["Properties"]
        assert (found["Region"], found["Name"]) == (each["EndpointGroupRegion"], "metro-door")
    (balancer,) = properties(region, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balancer["Name"] == "metro-door"


def test_finding_load_balancers_changes_nothing(template: dict[str, Any]) -> None:
    held = set(rights(template, "FindBalancers")) - {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    assert held == {
        "elasticloadbalancing:DescribeLoadBalancers",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
    }


def test_the_finder_tells_the_arn_and_tells_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []

    class Client:
        def describe_load_balancers(self, Names: list[str]) -> dict[str, Any]:  # noqa: N803 - botocore's
            if Names != ["metro"]:
                raise LookupError(Names)
            return {"LoadBalancers": [{"LoadBalancerArn": "arn:of-metro"}]}

    monkeypatch.setattr(boto3, "client", lambda *_, **__: Client())

    def put(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        told.append(json.loads(bytes(request.data or b"")))  # type: ignore[arg-type]
        return io.BytesIO()

    monkeypatch.setattr(urllib.request, "urlopen", put)
    event = {
        "RequestType": "Create",
        "StackId": "s",
        "RequestId": "r",
        "LogicalResourceId": "l",
        "ResponseURL": "https://x",
    }
    for name in ("metro", "other"):
        load_balancer_handler.handle({**event, "ResourceProperties": {"Region": "eu-west-1", "Name": name}}, None)
    assert told[0]["Data"] == {"Arn": "arn:of-metro"}
    assert (told[1]["Status"], "LookupError" in told[1]["Reason"]) == ("FAILED", True)


def test_a_load_balancer_of_an_evacuated_region_is_unhealthy(region: dict[str, Any], metro: Whole) -> None:
    (group,) = [
        each
        for each in of_type(region, "AWS::ElasticLoadBalancingV2::TargetGroup").values()
        if each["Properties"]["TargetType"] == "lambda"
    ]
    told, delivery = group["Properties"], metro[1].delivery
    assert delivery is not None
    assert delivery.accelerator is not None
    answering = [key for key in of_type(region, "AWS::Lambda::Function") if "AnswerBalancer" in key]
    assert told["Targets"] == [{"Id": {"Fn::GetAtt": [answering[0], "Arn"]}}]
    assert told["HealthCheckEnabled"] is True
    assert told["HealthCheckIntervalSeconds"] == delivery.accelerator.check_seconds
    assert told["UnhealthyThresholdCount"] == delivery.accelerator.failures
    assert told["HealthCheckTimeoutSeconds"] < told["HealthCheckIntervalSeconds"]
    rules = properties(region, "AWS::ElasticLoadBalancingV2::ListenerRule")
    assert [each["Conditions"][0]["PathPatternConfig"]["Values"] for each in rules] == [["/lifeboat/lever"]]


def test_the_answering_function_may_touch_nothing(region: dict[str, Any]) -> None:
    assert "AnswerBalancer" in functions(region)
    services = {action.partition(":")[0] for action in rights(region, "AnswerBalancer")}
    assert services <= {"logs", "sqs", "xray"}


def test_users_know_the_region_by_the_accelerators_name(region: dict[str, Any]) -> None:
    (certificate,) = properties(region, "AWS::CertificateManager::Certificate")
    assert "go.metro.example" in certificate["SubjectAlternativeNames"]


def test_the_addresses_outlive_the_stack_and_who_came_is_written_down(template: dict[str, Any]) -> None:
    (accelerator,) = of_type(template, "AWS::GlobalAccelerator::Accelerator").values()
    assert accelerator["DeletionPolicy"] == "RetainExceptOnCreate"
    assert accelerator["Properties"]["FlowLogsEnabled"] is True
    (record,) = properties(template, "AWS::Route53::RecordSet")
    assert (record["Name"], record["Type"]) == ("go.metro.example.", "A")


def test_a_product_without_an_accelerator_has_none_of_it() -> None:
    topology, infrastructure = load("triage")
    assert list(accelerator_stacks(app(), topology, infrastructure)) == []
