"""The types of a transit gateway in a stack: each is a record of its region, and an id."""

import secrets
from collections.abc import Callable
from typing import Final

from twin.aws.cloudformation.resource import Made, Properties, ResourceType

PREFIXES: Final = {
    "AWS::EC2::TransitGateway": "tgw",
    "AWS::EC2::TransitGatewayVpcAttachment": "tgw-attach",
    "AWS::EC2::TransitGatewayRouteTable": "tgw-rtb",
    "AWS::EC2::TransitGatewayRouteTableAssociation": "tgw-assoc",
    "AWS::EC2::TransitGatewayRoute": "tgw-route",
}
REPLACED_BY: Final = {
    "AWS::EC2::TransitGatewayVpcAttachment": frozenset({"TransitGatewayId", "VpcId"}),
    "AWS::EC2::TransitGatewayRouteTable": frozenset({"TransitGatewayId"}),
    "AWS::EC2::TransitGatewayRouteTableAssociation": frozenset(
        {"TransitGatewayAttachmentId", "TransitGatewayRouteTableId"}
    ),
    "AWS::EC2::TransitGatewayRoute": frozenset({"DestinationCidrBlock", "TransitGatewayRouteTableId"}),
}


def recorded(kept: Callable[[str, str, Properties], None], gone: Callable[[str], None]) -> list[ResourceType]:
    """Return the types, each of which is told to ``kept`` (kind, id, properties) and, when it goes, to ``gone``."""

    def of(name: str, prefix: str) -> ResourceType:
        def create(_logical_id: str, properties: Properties, _stack: str) -> Made:
            id = f"{prefix}-0{secrets.token_hex(8)}"
            kept(prefix, id, properties)
            return id, {"Id": id}

        def change(id: str, properties: Properties) -> Made:
            kept(prefix, id, properties)
            return id, {"Id": id}

        return ResourceType(name, create, lambda id, _: gone(id), change, REPLACED_BY.get(name, frozenset()))

    return [of(name, prefix) for name, prefix in PREFIXES.items()]
