"""EC2's transit gateways and the peerings between them."""

from twin.aws.transit_gateways.service import TransitGateways

__all__ = ["TransitGateways"]
