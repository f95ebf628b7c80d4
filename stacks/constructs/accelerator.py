"""A Global Accelerator before the regions' load balancers."""

from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_globalaccelerator as globalaccelerator
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_shield as shield
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import LOG_KEY_RULES, LOG_WITHOUT_KEY, POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import constants, durations
from stacks.constructs.delivery_logs import DeliveryKey, DeliveryLogs
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.delivery import AcceleratorSection

HANDLER: Final = Path(__file__).parent / "load_balancer_handler.py"
ALIAS_ZONE: Final = "Z2BJ6XQ5FK7U4H"
"""The hosted zone of every accelerator's name (AWS General Reference, "Global Accelerator endpoints")."""

LOG_PREFIX: Final = "accelerator"
FULL_DIAL: Final = 100


class Accelerator(Construct):
    """Two addresses everywhere; an endpoint group in each region that is its load balancer.

    Its failover ignores dials, so these say only whose users come on a good day. What it obeys is the health of the
    load balancer, and a group of that follows the lever (``RegionDelivery``).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        settings: AcceleratorSection,
        failures: sqs.IQueue,
        shielded: bool,
    ) -> None:
        super().__init__(scope, id)
        key = DeliveryKey(self, "Key", names=names, layer="accelerator")
        bucket = DeliveryLogs(self, "FlowLogs", days=settings.log_days, key=key)
        accelerator = globalaccelerator.CfnAccelerator(
            self,
            "Accelerator",
            name=f"lifeboat-{names.topology.name}",
            enabled=True,
            ip_address_type="IPV4",
            flow_logs_enabled=True,
            flow_logs_s3_bucket=bucket.bucket_name,
            flow_logs_s3_prefix=LOG_PREFIX,
        )
        if bucket.policy is not None:
            accelerator.node.add_dependency(bucket.policy)
        # Its two addresses are in others' allow lists: with it they are gone for good.
        accelerator.apply_removal_policy(KEPT)
        listener = globalaccelerator.CfnListener(
            self,
            "Listener",
            accelerator_arn=accelerator.attr_accelerator_arn,
            protocol="TCP",
            port_ranges=[
                globalaccelerator.CfnListener.PortRangeProperty(from_port=port, to_port=port) for port in (80, 443)
            ],
            client_affinity="SOURCE_IP" if settings.affinity else "NONE",
        )
        finder = self._finder(failures)
        for region in names.topology.aws_regions:
            self._group(names, region, settings, listener, finder)
        route53.CfnRecordSet(
            self,
            "Record",
            hosted_zone_name=f"{names.topology.domain}.",
            name=f"{names.route(settings.name)}.",
            type="A",
            alias_target=route53.CfnRecordSet.AliasTargetProperty(
                dns_name=accelerator.attr_dns_name, hosted_zone_id=ALIAS_ZONE, evaluate_target_health=False
            ),
        )
        if shielded:
            shield.CfnProtection(
                self,
                "Shield",
                name=f"lifeboat-{names.topology.name}-accelerator",
                resource_arn=accelerator.attr_accelerator_arn,
            )

    def _group(
        self,
        names: Names,
        region: str,
        settings: AcceleratorSection,
        listener: globalaccelerator.CfnListener,
        finder: lambda_.Function,
    ) -> None:
        balancer = cdk.CustomResource(
            self,
            f"Balancer-{region}",
            resource_type="Custom::LoadBalancer",
            service_token=finder.function_arn,
            properties={"Region": region, "Name": names.load_balancer},
        )
        globalaccelerator.CfnEndpointGroup(
            self,
            f"Endpoints-{region}",
            listener_arn=listener.attr_listener_arn,
            endpoint_group_region=region,
            traffic_dial_percentage=settings.dials.get(region, FULL_DIAL),
            endpoint_configurations=[
                globalaccelerator.CfnEndpointGroup.EndpointConfigurationProperty(
                    endpoint_id=balancer.get_att_string("Arn"), client_ip_preservation_enabled=True
                )
            ],
        )

    def _finder(self, failures: sqs.IQueue) -> lambda_.Function:
        role = iam.Role(self, "Role", assumed_by=constants.service("lambda.amazonaws.com"))
        log = logs.LogGroup(
            self, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        log.grant_write(role)
        # Reading only, and this action knows no resources.
        role.add_to_policy(iam.PolicyStatement(actions=["elasticloadbalancing:DescribeLoadBalancers"], resources=["*"]))
        accept(log, LOG_WITHOUT_KEY, *LOG_KEY_RULES)
        accept(role, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        function = lambda_.Function(
            self,
            "FindBalancers",
            description="Finds the regions' load balancers by their names, at deployment.",
            code=lambda_.Code.from_inline(HANDLER.read_text()),
            handler="index.handle",
            runtime=constants.python(),
            architecture=constants.arm(),
            memory_size=256,
            timeout=durations.minutes(1),
            tracing=lambda_.Tracing.ACTIVE,
            role=role,
            log_group=log,
            dead_letter_queue=failures,
        )
        accept(
            function,
            "it runs at deployment alone, asks one interface of AWS, and has the runtime of the other functions",
            "AwsSolutions-L1",
            "Serverless-LambdaLatestVersion",
            "NIST.800.53.R5-LambdaConcurrency",
            "NIST.800.53.R5-LambdaInsideVPC",
            "CKV_AWS_115",
            "CKV_AWS_117",
        )
        return function
