"""EC2's transit gateways: what stacks make of them, and the function that peers them, on the twin's own API."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from botocore.exceptions import ClientError

from stacks.constructs import transit_peering_handler as handler
from stacks.transit_stack import transit_stacks
from tests.products import quickstart
from tests.twin.aws.conftest import ASIA, EU, US, Client, DeployStack
from topology_document import Infrastructure
from topology_document.infrastructure.network import NetworkSection, Reach, TransitSection

pytestmark = pytest.mark.twin

FAR = float("inf")
ENDS = [
    {"Region": region, "Account": "111122223333", "Place": f"shop/{region}", "Cidr": cidr, "Asn": "64512"}
    for region, cidr in ((US, "10.1.0.0/16"), (EU, "10.2.0.0/16"))
]


def resources(region: str, product: str = "shop") -> dict[str, Any]:
    tags = [{"Key": "lifeboat:place", "Value": f"{product}/{region}"}]
    table = {"TransitGatewayId": {"Ref": "Gateway"}, "Tags": tags}
    return {
        "Gateway": {"Type": "AWS::EC2::TransitGateway", "Properties": {"AmazonSideAsn": 64512, "Tags": tags}},
        "Table": {"Type": "AWS::EC2::TransitGatewayRouteTable", "Properties": table},
    }


@pytest.fixture
def ends(deploy: DeployStack, client: Client, monkeypatch: pytest.MonkeyPatch) -> list[handler.End]:
    for region in (US, EU):
        assert deploy(resources(region), region)["StackStatus"] == "CREATE_COMPLETE"

    def asked(service: str, *, region_name: str) -> Any:
        return client(service, region_name)

    monkeypatch.setattr(handler, "boto3", SimpleNamespace(client=asked))
    return [handler.End(each) for each in ENDS]


def states(end: handler.End) -> list[str]:
    told = end.ec2.describe_transit_gateway_peering_attachments()["TransitGatewayPeeringAttachments"]
    return [each["State"] for each in told]


def test_the_deployed_gateways_are_found_by_tag_and_tied_once(ends: list[handler.End]) -> None:
    handler.tie(ends, FAR)
    handler.tie(ends, FAR)
    assert [states(end) for end in ends] == [["available"], ["available"]]


def test_what_is_untied_can_be_untied_again(ends: list[handler.End]) -> None:
    handler.tie(ends, FAR)
    handler.untie(ends, FAR)
    handler.untie(ends, FAR)
    assert [states(end) for end in ends] == [["deleted"], ["deleted"]]


def test_only_the_other_side_may_accept(ends: list[handler.End]) -> None:
    one, other = ends
    one.ec2.create_transit_gateway_peering_attachment(
        TransitGatewayId=one.gateway, PeerTransitGatewayId=other.gateway, PeerAccountId="111122223333", PeerRegion=EU
    )
    (seen,) = other.ec2.describe_transit_gateway_peering_attachments()["TransitGatewayPeeringAttachments"]
    id = seen["TransitGatewayAttachmentId"]
    with pytest.raises(ClientError, match="IncorrectState"):
        one.ec2.accept_transit_gateway_peering_attachment(TransitGatewayAttachmentId=id)


def test_the_deployed_function_ties_every_two_regions(deploy: DeployStack, client: Client) -> None:
    """The stack as it is synthesised: CloudFormation calls its function, which finds the gateways and answers."""
    topology = quickstart()
    for region in (US, EU, ASIA):
        assert deploy(resources(region, topology.name), region)["StackStatus"] == "CREATE_COMPLETE"
    transit = TransitSection(asns={US: 64512, EU: 64513, ASIA: 64514}, reach=Reach.EVERYWHERE)
    asked = Infrastructure(network=NetworkSection(transit=transit))
    (stack,) = transit_stacks(cdk.App(), topology, asked)
    template = Template.from_stack(stack).to_json()
    done = deploy(template["Resources"], US)
    assert done["StackStatus"].endswith("E_COMPLETE"), done.get("StackStatusReason")
    for region in (US, EU, ASIA):
        told = client("ec2", region).describe_transit_gateway_peering_attachments()
        assert [each["State"] for each in told["TransitGatewayPeeringAttachments"]] == ["available"] * 2
