"""AWS Config in one region: what there is and was, held against the rules of the laws that apply there."""

import json
from collections.abc import Sequence

from aws_cdk import aws_config as config
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs.law_rules import rules_of
from stacks.constructs.record_key import RecordKey
from stacks.constructs.security_names import SecurityNames
from topology_document.infrastructure.security_words import Law

DELIVERIES = "Config/AWSLogs"


class Compliance(Construct):
    """Recorder, delivery, a conformance pack for each law, and where all regions are seen an aggregator."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: SecurityNames,
        bucket: s3.Bucket,
        key: RecordKey,
        laws: Sequence[Law],
        collected: Sequence[str],
        whole_account: bool,
    ) -> None:
        """``collected`` are all regions, in the one that shows them; ``whole_account`` records IAM as well."""
        super().__init__(scope, id)
        product = f"lifeboat-{names.names.topology.name}"
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "config.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": names.names.topology.account}}
            ),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWS_ConfigRole")],
        )
        accept(
            role, "AWS keeps the list of what there is to describe, as new kinds of resources come", "AwsSolutions-IAM4"
        )
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        accept(role, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        granted = bucket.grant_put(role, f"{DELIVERIES}/{names.names.topology.account}/Config/*")
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[role],
                actions=["s3:GetBucketAcl", "s3:ListBucket"],
                resources=[bucket.bucket_arn],
            )
        )
        recorder = config.CfnConfigurationRecorder(
            self,
            "Recorder",
            name=product,
            role_arn=role.role_arn,
            recording_group=config.CfnConfigurationRecorder.RecordingGroupProperty(
                all_supported=True, include_global_resource_types=whole_account
            ),
        )
        delivery = config.CfnDeliveryChannel(
            self,
            "Delivery",
            name=product,
            s3_bucket_name=bucket.bucket_name,
            s3_key_prefix="Config",
            s3_kms_key_arn=key.key_arn,
            config_snapshot_delivery_properties=config.CfnDeliveryChannel.ConfigSnapshotDeliveryPropertiesProperty(
                delivery_frequency="TwentyFour_Hours"
            ),
        )
        granted.apply_before(delivery)
        for law in laws:
            pack = config.CfnConformancePack(
                self, f"Pack-{law.value}", conformance_pack_name=names.pack(law.value), template_body=_pack(law)
            )
            pack.node.add_dependency(recorder)
            pack.node.add_dependency(delivery)
        if collected:
            config.CfnConfigurationAggregator(
                self,
                "AllRegions",
                configuration_aggregator_name=product,
                account_aggregation_sources=[
                    config.CfnConfigurationAggregator.AccountAggregationSourceProperty(
                        account_ids=[names.names.topology.account], aws_regions=list(collected)
                    )
                ],
            )


def _pack(law: Law) -> str:
    """Return the pack's template; CloudFormation takes JSON for YAML."""
    rules = {
        "".join(part.title() for part in rule.split("_")): {
            "Type": "AWS::Config::ConfigRule",
            "Properties": {
                "ConfigRuleName": f"{law.value.lower()}-{rule.lower().replace('_', '-')}",
                "Description": f"{law.value}: {'; '.join(passages)}"[:256],
                "Source": {"Owner": "AWS", "SourceIdentifier": rule},
            },
        }
        for rule, passages in rules_of(law).items()
    }
    return json.dumps({"Resources": rules}, indent=1)
