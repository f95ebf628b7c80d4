"""One host of a self-managed server: an instance whose address and disk outlive it."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.acceptance import accept
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.compute import is_arm

IMAGE = "/aws/service/canonical/ubuntu/server/24.04/stable/current/{}/hvm/ebs-gp3/ami-id"
"""Canonical's own parameter; Systems Manager's agent is part of the image."""

ROOT_GIB = 30


class DatabaseHost(Construct):
    """An EC2 instance under a launch template, its network interface, and its data volume, which is kept.

    The image is looked up when an instance is launched and stands in no template: a new image replaces no server.
    The instance names the template's first version, so that a change of the template replaces none either; who wants
    the new image launches the host anew by hand.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        instance_type: str,
        storage_gib: int,
        subnet: ec2.ISubnet,
        group: ec2.ISecurityGroup,
        profile: iam.CfnInstanceProfile,
        key: kms.IKey,
    ) -> None:
        super().__init__(scope, id)
        tags = [cdk.CfnTag(key="Name", value=name)]
        interface = ec2.CfnNetworkInterface(
            self,
            "Interface",
            subnet_id=subnet.subnet_id,
            group_set=[group.security_group_id],
            description=f"{name}: the address stays when the instance goes",
            tags=tags,
        )
        self.address = interface.attr_primary_private_ip_address
        volume = ec2.CfnVolume(
            self,
            "Data",
            availability_zone=subnet.availability_zone,
            size=storage_gib,
            volume_type="gp3",
            encrypted=True,
            kms_key_id=key.key_arn,
            tags=tags,
        )
        volume.apply_removal_policy(KEPT)
        archived = "pgBackRest keeps base backups and each change in the region's bucket: a disk's snapshot is older"
        accept(volume, archived, "NIST.800.53.R5-EC2EBSInBackupPlan")
        self.volume = volume.ref
        template = self._template(name, instance_type, profile, key)
        instance = ec2.CfnInstance(
            self,
            "Instance",
            launch_template=ec2.CfnInstance.LaunchTemplateSpecificationProperty(
                launch_template_id=template.ref, version="1"
            ),
            network_interfaces=[
                ec2.CfnInstance.NetworkInterfaceProperty(device_index="0", network_interface_id=interface.ref)
            ],
            iam_instance_profile=profile.ref,
            disable_api_termination=True,
            monitoring=True,
            tags=tags,
        )
        accept(instance, "its network interface is in the network's subnet", "NIST.800.53.R5-EC2InstancesInVPC")
        instance.apply_removal_policy(KEPT)
        self.instance = instance.ref
        ec2.CfnVolumeAttachment(self, "Attachment", device="/dev/sdf", instance_id=instance.ref, volume_id=volume.ref)

    def _template(
        self, name: str, instance_type: str, profile: iam.CfnInstanceProfile, key: kms.IKey
    ) -> ec2.CfnLaunchTemplate:
        told = ec2.CfnLaunchTemplate
        return ec2.CfnLaunchTemplate(
            self,
            "Template",
            launch_template_data=told.LaunchTemplateDataProperty(
                image_id=f"resolve:ssm:{IMAGE.format('arm64' if is_arm(instance_type) else 'amd64')}",
                instance_type=instance_type,
                iam_instance_profile=told.IamInstanceProfileProperty(arn=profile.attr_arn),
                ebs_optimized=True,
                monitoring=told.MonitoringProperty(enabled=True),
                disable_api_termination=True,
                # A machine that fails is moved to another by EC2, with its address and its disks.
                maintenance_options=told.MaintenanceOptionsProperty(auto_recovery="default"),
                metadata_options=told.MetadataOptionsProperty(
                    http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
                ),
                block_device_mappings=[
                    told.BlockDeviceMappingProperty(
                        device_name="/dev/sda1",
                        ebs=told.EbsProperty(
                            volume_size=ROOT_GIB,
                            volume_type="gp3",
                            encrypted=True,
                            kms_key_id=key.key_arn,
                            delete_on_termination=True,
                        ),
                    )
                ],
                tag_specifications=[
                    told.TagSpecificationProperty(resource_type="volume", tags=[cdk.CfnTag(key="Name", value=name)])
                ],
            ),
        )
