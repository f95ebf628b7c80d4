"""The public DNS zone of the topology's domain."""

from aws_cdk import aws_route53 as route53
from aws_cdk import aws_shield as shield
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from failover.topology import Names, Topology
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.retention import KEPT
from stacks.constructs.signed_zone import SignedZone
from stacks.layer import LayerStack
from topology_document import NOTHING, Infrastructure


class ZoneStack(LayerStack):
    """The hosted zone, apart from the records in it, so that no change of a route can touch the delegation."""

    def __init__(self, scope: Construct, topology: Topology, infrastructure: Infrastructure = NOTHING) -> None:
        super().__init__(scope, topology, "zone", Names(topology).home, stateful=True)
        zone = route53.PublicHostedZone(self, "Zone", zone_name=topology.domain)
        zone.apply_removal_policy(KEPT)
        delivery = infrastructure.delivery
        if delivery is not None and delivery.dnssec:
            SignedZone(self, "Dnssec", names=self.names, zone=zone, told=AlarmTopic(self, "Alarms"))
        if delivery is not None and delivery.shield_advanced:
            arn = f"arn:aws:route53:::hostedzone/{zone.hosted_zone_id}"
            shield.CfnProtection(self, "Shield", name=f"lifeboat-{topology.name}-zone", resource_arn=arn)
        if any(steering.weights for steering in infrastructure.steering.values()):
            # Whoever changes weights must name the zone by its id; no other stack needs to.
            ssm.StringParameter(self, "Id", parameter_name=zone_parameter(self.names), string_value=zone.hosted_zone_id)


def zone_parameter(names: Names) -> str:
    """The parameter with the hosted zone's id, in the region of the global layer."""
    return f"/lifeboat/{names.topology.name}/zone"
