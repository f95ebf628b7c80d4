"""Promises on a region's network: its ways out, its endpoints, its logs, and the tie to the other regions."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from failover.topology import Names, Topology
from stacks.constructs.data_key import DataKey
from stacks.constructs.network import Network
from stacks.constructs.transit import Transit, pairs_of
from tests.infrastructure.templates import of_type, properties
from tests.products import AP, EU, US, quickstart
from topology_document.infrastructure.network import (
    EndpointService,
    Nat,
    NetworkSection,
    Reach,
    Traffic,
    TransitSection,
)

ASNS = {US: 64512, EU: 64513, AP: 64514}
EVERYWHERE = TransitSection(asns=ASNS, reach=Reach.EVERYWHERE)
SETTINGS = NetworkSection(
    endpoints=[EndpointService.STS, EndpointService.KMS, EndpointService.ECR_DOCKER], log_days=90, transit=EVERYWHERE
)


def template(settings: NetworkSection | None = SETTINGS, region: str = EU) -> dict[str, Any]:
    topology = quickstart()
    stack = cdk.Stack(cdk.App(), "Region", env=cdk.Environment(account=topology.account, region=region))
    names = Names(topology)
    key = DataKey(stack, "Key", names=names)
    network = Network(stack, "Network", cidr=topology.region(region).cidr, settings=settings, key=key)
    if settings is not None and settings.transit is not None:
        Transit(stack, "Transit", names=names, region=region, network=network, settings=settings.transit)
    return dict(Template.from_stack(stack).to_json())


def zone_of(told: dict[str, Any], subnet: str) -> Any:
    return told["Resources"][subnet]["Properties"]["AvailabilityZone"]


def test_three_zones_have_a_public_a_private_and_an_isolated_subnet() -> None:
    told = template()
    kinds = [
        next(tag["Value"] for tag in each["Tags"] if tag["Key"] == "aws-cdk:subnet-type")
        for each in properties(told, "AWS::EC2::Subnet")
    ]
    assert sorted(kinds) == ["Isolated"] * 3 + ["Private"] * 3 + ["Public"] * 3


@pytest.mark.parametrize(("nat", "gateways"), [(Nat.EACH_ZONE, 3), (Nat.ONE, 1)])
def test_the_ways_out_are_as_many_as_the_document_says(nat: Nat, gateways: int) -> None:
    told = template(NetworkSection(nat=nat))
    assert len(properties(told, "AWS::EC2::NatGateway")) == gateways


def test_a_zone_that_is_lost_takes_no_other_zones_way_out_with_it() -> None:
    """The guard renews through it: a private subnet's route leads to the gateway of its own zone."""
    told = template()
    gateway_zone = {
        name: zone_of(told, each["Properties"]["SubnetId"]["Ref"])
        for name, each in of_type(told, "AWS::EC2::NatGateway").items()
    }
    subnet_of = {
        each["RouteTableId"]["Ref"]: each["SubnetId"]["Ref"]
        for each in properties(told, "AWS::EC2::SubnetRouteTableAssociation")
    }
    ways = [each for each in properties(told, "AWS::EC2::Route") if "NatGatewayId" in each]
    assert len(ways) == 3
    for way in ways:
        assert gateway_zone[way["NatGatewayId"]["Ref"]] == zone_of(told, subnet_of[way["RouteTableId"]["Ref"]])


def test_what_data_lives_in_has_no_way_out() -> None:
    told = template()
    isolated = {
        name for name, each in of_type(told, "AWS::EC2::Subnet").items() if "Isolated" in json.dumps(each["Properties"])
    }
    tables = {
        each["RouteTableId"]["Ref"]
        for each in properties(told, "AWS::EC2::SubnetRouteTableAssociation")
        if each["SubnetId"]["Ref"] in isolated
    }
    out = [each for each in properties(told, "AWS::EC2::Route") if each["DestinationCidrBlock"] == "0.0.0.0/0"]
    assert tables
    assert not tables & {each["RouteTableId"]["Ref"] for each in out}


def test_the_named_services_are_reached_without_a_way_out() -> None:
    told = template()
    by_type = {
        kind: {
            json.dumps(each["ServiceName"])
            for each in properties(told, "AWS::EC2::VPCEndpoint")
            if each["VpcEndpointType"] == kind
        }
        for kind in ("Interface", "Gateway")
    }
    assert by_type["Interface"] == {f'"com.amazonaws.{EU}.{name}"' for name in ("sts", "kms", "ecr.dkr")}
    assert all(any(name in each for each in by_type["Gateway"]) for name in ("s3", "dynamodb"))
    assert all(
        each["PrivateDnsEnabled"] and len(each["SubnetIds"]) == 3
        for each in properties(told, "AWS::EC2::VPCEndpoint")
        if each["VpcEndpointType"] == "Interface"
    )


def test_an_endpoint_is_asked_from_inside_the_network_alone() -> None:
    (doors,) = [
        each for each in properties(template(), "AWS::EC2::SecurityGroup") if "endpoints" in each["GroupDescription"]
    ]
    (let_in,) = doors["SecurityGroupIngress"]
    assert (let_in["CidrIp"], let_in["FromPort"], let_in["ToPort"]) == ("10.20.0.0/16", 443, 443)


@pytest.mark.parametrize(("which", "said"), [(Traffic.ALL, "ALL"), (Traffic.REJECTED, "REJECT")])
def test_packets_are_written_down_encrypted_and_kept_as_long_as_said(which: Traffic, said: str) -> None:
    told = template(NetworkSection(flow_logs=which, log_days=90))
    (log,) = properties(told, "AWS::EC2::FlowLog")
    (group,) = properties(told, "AWS::Logs::LogGroup")
    assert (log["TrafficType"], log["MaxAggregationInterval"]) == (said, 60)
    assert group["RetentionInDays"] == 90
    assert "KmsKeyId" in group


def test_a_network_without_a_section_is_what_it_was() -> None:
    told = template(None)
    (log,) = properties(told, "AWS::EC2::FlowLog")
    assert log["TrafficType"] == "REJECT"
    assert len(properties(told, "AWS::EC2::VPCEndpoint")) == 1
    assert properties(told, "AWS::EC2::TransitGateway") == []


def test_the_gateway_has_the_documents_number_and_does_nothing_by_itself() -> None:
    (gateway,) = properties(template(), "AWS::EC2::TransitGateway")
    assert gateway["AmazonSideAsn"] == 64513
    silent = ("AutoAcceptSharedAttachments", "DefaultRouteTableAssociation", "DefaultRouteTablePropagation")
    assert {gateway[each] for each in silent} == {"disable"}
    assert {"Key": "lifeboat:place", "Value": f"quickstart/{EU}"} in gateway["Tags"]


def test_the_network_hangs_on_its_gateway_in_every_zone() -> None:
    (attachment,) = properties(template(), "AWS::EC2::TransitGatewayVpcAttachment")
    assert len({json.dumps(zone_of(template(), each["Ref"])) for each in attachment["SubnetIds"]}) == 3


def test_every_private_and_isolated_subnet_knows_the_way_to_each_other_region() -> None:
    ways = [each for each in properties(template(), "AWS::EC2::Route") if "TransitGatewayId" in each]
    by_table: dict[str, set[str]] = {}
    for way in ways:
        by_table.setdefault(way["RouteTableId"]["Ref"], set()).add(way["DestinationCidrBlock"])
    assert len(by_table) == 6
    assert set(map(frozenset, by_table.values())) == {frozenset({"10.10.0.0/16", "10.30.0.0/16"})}


def zoned() -> Topology:
    regions = quickstart().regions
    kind = type(regions[0])
    return quickstart(
        regions=tuple(
            kind(each.name, each.role, zone, each.cidr) for each, zone in zip(regions, ("US", "EU", "EU"), strict=True)
        )
    )


def test_each_two_regions_are_tied_once() -> None:
    assert pairs_of(quickstart(), Reach.EVERYWHERE) == [(US, EU), (US, AP), (EU, AP)]


def test_regions_of_two_zones_are_tied_only_where_the_document_says_so() -> None:
    assert pairs_of(zoned(), Reach.ZONE) == [(EU, AP)]
    assert len(pairs_of(zoned(), Reach.EVERYWHERE)) == 3
