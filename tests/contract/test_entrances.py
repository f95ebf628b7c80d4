"""The two colours of an entrance, on load balancers as AWS's API tells them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cli.rollout.aws import METRICS, AwsEntrances, target_group
from cli.rollout.entrances import Colour, EntranceUnreachableError, Figures, Stage
from tests.products import EU, quickstart

STAGE = Stage("production", EU, 300)
NOW = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@pytest.fixture
def entrances() -> Iterator[AwsEntrances]:
    with mock_aws():
        _entrance(boto3.client("elbv2", EU), boto3.client("ec2", EU))
        yield AwsEntrances({"production": quickstart()}, clock=lambda: NOW)


def _entrance(elb: Any, ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{at}.0/24", AvailabilityZone=f"{EU}{zone}")["Subnet"]["SubnetId"]
        for at, zone in enumerate("ab")
    ]
    balancer = elb.create_load_balancer(Name="entrance", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    groups = [
        elb.create_target_group(
            Name=target_group("quickstart", colour), Protocol="HTTPS", Port=8443, VpcId=vpc, TargetType="ip"
        )["TargetGroups"][0]["TargetGroupArn"]
        for colour in Colour
    ]
    weighted = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in zip(groups, (1, 0), strict=True)]
    asked = boto3.client("acm", EU).request_certificate(DomainName="shop.example", ValidationMethod="DNS")
    certificate = {"CertificateArn": asked["CertificateArn"]}
    elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        Certificates=[certificate],
        DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}],
    )


def test_what_is_live_is_what_the_listener_leads_to(entrances: AwsEntrances) -> None:
    assert entrances.standing(STAGE).live is Colour.BLUE
    for colour in (Colour.GREEN, Colour.GREEN, Colour.BLUE):
        entrances.turn(STAGE, colour)
        assert entrances.standing(STAGE).live is colour


def test_a_colour_remembers_its_version(entrances: AwsEntrances) -> None:
    assert entrances.standing(STAGE).versions == {}
    entrances.name(STAGE, Colour.GREEN, "2.0")
    entrances.name(STAGE, Colour.BLUE, "1.0")
    entrances.turn(STAGE, Colour.GREEN)
    assert entrances.standing(STAGE).versions == {Colour.BLUE: "1.0", Colour.GREEN: "2.0"}


def test_a_colour_without_pods_is_not_ready(entrances: AwsEntrances) -> None:
    assert not entrances.is_ready(STAGE, Colour.GREEN)
    elb = boto3.client("elbv2", EU)
    group = elb.describe_target_groups(Names=["quickstart-green"])["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.20.0.10", "Port": 8443}])
    assert entrances.is_ready(STAGE, Colour.GREEN)


def test_the_figures_are_a_colours_own_of_its_newest_minute(
    entrances: AwsEntrances, monkeypatch: pytest.MonkeyPatch
) -> None:
    # moto has no percentiles of what was put as single values.
    monkeypatch.setitem(METRICS, "p95", ("TargetResponseTime", "Average"))
    elb = boto3.client("elbv2", EU)
    groups = {each["TargetGroupName"]: each for each in elb.describe_target_groups()["TargetGroups"]}
    balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"].split(":loadbalancer/")[1]
    for name, requests, errors, seconds in (("quickstart", 900, 90, 2.0), ("quickstart-green", 100, 1, 0.25)):
        dimensions = [
            {"Name": "TargetGroup", "Value": groups[name]["TargetGroupArn"].rsplit(":", maxsplit=1)[-1]},
            {"Name": "LoadBalancer", "Value": balancer},
        ]
        told = {"RequestCount": requests, "HTTPCode_Target_5XX_Count": errors, "TargetResponseTime": seconds}
        boto3.client("cloudwatch", EU).put_metric_data(
            Namespace="AWS/ApplicationELB",
            MetricData=[
                {
                    "MetricName": metric,
                    "Dimensions": dimensions,
                    "Timestamp": NOW.replace(second=0) - timedelta(seconds=90),
                    "Value": value,
                }
                for metric, value in told.items()
            ],
        )
    assert entrances.figures(STAGE, Colour.GREEN) == Figures(100, 1, 250.0)
    assert entrances.figures(STAGE, Colour.BLUE) == Figures(900, 90, 2000.0)


def test_nobody_asked_is_no_figure() -> None:
    with mock_aws():
        _entrance(boto3.client("elbv2", EU), boto3.client("ec2", EU))
        entrances = AwsEntrances({"production": quickstart()}, clock=lambda: NOW)
        assert entrances.figures(STAGE, Colour.GREEN) == Figures(0, 0, None)


def test_a_region_without_an_entrance_is_told_as_one_that_cannot_be_asked() -> None:
    with mock_aws():
        entrances = AwsEntrances({"production": quickstart()})
        with pytest.raises(EntranceUnreachableError, match=EU):
            entrances.standing(STAGE)
