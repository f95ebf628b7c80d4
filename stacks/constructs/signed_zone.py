"""DNSSEC for a hosted zone: the key that signs its keys, and the alarms without which nobody should have it."""

from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Names
from stacks.constructs import durations
from stacks.constructs.retention import KEPT

SIGNER: Final = "dnssec-route53.amazonaws.com"
TROUBLES: Final = {
    "DNSSECInternalFailure": "Route 53 cannot sign the zone.",
    "DNSSECKeySigningKeysNeedingAction": "Route 53 cannot use the key that signs the zone's keys.",
}
"""Metrics that are 1 while there is trouble. A zone with a DS record that is not signed right is answered by nobody."""


class SignedZone(Construct):
    """Signs the zone. The parent zone gets its DS record from an operator, when all is seen to be signed."""

    def __init__(
        self, scope: Construct, id: str, *, names: Names, zone: route53.PublicHostedZone, told: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        key = kms.Key(
            self,
            "Key",
            alias=f"lifeboat-{names.topology.name}-dnssec",
            description=f"Lifeboat {names.topology.name}: signs the keys of {names.topology.domain}",
            # The one that Route 53 takes, in us-east-1 (Route 53, "Working with customer managed keys for DNSSEC").
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=KEPT,
        )
        _let_sign(key, names.topology.account)
        signing = route53.CfnKeySigningKey(
            self,
            "SigningKey",
            hosted_zone_id=zone.hosted_zone_id,
            key_management_service_arn=key.key_arn,
            name=f"lifeboat_{names.topology.name.replace('-', '_')}",
            status="ACTIVE",
        )
        signing.apply_removal_policy(KEPT)
        signed = route53.CfnDNSSEC(self, "Signing", hosted_zone_id=zone.hosted_zone_id)
        # Taken away while the parent zone has a DS record, the domain is gone for everybody who checks.
        signed.apply_removal_policy(KEPT)
        signed.add_resource_dependency(signing)
        for metric, description in TROUBLES.items():
            self._alarm(names, metric, description, zone, told)

    def _alarm(
        self, names: Names, metric: str, description: str, zone: route53.PublicHostedZone, told: sns.ITopic
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            metric,
            alarm_name=f"lifeboat-{names.topology.name}-{metric}",
            alarm_description=description,
            metric=cloudwatch.Metric(
                namespace="AWS/Route53",
                metric_name=metric,
                dimensions_map={"HostedZoneId": zone.hosted_zone_id},
                statistic="Maximum",
                # Route 53 says it every four hours ("Monitoring hosted zones using CloudWatch").
                period=durations.hours(4),
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
        )
        alarm.add_alarm_action(actions.SnsAction(told))


def _let_sign(key: kms.Key, account: str) -> None:
    signer, ours = iam.ServicePrincipal(SIGNER), {"StringEquals": {"aws:SourceAccount": account}}
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="SignTheZone",
            principals=[signer],
            actions=["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"],
            resources=["*"],  # of a key's policy this is the key itself
            conditions={**ours, "ArnLike": {"aws:SourceArn": "arn:aws:route53:::hostedzone/*"}},
        )
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="GrantWhatItNeeds",
            principals=[signer],
            actions=["kms:CreateGrant"],
            resources=["*"],
            conditions={"Bool": {"kms:GrantIsForAWSResource": True}},
        )
    )
