"""Promises on the ties between the regions' transit gateways."""

import json
from collections.abc import Iterator
from typing import Any

import aws_cdk as cdk
import boto3
import moto
import pytest
from aws_cdk.assertions import Template

from failover.topology import Topology
from stacks.constructs import transit_peering_handler as handler
from stacks.constructs.transit import PLACE
from stacks.transit_stack import transit_stacks
from tests.infrastructure.templates import listed, properties, statements
from tests.products import AP, EU, US, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.network import NetworkSection, Reach, TransitSection

CIDRS = {US: "10.10.0.0/16", EU: "10.20.0.0/16"}
ENDS = [
    {
        "Region": region,
        "Account": "123456789012",
        "Place": f"quickstart/{region}",
        "Cidr": CIDRS[region],
        "Asn": "64512",
    }
    for region in (US, EU)
]
FAR = float("inf")


def asking(reach: Reach = Reach.EVERYWHERE) -> Infrastructure:
    transit = TransitSection(asns={US: 64512, EU: 64513, AP: 64514}, reach=reach)
    return Infrastructure(network=NetworkSection(transit=transit))


def template(topology: Topology | None = None, asked: Infrastructure | None = None) -> dict[str, Any]:
    (stack,) = transit_stacks(cdk.App(), topology or quickstart(), asked or asking())
    return dict(Template.from_stack(stack).to_json())


@pytest.fixture
def gateways(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Two regions' gateways and route tables, tagged as their stacks tag them, and a stranger's beside them."""
    for name, value in {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(name, value)
    with moto.mock_aws():
        made = {}
        for region in (US, EU):
            ec2 = boto3.client("ec2", region_name=region)
            ec2.create_transit_gateway()
            tags = [{"Key": PLACE, "Value": f"quickstart/{region}"}]
            kinds = ("transit-gateway", "transit-gateway-route-table")
            gateway, table = ([{"ResourceType": kind, "Tags": tags}] for kind in kinds)
            id = ec2.create_transit_gateway(TagSpecifications=gateway)["TransitGateway"]["TransitGatewayId"]
            ec2.create_transit_gateway_route_table(TransitGatewayId=id, TagSpecifications=table)
            made[region] = ec2
        yield made


def ends() -> list[handler.End]:
    return [handler.End(each) for each in ENDS]


def peerings(ec2: Any) -> list[str]:
    found = ec2.describe_transit_gateway_peering_attachments()["TransitGatewayPeeringAttachments"]
    return [each["State"] for each in found if each["State"] != "deleted"]


def routes(end: handler.End) -> set[str]:
    found = end.ec2.search_transit_gateway_routes(
        TransitGatewayRouteTableId=end.table, Filters=[{"Name": "state", "Values": ["active"]}]
    )
    return {each["DestinationCidrBlock"] for each in found["Routes"]}


def test_one_side_asks_the_other_accepts_and_both_know_the_way(gateways: dict[str, Any]) -> None:
    handler.tie(ends(), FAR)
    assert [peerings(ec2) for ec2 in gateways.values()] == [["available"], ["available"]]
    one, other = ends()
    assert routes(one) == {CIDRS[EU]}
    assert routes(other) == {CIDRS[US]}


def test_a_tie_that_is_there_is_not_made_again(gateways: dict[str, Any]) -> None:
    handler.tie(ends(), FAR)
    handler.tie(ends(), FAR)
    assert peerings(gateways[US]) == ["available"]


def test_what_is_untied_leaves_no_route_and_no_peering(gateways: dict[str, Any]) -> None:
    handler.tie(ends(), FAR)
    handler.untie(ends(), FAR)
    assert peerings(gateways[US]) == []
    assert [routes(end) for end in ends()] == [set(), set()]


def test_a_region_without_a_gateway_is_named(gateways: dict[str, Any]) -> None:
    missing = [*ENDS[:1], ENDS[1] | {"Region": AP}]
    with pytest.raises(LookupError, match=f"{AP} has no transit gateway .* deploy its regional stack first"):
        handler.tie([handler.End(each) for each in missing], FAR)


def test_a_peering_that_does_not_come_is_given_up_in_time() -> None:
    with pytest.raises(TimeoutError, match="pending and not available"):
        handler.wait(lambda: {"State": "pending"}, ["available"], until=0)


def test_only_the_expected_refusal_is_no_fault(gateways: dict[str, Any]) -> None:
    unknown = {"TransitGatewayAttachmentId": "tgw-attach-0"}
    call = gateways[US].delete_transit_gateway_peering_attachment
    with pytest.raises(Exception):  # noqa: B017 - whatever it is, it is not swallowed
        handler.unless("RouteAlreadyExists", call, **unknown)


def test_each_pair_is_one_resource_with_both_ends() -> None:
    pairs = [each["Ends"] for each in properties(template(), "Custom::TransitPeering")]
    assert [[end["Region"] for end in pair] for pair in pairs] == [[US, EU], [US, AP], [EU, AP]]
    assert pairs[0][1] == {
        "Region": EU,
        "Account": "111122223333",
        "Place": f"quickstart/{EU}",
        "Cidr": "10.20.0.0/16",
        "Asn": "64513",
    }


def test_who_ties_changes_the_products_own_gateways_alone() -> None:
    for _, statement in statements(template()):
        changes = [each for each in listed(statement["Action"]) if each.startswith("ec2:") and "Describe" not in each]
        arns = json.dumps(statement["Resource"])
        if changes and ("transit-gateway/" in arns or "route-table/" in arns):
            (places,) = statement["Condition"]["StringEquals"].values()
            assert set(places) == {f"quickstart/{region}" for region in (US, EU, AP)}
        if changes:
            assert "*" not in listed(statement["Resource"])


def test_the_function_has_the_time_that_a_peering_takes() -> None:
    (function,) = properties(template(), "AWS::Lambda::Function")
    (timeout,) = {each["ServiceTimeout"] for each in properties(template(), "Custom::TransitPeering")}
    assert int(timeout) > function["Timeout"] >= 600


def test_regions_of_different_zones_are_not_tied_unless_asked() -> None:
    kind = type(quickstart().regions[0])
    zones = ("US", "EU", "EU")
    regions = quickstart().regions
    topology = quickstart(
        regions=tuple(kind(each.name, each.role, zone, each.cidr) for each, zone in zip(regions, zones, strict=True))
    )
    (pair,) = properties(template(topology, asking(Reach.ZONE)), "Custom::TransitPeering")
    assert [end["Region"] for end in pair["Ends"]] == [EU, AP]


def test_without_gateways_there_are_no_ties() -> None:
    assert list(transit_stacks(cdk.App(), quickstart(), Infrastructure(network=NetworkSection()))) == []
    assert list(transit_stacks(cdk.App(), quickstart(), Infrastructure())) == []
