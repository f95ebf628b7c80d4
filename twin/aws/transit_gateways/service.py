"""EC2's transit gateways: found by tag, peered between regions by one side's asking and the other's accepting.

MiniStack has none. Shapes, states and error codes are those of EC2's API model and its list of error codes. No packet
is routed: the twin has one loopback for all.
"""

import secrets
from collections.abc import Callable
from typing import Any, Final
from xml.sax.saxutils import escape

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from twin.aws.cloudformation.resource import Properties
from twin.aws.patches import Patches
from twin.aws.transit_gateways.types import recorded

Parameters = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
OVER: Final = "deleted"


class RefusalError(Exception):
    """A call that EC2 refuses, with its code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class TransitGateways:
    """The gateways of all regions, their route tables and their peerings."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, str, Properties]] = {}
        self._peerings: dict[str, dict[str, Any]] = {}
        self._associated: set[tuple[str, str]] = set()
        self._routes: dict[tuple[str, str], str] = {}
        self._actions: dict[str, Callable[[Parameters], str]] = {
            "DescribeTransitGateways": lambda asked: self._described("tgw", "transitGateway", asked),
            "DescribeTransitGatewayRouteTables": lambda asked: self._described(
                "tgw-rtb", "transitGatewayRouteTable", asked
            ),
            "DescribeTransitGatewayPeeringAttachments": self._describe_peerings,
            "CreateTransitGatewayPeeringAttachment": self._ask,
            "AcceptTransitGatewayPeeringAttachment": lambda asked: self._move(asked, "available"),
            "DeleteTransitGatewayPeeringAttachment": lambda asked: self._move(asked, OVER),
            "AssociateTransitGatewayRouteTable": self._associate,
            "CreateTransitGatewayRoute": self._add_route,
            "ReplaceTransitGatewayRoute": self._replace_route,
            "DeleteTransitGatewayRoute": self._delete_route,
        }

    def install(self, patches: Patches) -> None:
        """Register with MiniStack, in this process; before the types are judged."""
        for kind in recorded(self._keep, lambda id: self._kept.pop(id, None) and None):
            patches.replace_item(provisioners._RESOURCE_HANDLERS, kind.name, kind.handlers())
        for name, action in self._actions.items():
            patches.replace_item(ec2._ACTION_MAP, name, _answering(name, action))

    def _keep(self, prefix: str, id: str, properties: Properties) -> None:
        self._kept[id] = (get_region(), prefix, properties)

    def _described(self, prefix: str, element: str, asked: Parameters) -> str:
        filters = ec2._parse_filters(asked)
        found = ""
        for id, (region, kind, properties) in self._kept.items():
            tags = {f"tag:{tag['Key']}": tag["Value"] for tag in properties.get("Tags", [])} | {"state": "available"}
            if (region, kind) == (get_region(), prefix) and all(tags.get(key) in of for key, of in filters.items()):
                found += f"<item><{element}Id>{id}</{element}Id><state>available</state></item>"
        plural = "transitGatewaySet" if prefix == "tgw" else "transitGatewayRouteTables"
        return f"<{plural}>{found}</{plural}>"

    def _describe_peerings(self, asked: Parameters) -> str:
        states = ec2._parse_filters(asked).get("state")
        found = "".join(
            _peering(id, each, "item")
            for id, each in self._peerings.items()
            if get_region() in each["regions"] and (states is None or each["state"] in states)
        )
        return f"<transitGatewayPeeringAttachments>{found}</transitGatewayPeeringAttachments>"

    def _ask(self, asked: Parameters) -> str:
        id = f"tgw-attach-0{secrets.token_hex(8)}"
        ends = (_value(asked, "TransitGatewayId"), _value(asked, "PeerTransitGatewayId"))
        for end in ends:
            if end not in self._kept:
                raise RefusalError(
                    "InvalidTransitGatewayID.NotFound", f"Transit Gateway {end} was deleted or is not there"
                )
        regions = (get_region(), _value(asked, "PeerRegion"))
        self._peerings[id] = {"ends": ends, "regions": regions, "state": "pendingAcceptance"}
        return _peering(id, self._peerings[id], "transitGatewayPeeringAttachment")

    def _move(self, asked: Parameters, state: str) -> str:
        id = _value(asked, "TransitGatewayAttachmentId")
        found = self._peerings.get(id)
        if found is None or get_region() not in found["regions"] or found["state"] == OVER:
            raise RefusalError("InvalidTransitGatewayAttachmentID.NotFound", f"there is no attachment {id} here")
        if state == "available" and (found["state"] != "pendingAcceptance" or get_region() != found["regions"][1]):
            raise RefusalError("IncorrectState", f"{id} is in invalid state, or is another region's to accept")
        found["state"] = state
        return _peering(id, found, "transitGatewayPeeringAttachment")

    def _associate(self, asked: Parameters) -> str:
        pair = (_value(asked, "TransitGatewayRouteTableId"), _value(asked, "TransitGatewayAttachmentId"))
        if pair in self._associated:
            raise RefusalError("Resource.AlreadyAssociated", f"{pair[1]} is already associated to a route table")
        self._associated.add(pair)
        return "<association><state>associated</state></association>"

    def _add_route(self, asked: Parameters) -> str:
        if _route(asked) in self._routes:
            raise RefusalError("RouteAlreadyExists", f"route {_route(asked)[1]} already exists")
        return self._replace_route(asked)

    def _replace_route(self, asked: Parameters) -> str:
        self._routes[_route(asked)] = _value(asked, "TransitGatewayAttachmentId")
        return "<route><state>active</state></route>"

    def _delete_route(self, asked: Parameters) -> str:
        if self._routes.pop(_route(asked), None) is None:
            raise RefusalError("InvalidRoute.NotFound", f"route {_route(asked)[1]} does not exist")
        return "<route><state>deleted</state></route>"


def _answering(name: str, action: Callable[[Parameters], str]) -> Callable[[Parameters], Answer]:
    def answered(asked: Parameters) -> Answer:
        try:
            told: Answer = ec2._xml(200, f"{name}Response", action(asked))
        except RefusalError as refusal:
            told = ec2._error(refusal.code, escape(str(refusal)), 400)
        return told

    return answered


def _value(asked: Parameters, name: str) -> str:
    return str(ec2._p(asked, name))


def _route(asked: Parameters) -> tuple[str, str]:
    return _value(asked, "TransitGatewayRouteTableId"), _value(asked, "DestinationCidrBlock")


def _peering(id: str, peering: dict[str, Any], element: str) -> str:
    ends = "".join(
        f"<{side}TgwInfo><transitGatewayId>{gateway}</transitGatewayId><ownerId>{get_account_id()}</ownerId>"
        f"<region>{region}</region></{side}TgwInfo>"
        for side, gateway, region in zip(("requester", "accepter"), peering["ends"], peering["regions"], strict=True)
    )
    told = f"<transitGatewayAttachmentId>{id}</transitGatewayAttachmentId><state>{peering['state']}</state>{ends}"
    return f"<{element}>{told}</{element}>"
