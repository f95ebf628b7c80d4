"""A region's network: three zones, each with a public, a private and an isolated subnet."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.acceptance import LOG_KEY_RULES, LOG_WITHOUT_KEY, POLICY_OF_ONE_ROLE, accept
from stacks.constructs.kept_log import let_logs_use
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.network import Nat, NetworkSection, Traffic

ZONES: Final = 3


class Network(Construct):
    """The VPC; load balancers are public, compute and functions private, data isolated.

    Each zone has its own NAT gateway: the guard reaches the quorum store through it, so that one gateway
    for all would make the loss of one zone the end of a lease. A document may ask for a single one, and is warned.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        cidr: str,
        settings: NetworkSection | None = None,
        key: kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, id)
        gateways = {"S3": ec2.GatewayVpcEndpointAwsService.S3}
        if settings is not None:
            gateways["DynamoDb"] = ec2.GatewayVpcEndpointAwsService.DYNAMODB
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(cidr),
            availability_zones=list(cdk.Stack.of(self).availability_zones),
            nat_gateways=1 if settings is not None and settings.nat is Nat.ONE else ZONES,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Public",
                    subnet_type=ec2.SubnetType.PUBLIC,
                    map_public_ip_on_launch=None if settings is None else False,
                ),
                ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
                ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ],
            gateway_endpoints={
                name: ec2.GatewayVpcEndpointOptions(service=service) for name, service in gateways.items()
            },
            # Emptying the default group takes a function of CDK's in every region; nothing here uses the group.
            restrict_default_security_group=False,
        )
        _accept(self.vpc)
        if settings is None:
            self._rejected_traffic()
        else:
            self._flow_logs(settings, key)
            self._endpoints(settings, cidr)

    def isolated_subnets(self) -> list[str]:
        """The ids of the subnets that data lives in."""
        return [subnet.subnet_id for subnet in self.vpc.isolated_subnets]

    def security_group(self, scope: Construct, id: str, description: str) -> ec2.SecurityGroup:
        """Return a new security group that lets nothing in."""
        return ec2.SecurityGroup(scope, id, vpc=self.vpc, description=description)

    def closed_security_group(self, scope: Construct, id: str, description: str) -> ec2.SecurityGroup:
        """Return a new security group that lets nothing in or out, for what only answers."""
        return ec2.SecurityGroup(scope, id, vpc=self.vpc, description=description, allow_all_outbound=False)

    def _rejected_traffic(self) -> None:
        why = "who says nothing of networks has the first form of them: only load balancers and NAT gateways are there"
        accept(self.vpc, why, "NIST.800.53.R5-VPCSubnetAutoAssignPublicIpDisabled")
        rejected = logs.LogGroup(
            self,
            "RejectedTraffic",
            retention=logs.RetentionDays.TWO_WEEKS,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        accept(rejected, LOG_WITHOUT_KEY, *LOG_KEY_RULES)
        self.vpc.add_flow_log(
            "Rejected",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(rejected),
            traffic_type=ec2.FlowLogTrafficType.REJECT,
        )

    def _flow_logs(self, settings: NetworkSection, key: kms.IKey | None) -> None:
        group = logs.LogGroup(self, "Traffic", encryption_key=key, removal_policy=KEPT)
        told = group.node.default_child
        assert isinstance(told, logs.CfnLogGroup)
        # The number is the document's; the construct takes names of numbers.
        told.retention_in_days = settings.log_days
        if key is not None:
            let_logs_use(key, cdk.Stack.of(self))
        every = settings.flow_logs is Traffic.ALL
        self.vpc.add_flow_log(
            "FlowLog",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(group),
            traffic_type=ec2.FlowLogTrafficType.ALL if every else ec2.FlowLogTrafficType.REJECT,
            max_aggregation_interval=ec2.FlowLogMaxAggregationInterval.ONE_MINUTE,
        )

    def _endpoints(self, settings: NetworkSection, cidr: str) -> None:
        if not settings.endpoints:
            return
        doors = self.closed_security_group(self, "EndpointDoors", "Interface endpoints: HTTPS from inside the network")
        doors.add_ingress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(443), "HTTPS from inside the network")
        for service in sorted(set(settings.endpoints)):
            self.vpc.add_interface_endpoint(
                f"Endpoint-{service.value}",
                service=ec2.InterfaceVpcEndpointAwsService(service.value),
                private_dns_enabled=True,
                subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
                security_groups=[doors],
                open=False,
            )


def _accept(vpc: ec2.Vpc) -> None:
    why = "to empty it takes a function of CDK's in every region; nothing uses it, and what would, reaches itself alone"
    accept(vpc, why, "NIST.800.53.R5-VPCDefaultSecurityGroupClosed")
    why = "that is what makes a subnet public: load balancers and NAT gateways are in it, and nothing else"
    accept(vpc, why, "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW")
    accept(vpc, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
