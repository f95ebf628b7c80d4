"""A region's network: three zones, each with a public, a private and an isolated subnet."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct


class Network(Construct):
    """The VPC; load balancers are public, compute and functions private, data isolated.

    Each zone has its own NAT gateway: the guard reaches the quorum store through it, so that one gateway
    for all would make the loss of one zone the end of a lease.
    """

    def __init__(self, scope: Construct, id: str, *, cidr: str) -> None:
        super().__init__(scope, id)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(cidr),
            availability_zones=list(cdk.Stack.of(self).availability_zones),
            nat_gateways=3,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC),
                ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
                ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ],
            gateway_endpoints={"S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)},
            # Emptying the default group takes a function of CDK's in every region; nothing here uses the group.
            restrict_default_security_group=False,
        )
        rejected = logs.LogGroup(
            self,
            "RejectedTraffic",
            retention=logs.RetentionDays.TWO_WEEKS,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.vpc.add_flow_log(
            "Rejected",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(rejected),
            traffic_type=ec2.FlowLogTrafficType.REJECT,
        )

    def isolated_subnets(self) -> list[str]:
        """The ids of the subnets that data lives in."""
        return [subnet.subnet_id for subnet in self.vpc.isolated_subnets]

    def security_group(self, scope: Construct, id: str, description: str) -> ec2.SecurityGroup:
        """Return a new security group that lets nothing in."""
        return ec2.SecurityGroup(scope, id, vpc=self.vpc, description=description)

    def closed_security_group(self, scope: Construct, id: str, description: str) -> ec2.SecurityGroup:
        """Return a new security group that lets nothing in or out, for what only answers."""
        return ec2.SecurityGroup(scope, id, vpc=self.vpc, description=description, allow_all_outbound=False)
