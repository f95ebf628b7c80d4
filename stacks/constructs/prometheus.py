"""A region's Prometheus, managed by AWS: what its clusters' collectors write to and Grafana reads from."""

import json
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_aps as aps
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from failover.topology import Names
from stacks.constructs import constants, observed
from stacks.constructs.prometheus_rules import groups
from stacks.constructs.retention import KEPT
from topology_document.infrastructure.observability import ObjectivesSection, PrometheusSection

GROUP_WAIT_SECONDS: Final = 30
REPEAT_HOURS: Final = 4


class Prometheus(Construct):
    """A workspace under a key of the region, with its rules, whose alerts go to the region's topic.

    Collectors find it by a parameter: the workspace's id is known when it is there, and not before.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        key: kms.IKey,
        prometheus: PrometheusSection,
        objectives: ObjectivesSection,
        told: sns.Topic,
    ) -> None:
        super().__init__(scope, id)
        stack = cdk.Stack.of(self)
        log = logs.LogGroup(
            self,
            "Log",
            # The service writes to groups of this beginning alone.
            log_group_name=f"/aws/vendedlogs/prometheus/lifeboat-{names.topology.name}",
            encryption_key=key,
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.workspace = aps.CfnWorkspace(
            self,
            "Workspace",
            alias=f"lifeboat-{names.topology.name}",
            kms_key_arn=key.key_arn,
            logging_configuration=aps.CfnWorkspace.LoggingConfigurationProperty(log_group_arn=log.log_group_arn),
            workspace_configuration=aps.CfnWorkspace.WorkspaceConfigurationProperty(
                retention_period_in_days=prometheus.kept_days
            ),
            alert_manager_definition=_alert_manager(told, stack.region),
        )
        self.workspace.apply_removal_policy(KEPT)
        # JSON is YAML too.
        aps.CfnRuleGroupsNamespace(
            self,
            "Rules",
            name="lifeboat",
            workspace=self.workspace.attr_arn,
            data=json.dumps(groups(objectives), indent=1),
        )
        ssm.StringParameter(
            self,
            "Endpoint",
            parameter_name=observed.workspace_parameter(names, "endpoint"),
            description="Where collectors write to: this and api/v1/remote_write.",
            string_value=self.workspace.attr_prometheus_endpoint,
        )
        told.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlertsOfPrometheus",
                actions=["sns:Publish", "sns:GetTopicAttributes"],
                principals=[constants.service("aps.amazonaws.com")],
                resources=[told.topic_arn],
                conditions={
                    "ArnEquals": {"aws:SourceArn": self.workspace.attr_arn},
                    "StringEquals": {"aws:SourceAccount": stack.account},
                },
            )
        )


def _alert_manager(told: sns.ITopic, region: str) -> str:
    """Return Alertmanager's configuration: every alert with its region, one message for a service's alerts."""
    people = {
        "topic_arn": told.topic_arn,
        "sigv4": {"region": region},
        "subject": f"{region}: {{{{ .CommonLabels.alertname }}}}",
        "attributes": {"region": region, "severity": "warning"},
    }
    alertmanager = {
        "route": {
            "receiver": "people",
            "group_by": ["alertname", "destination_service_name"],
            "group_wait": f"{GROUP_WAIT_SECONDS}s",
            "repeat_interval": f"{REPEAT_HOURS}h",
        },
        "receivers": [{"name": "people", "sns_configs": [people]}],
    }
    return cdk.Fn.join("", ["alertmanager_config: |\n  ", cdk.Stack.of(told).to_json_string(alertmanager), "\n"])
