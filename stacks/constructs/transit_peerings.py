"""The ties between the regions' transit gateways, made when all the gateways are there."""

from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.topology import Topology
from stacks.acceptance import LOG_KEY_RULES, LOG_WITHOUT_KEY, POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import constants, durations
from stacks.constructs.transit import PLACE, pairs_of, place_of
from topology_document.infrastructure.network import TransitSection

HANDLER: Final = Path(__file__).parent / "transit_peering_handler.py"


class TransitPeerings(Construct):
    """One custom resource per pair of regions.

    CloudFormation can ask for a peering, by the id of a gateway of another region's stack, and cannot accept one:
    ``docs/adr/0016`` says why a function of ours does both, by tag. It runs at deployment and never while failing over.
    """

    def __init__(
        self, scope: Construct, id: str, *, topology: Topology, settings: TransitSection, failures: sqs.IQueue
    ) -> None:
        super().__init__(scope, id)
        pairs = pairs_of(topology, settings.reach)
        function = self._function(topology, sorted({region for pair in pairs for region in pair}), failures)
        for pair in pairs:
            ends = [
                {
                    "Region": region,
                    "Account": topology.account,
                    "Place": place_of(topology, region),
                    "Cidr": topology.region(region).cidr,
                    # A gateway of another number is another gateway, whose peerings are made anew.
                    "Asn": str(settings.asns[region]),
                }
                for region in pair
            ]
            cdk.CustomResource(
                self,
                "-".join(pair),
                resource_type="Custom::TransitPeering",
                service_token=function.function_arn,
                service_timeout=durations.minutes(16),
                properties={"Ends": ends},
            )

    def _function(self, topology: Topology, regions: list[str], failures: sqs.IQueue) -> lambda_.Function:
        role = iam.Role(self, "Role", assumed_by=constants.service("lambda.amazonaws.com"))
        log = logs.LogGroup(
            self, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        log.grant_write(role)
        for statement in _rights(topology, regions):
            role.add_to_policy(statement)
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        accept(role, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(log, LOG_WITHOUT_KEY, *LOG_KEY_RULES)
        function = lambda_.Function(
            self,
            "Tie",
            description="Peers the regions' transit gateways and writes their routes, at deployment.",
            code=lambda_.Code.from_inline(HANDLER.read_text()),
            handler="index.handle",
            runtime=constants.python(),
            architecture=constants.arm(),
            memory_size=256,
            timeout=durations.minutes(15),
            tracing=lambda_.Tracing.ACTIVE,
            role=role,
            log_group=log,
            dead_letter_queue=failures,
        )
        runtime = "of the same version as all the others, which AWS patches until 2029"
        accept(function, runtime, "AwsSolutions-L1", "Serverless-LambdaLatestVersion")
        accept(function, "it asks EC2 alone, at deployment", "NIST.800.53.R5-LambdaInsideVPC", "CKV_AWS_117")
        once = "CloudFormation calls it once for each pair, at deployment"
        accept(function, once, "NIST.800.53.R5-LambdaConcurrency", "CKV_AWS_115")
        return function


def _rights(topology: Topology, regions: list[str]) -> list[iam.PolicyStatement]:
    """Return the rights to tie the product's own gateways; an attachment has no tag of ours on its accepting side."""
    places = [place_of(topology, region) for region in regions]

    def arns(kind: str) -> list[str]:
        return [f"arn:aws:ec2:{region}:{topology.account}:{kind}/*" for region in regions]

    gateways, tables = arns("transit-gateway"), arns("transit-gateway-route-table")
    attachments = arns("transit-gateway-attachment")
    return [
        iam.PolicyStatement(
            actions=[
                "ec2:DescribeTransitGateways",
                "ec2:DescribeTransitGatewayRouteTables",
                "ec2:DescribeTransitGatewayPeeringAttachments",
            ],
            resources=["*"],  # EC2 describes by no narrower resource
        ),
        iam.PolicyStatement(
            actions=[
                "ec2:CreateTransitGatewayPeeringAttachment",
                "ec2:AssociateTransitGatewayRouteTable",
                "ec2:CreateTransitGatewayRoute",
                "ec2:ReplaceTransitGatewayRoute",
                "ec2:DeleteTransitGatewayRoute",
            ],
            resources=[*gateways, *tables],
            conditions={"StringEquals": {f"aws:ResourceTag/{PLACE}": places}},
        ),
        iam.PolicyStatement(
            actions=[
                "ec2:CreateTransitGatewayPeeringAttachment",
                "ec2:AcceptTransitGatewayPeeringAttachment",
                "ec2:DeleteTransitGatewayPeeringAttachment",
                "ec2:AssociateTransitGatewayRouteTable",
                "ec2:CreateTransitGatewayRoute",
                "ec2:ReplaceTransitGatewayRoute",
            ],
            resources=attachments,
        ),
    ]
