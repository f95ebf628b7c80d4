"""EC2's transit gateways: what stacks make of them, and the function that peers them, on the twin's own API."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stacks.constructs import transit_peering_handler as handler
from tests.twin.aws.conftest import EU, US, Client, DeployStack

pytestmark = pytest.mark.twin

FAR = float("inf")
ENDS = [
    {"Region": region, "Account": "111122223333", "Place": f"shop/{region}", "Cidr": cidr, "Asn": "64512"}
    for region, cidr in ((US, "10.1.0.0/16"), (EU, "10.2.0.0/16"))
]


def resources(region: str) -> dict[str, Any]:
    tags = [{"Key": "lifeboat:place", "Value": f"shop/{region}"}]
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
