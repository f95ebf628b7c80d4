"""IAM Roles Anywhere for the guards of sites, and the certificate by which their agents know the control plane."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rolesanywhere as rolesanywhere
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from failover.topology import Names, SiteNames
from stacks.acceptance import accept
from stacks.constructs.allowing import allow
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.sites import SitesSection

EXPIRIES: Final = ("CA_CERTIFICATE_EXPIRY", "END_ENTITY_CERTIFICATE_EXPIRY")


class SiteDoor(Construct):
    """A trust anchor on the sites' own authority, a profile with their roles, and the control plane's secret.

    The authority's certificate is read from a parameter when the stack is deployed, and the secret is filled by
    hand: no template has either. ``lifeboat sites certify`` makes both.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, sites: Sequence[str], settings: SitesSection
    ) -> None:
        super().__init__(scope, id)
        own = SiteNames(names.topology)
        authority = ssm.StringParameter.value_for_string_parameter(self, own.authority)
        anchor = rolesanywhere.CfnTrustAnchor(
            self,
            "Authority",
            name=f"lifeboat-{names.topology.name}-sites",
            enabled=True,
            source=rolesanywhere.CfnTrustAnchor.SourceProperty(
                source_type="CERTIFICATE_BUNDLE",
                source_data=rolesanywhere.CfnTrustAnchor.SourceDataProperty(x509_certificate_data=authority),
            ),
            notification_settings=[
                rolesanywhere.CfnTrustAnchor.NotificationSettingProperty(
                    enabled=True, event=event, channel="ALL", threshold=settings.expiry_told_days
                )
                for event in EXPIRIES
            ],
        )
        profile = rolesanywhere.CfnProfile(
            self,
            "Guards",
            name=f"lifeboat-{names.topology.name}-guards",
            enabled=True,
            duration_seconds=settings.session_seconds,
            role_arns=[own.role_arn(site) for site in sites],
        )
        key = kms.Key(
            self,
            "Key",
            alias=own.key_alias.removeprefix("alias/"),
            description=f"Lifeboat {names.topology.name}: what the control plane shows to sites",
            enable_key_rotation=True,
            removal_policy=KEPT,
        )
        certificate = secretsmanager.Secret(
            self,
            "Certificate",
            secret_name=own.secret,
            description="The control plane's certificate for sites' agents, its key, and the sites' authority",
            encryption_key=key,
            removal_policy=KEPT,
        )
        by_hand = "a certificate of an authority whose key is on no machine of AWS: `lifeboat sites certify` renews it"
        accept(certificate, by_hand, "AwsSolutions-SMG4", "NIST.800.53.R5-SecretsManagerRotationEnabled")
        for name, value in (
            ("TrustAnchorArn", anchor.attr_trust_anchor_arn),
            ("ProfileArn", profile.attr_profile_arn),
        ):  # by these names operators find them, and sites' doors.json has them
            cdk.CfnOutput(self, name, value=value).override_logical_id(name)


class SiteAccess:
    """The right to show the control plane's certificate to sites."""

    def __init__(self, names: Names, region: str) -> None:
        self._topology, self._names, self._region = names.topology, SiteNames(names.topology), region
        self._has_sites = len(self._topology.aws_regions) < len(self._topology.regions)

    def grant_ask(self, grantee: iam.IGrantable) -> None:
        """Let a function read the certificate and its key in its own region; nothing where there are no sites."""
        if not self._has_sites:
            return
        account = self._topology.account
        secret = f"arn:aws:secretsmanager:{self._region}:{account}:secret:{self._names.secret}-??????"
        allow(grantee, iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret]))
        allow(
            grantee,
            iam.PolicyStatement(
                actions=["kms:Decrypt"],
                resources=[f"arn:aws:kms:{self._region}:{account}:key/*"],
                conditions={
                    "ForAnyValue:StringEquals": {"kms:ResourceAliases": self._names.key_alias},
                    "StringEquals": {"kms:ViaService": f"secretsmanager.{self._region}.amazonaws.com"},
                },
            ),
        )
