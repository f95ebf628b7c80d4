"""A host with Nitro Enclaves, and a key that nothing opens but the enclave images that the document names."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import LOG_KEY_RULES, LOG_WITHOUT_KEY, POLICY_OF_ONE_ROLE, accept
from stacks.constructs import constants, durations
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.security import EnclavesSection

CIDR: Final = "10.255.0.0/24"
"""It is joined to no other network."""

ENDPOINTS: Final = ("kms", "ssm", "ssmmessages", "ec2messages")
IMAGE: Final = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"


class EnclaveHost(Construct):
    """One host in a network without a way out; whoever runs it does not see into its enclaves.

    Anybody may have something encrypted for the enclaves who has the right to. Nobody can have it decrypted: KMS
    answers an enclave whose image has one of the measurements, and encrypts the answer for that enclave alone.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        enclaves: EnclavesSection,
        rotation_days: int,
    ) -> None:
        super().__init__(scope, id)
        product = names.topology.name
        role = iam.Role(
            self,
            "Role",
            assumed_by=constants.service("ec2.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")],
        )
        accept(role, "AWS's own policy for hosts that Session Manager reaches", "AwsSolutions-IAM4")
        kms.Key(
            self,
            "Key",
            alias=f"lifeboat-{product}-enclaves",
            description=f"Lifeboat {product}: what only enclaves read",
            enable_key_rotation=True,
            rotation_period=durations.days(rotation_days),
            removal_policy=KEPT,
            policy=_only_enclaves(names.topology.account, role, enclaves.images),
        )
        network = _closed_network(self)
        group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=network, description="Enclave host: out to endpoints", allow_all_outbound=False
        )
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "HTTPS; nothing but endpoints of AWS is routed")
        template = ec2.LaunchTemplate(
            self,
            "Template",
            instance_type=ec2.InstanceType(enclaves.instance_type),
            machine_image=ec2.MachineImage.from_ssm_parameter(IMAGE),
            role=role,
            security_group=group,
            nitro_enclave_enabled=True,
            user_data=_prepared(),
            require_imdsv2=True,
            http_put_response_hop_limit=1,
            detailed_monitoring=True,
            block_devices=[
                ec2.BlockDevice(
                    device_name="/dev/xvda",
                    volume=ec2.BlockDeviceVolume.ebs(20, encrypted=True, volume_type=ec2.EbsDeviceVolumeType.GP3),
                )
            ],
        )
        host = autoscaling.AutoScalingGroup(
            self,
            "Host",
            vpc=network,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            launch_template=template,
            min_capacity=1,
            max_capacity=1,
        )
        accept(host, "one host that is replaced when it fails; who asks for enclaves notices first", "AwsSolutions-AS3")


def _only_enclaves(account: str, role: iam.IRole, images: list[str]) -> iam.PolicyDocument:
    """Return a policy under which the account administers the key and encrypts by it, and cannot decrypt by it."""
    account_itself = iam.ArnPrincipal(f"arn:aws:iam::{account}:root")
    return iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                sid="Administer",
                principals=[account_itself],
                actions=[
                    "kms:Describe*",
                    "kms:Get*",
                    "kms:List*",
                    "kms:EnableKeyRotation",
                    "kms:RotateKeyOnDemand",
                    "kms:TagResource",
                    "kms:UntagResource",
                    "kms:PutKeyPolicy",
                    "kms:UpdateAlias",
                    "kms:CreateAlias",
                    "kms:DeleteAlias",
                    "kms:ScheduleKeyDeletion",
                    "kms:CancelKeyDeletion",
                ],
                resources=["*"],
            ),
            iam.PolicyStatement(
                sid="Encrypt",
                principals=[account_itself],
                actions=["kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext"],
                resources=["*"],
            ),
            iam.PolicyStatement(
                sid="OpenInside",
                principals=[iam.ArnPrincipal(role.role_arn)],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"StringEqualsIgnoreCase": {"kms:RecipientAttestation:PCR0": images}},
            ),
        ]
    )


def _prepared() -> ec2.UserData:
    """Return what makes the host able to run enclaves; which ones, and when, operators say by Session Manager."""
    prepared = ec2.UserData.for_linux()
    prepared.add_commands(
        "dnf install --assumeyes aws-nitro-enclaves-cli",
        "systemctl enable --now nitro-enclaves-allocator.service nitro-enclaves-vsock-proxy.service",
    )
    return prepared


def _closed_network(scope: Construct) -> ec2.Vpc:
    network = ec2.Vpc(
        scope,
        "Network",
        ip_addresses=ec2.IpAddresses.cidr(CIDR),
        availability_zones=list(cdk.Stack.of(scope).availability_zones),
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=26)
        ],
        restrict_default_security_group=False,
        # Amazon Linux has its packages in S3.
        gateway_endpoints={"S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)},
    )
    doors = ec2.SecurityGroup(
        scope, "Doors", vpc=network, description="Endpoints: HTTPS from the host", allow_all_outbound=False
    )
    doors.add_ingress_rule(ec2.Peer.ipv4(CIDR), ec2.Port.tcp(443), "HTTPS from the host")
    for service in ENDPOINTS:
        network.add_interface_endpoint(
            f"Endpoint-{service}",
            service=ec2.InterfaceVpcEndpointAwsService(service),
            private_dns_enabled=True,
            security_groups=[doors],
            open=False,
        )
    network.add_flow_log("Traffic")
    accept(network, LOG_WITHOUT_KEY, *LOG_KEY_RULES)
    unused = "nothing is in the default group; emptying it takes a function of CDK's"
    accept(network, unused, "NIST.800.53.R5-VPCDefaultSecurityGroupClosed")
    accept(network, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
    return network
