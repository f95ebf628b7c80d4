"""A region's transit gateway: the hub that its own network hangs on, and that the peerings lead to."""

import ipaddress
from typing import Final

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from failover.topology import Names, Topology
from stacks.constructs.network import Network
from topology_document.infrastructure.network import Reach, TransitSection
from topology_document.ties import peers_of

PLACE: Final = "lifeboat:place"
"""The tag that peerings are made by: the id of a gateway is its own stack's to know, its product and region are not."""


class Transit(Construct):
    """Gateway, route table, the network's attachment in every zone, and routes from each subnet to the other regions.

    The routes lead to the region's own gateway alone, so that this stack waits for no other; until the peering is there
    the gateway drops what is sent to another region. Neither accepts nor propagates the gateway anything by itself:
    every route is written down, here or by ``stacks.constructs.transit_peerings``.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, network: Network, settings: TransitSection
    ) -> None:
        super().__init__(scope, id)
        topology = names.topology
        place = {"key": PLACE, "value": place_of(topology, region)}
        gateway = ec2.CfnTransitGateway(
            self,
            "Gateway",
            description=f"Lifeboat {topology.name}: the other regions",
            amazon_side_asn=settings.asns[region],
            auto_accept_shared_attachments="disable",
            default_route_table_association="disable",
            default_route_table_propagation="disable",
            dns_support="enable",
            vpn_ecmp_support="disable",
            tags=[place],
        )
        attachment = ec2.CfnTransitGatewayVpcAttachment(
            self,
            "Attachment",
            transit_gateway_id=gateway.attr_id,
            vpc_id=network.vpc.vpc_id,
            subnet_ids=[subnet.subnet_id for subnet in network.vpc.private_subnets],
            options={"DnsSupport": "enable", "ApplianceModeSupport": "disable", "Ipv6Support": "disable"},
        )
        table = ec2.CfnTransitGatewayRouteTable(self, "Routes", transit_gateway_id=gateway.attr_id, tags=[place])
        ec2.CfnTransitGatewayRouteTableAssociation(
            self,
            "Association",
            transit_gateway_attachment_id=attachment.attr_id,
            transit_gateway_route_table_id=table.ref,
        )
        ec2.CfnTransitGatewayRoute(
            self,
            "Home",
            transit_gateway_route_table_id=table.ref,
            destination_cidr_block=topology.region(region).cidr,
            transit_gateway_attachment_id=attachment.attr_id,
        )
        for kind, subnets in (("Private", network.vpc.private_subnets), ("Isolated", network.vpc.isolated_subnets)):
            for zone, subnet in enumerate(subnets, start=1):
                for peer in peers_of(topology, region, settings.reach):
                    route = ec2.CfnRoute(
                        self,
                        f"{kind}{zone}To-{peer}",
                        route_table_id=subnet.route_table.route_table_id,
                        destination_cidr_block=str(ipaddress.IPv4Network(topology.region(peer).cidr)),
                        transit_gateway_id=gateway.attr_id,
                    )
                    route.add_resource_dependency(attachment)


def place_of(topology: Topology, region: str) -> str:
    """Return what a region's gateway and its route table are tagged with."""
    return f"{topology.name}/{region}"


def pairs_of(topology: Topology, reach: Reach) -> list[tuple[str, str]]:
    """Return each two regions that are tied, once, the one that asks for the peering first."""
    order = [each.name for each in topology.regions]
    return [
        (one, other)
        for one in order
        for other in peers_of(topology, one, reach)
        if order.index(one) < order.index(other)
    ]
