"""Grafana, managed by AWS: a place for the dashboards, which are code in ``manifests``."""

from typing import Final

from aws_cdk import aws_grafana as grafana
from aws_cdk import aws_iam as iam
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import observed

VERSION: Final = "10.4"
SOURCES: Final = ("PROMETHEUS", "CLOUDWATCH", "XRAY")


class Grafana(Construct):
    """A workspace that people enter by the organisation's single sign-on, and that reads the metrics of its zone."""

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, federated_in: str | None = None
    ) -> None:
        super().__init__(scope, id)
        accept(self, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(self, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        account = names.topology.account
        # A zone's own, and where all regions' sums are: no other zone's pods are looked into.
        places = list(observed.zone_regions(names, names.topology.region(region).zone))
        if federated_in is not None and federated_in not in places:
            places.append(federated_in)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "grafana.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": account},
                    "StringLike": {"aws:SourceArn": f"arn:aws:grafana:{region}:{account}:/workspaces/*"},
                },
            ),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["aps:QueryMetrics", "aps:GetLabels", "aps:GetSeries", "aps:GetMetricMetadata"],
                resources=[f"arn:aws:aps:{each}:{account}:workspace/*" for each in places],
                conditions={"StringEquals": {"aws:ResourceTag/lifeboat:topology": names.topology.name}},
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                # They read, and know no resource.
                actions=[
                    "aps:ListWorkspaces",
                    "cloudwatch:DescribeAlarms",
                    "cloudwatch:GetMetricData",
                    "cloudwatch:ListMetrics",
                    "ec2:DescribeRegions",
                    "tag:GetResources",
                    "xray:BatchGetTraces",
                    "xray:GetGroups",
                    "xray:GetServiceGraph",
                    "xray:GetTraceSummaries",
                ],
                resources=["*"],
            )
        )
        grafana.CfnWorkspace(
            self,
            "Workspace",
            name=f"lifeboat-{names.topology.name}",
            description=f"The dashboards of {names.topology.name}",
            account_access_type="CURRENT_ACCOUNT",
            authentication_providers=["AWS_SSO"],
            permission_type="CUSTOMER_MANAGED",
            role_arn=role.role_arn,
            data_sources=list(SOURCES),
            grafana_version=VERSION,
            plugin_admin_enabled=False,
        )
