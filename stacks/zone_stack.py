"""The public DNS zone of the topology's domain."""

import aws_cdk as cdk
from aws_cdk import aws_route53 as route53
from constructs import Construct

from failover.topology import Names, Topology
from stacks.layer import LayerStack


class ZoneStack(LayerStack):
    """The hosted zone, apart from the records in it, so that no change of a route can touch the delegation."""

    def __init__(self, scope: Construct, topology: Topology) -> None:
        super().__init__(scope, topology, "zone", Names(topology).home, stateful=True)
        zone = route53.PublicHostedZone(self, "Zone", zone_name=topology.domain)
        zone.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
