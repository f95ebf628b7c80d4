"""Ties two regions' transit gateways together and apart again, as a CloudFormation custom resource."""

import json
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import ClientError

PLACE = "lifeboat:place"
LIVING = ["initiatingRequest", "pendingAcceptance", "pending", "available", "modifying"]


def handle(event: dict[str, Any], context: Any) -> None:
    """Do what the request asks and tell CloudFormation; a fault is told too, or the stack would wait an hour."""
    ends = event["ResourceProperties"]["Ends"]
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": "peering-of-" + "-and-".join(e["Region"] for e in ends)}
    try:
        until = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - 30
        (untie if event["RequestType"] == "Delete" else tie)([End(each) for each in ends], until)
    except Exception as fault:  # noqa: BLE001 - every fault is CloudFormation's to know
        answer |= {"Status": "FAILED", "Reason": f"{type(fault).__name__}: {fault}"[:1000]}
    request = urllib.request.Request(event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT")  # noqa: S310
    request.add_header("Content-Type", "")
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


class End:
    """One region's gateway and route table, which its own stack has tagged with the region's place."""

    def __init__(self, told: dict[str, str]) -> None:
        self.region, self.cidr, self.account = told["Region"], told["Cidr"], told["Account"]
        self.ec2: Any = boto3.client("ec2", region_name=self.region)
        wanted = [{"Name": f"tag:{PLACE}", "Values": [told["Place"]]}, {"Name": "state", "Values": ["available"]}]
        gateways = self.ec2.describe_transit_gateways(Filters=wanted)["TransitGateways"]
        tables = self.ec2.describe_transit_gateway_route_tables(Filters=wanted)["TransitGatewayRouteTables"]
        self.gateway = gateways[0]["TransitGatewayId"] if gateways else None
        self.table = tables[0]["TransitGatewayRouteTableId"] if tables else None

    def peering(self, other: "End") -> dict[str, Any] | None:
        """Return the living attachment between the two, as this region knows it."""
        found = self.ec2.describe_transit_gateway_peering_attachments(Filters=[{"Name": "state", "Values": LIVING}])
        each: dict[str, Any]
        for each in found["TransitGatewayPeeringAttachments"]:
            ends = {each["RequesterTgwInfo"]["TransitGatewayId"], each["AccepterTgwInfo"]["TransitGatewayId"]}
            if ends == {self.gateway, other.gateway}:
                return each
        return None


def tie(ends: list[End], until: float) -> None:
    """Ask on one side, accept on the other, and write the routes on both; what is there already stays."""
    one, other = ends
    for end in ends:
        if not (end.gateway and end.table):
            raise LookupError(f"{end.region} has no transit gateway with its table; deploy its regional stack first")
    if not one.peering(other):
        one.ec2.create_transit_gateway_peering_attachment(
            TransitGatewayId=one.gateway,
            PeerTransitGatewayId=other.gateway,
            PeerAccountId=other.account,
            PeerRegion=other.region,
        )
    seen = wait(partial(other.peering, one), ["pendingAcceptance", "pending", "available"], until)
    id = seen["TransitGatewayAttachmentId"]
    if seen["State"] == "pendingAcceptance":
        other.ec2.accept_transit_gateway_peering_attachment(TransitGatewayAttachmentId=id)
    for end, peer in ((one, other), (other, one)):
        wait(partial(end.peering, peer), ["available"], until)
        table = {"TransitGatewayRouteTableId": end.table, "TransitGatewayAttachmentId": id}
        unless("Resource.AlreadyAssociated", end.ec2.associate_transit_gateway_route_table, **table)
        route = table | {"DestinationCidrBlock": peer.cidr}
        if unless("RouteAlreadyExists", end.ec2.create_transit_gateway_route, **route):
            end.ec2.replace_transit_gateway_route(**route)


def untie(ends: list[End], until: float) -> None:
    """Take the routes and the peering away; a gateway that is gone took them with it."""
    one, other = ends
    for end, peer in ((one, other), (other, one)):
        if end.table:
            route = {"TransitGatewayRouteTableId": end.table, "DestinationCidrBlock": peer.cidr}
            unless("InvalidRoute.NotFound", end.ec2.delete_transit_gateway_route, **route)
    found = one.peering(other) if one.gateway and other.gateway else None
    if found:
        id = found["TransitGatewayAttachmentId"]
        one.ec2.delete_transit_gateway_peering_attachment(TransitGatewayAttachmentId=id)
        while one.peering(other) and time.monotonic() < until:
            time.sleep(5)


def wait(look: Callable[[], dict[str, Any] | None], states: list[str], until: float) -> dict[str, Any]:
    """Return what is looked at once it is in one of the states."""
    while not ((seen := look()) and seen["State"] in states):
        if time.monotonic() > until:
            raise TimeoutError(f"the peering is {seen['State'] if seen else 'not there'} and not {states[-1]}")
        time.sleep(5)
    return seen


def unless(code: str, call: Callable[..., Any], **told: str) -> bool:
    """Call; return whether it was refused for what this error code says, which is no fault."""
    try:
        call(**told)
    except ClientError as refused:
        if refused.response["Error"]["Code"] != code:
            raise
        return True
    return False
