"""What an account is told once in each region, and CloudFormation has no resource for."""

from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs.deployment_function import DeploymentFunction
from stacks.constructs.service_linked_role import service_linked_role
from topology_document.infrastructure.security import SecuritySection
from topology_document.infrastructure.security_words import Service

HANDLER: Final = Path(__file__).parent / "account_settings_handler.py"
INSPECTORS_ROLES: Final = {
    "inspector2.amazonaws.com": "AWSServiceRoleForAmazonInspector2",
    "agentless.inspector2.amazonaws.com": "AWSServiceRoleForAmazonInspector2Agentless",
}
"""Activation makes both, the second for what runs without an agent (Inspector user guide, service-linked roles)."""


class AccountSettings(Construct):
    """New volumes are encrypted, no bucket can be made public, Inspector scans, Macie looks by itself."""

    def __init__(
        self, scope: Construct, id: str, *, names: Names, region: str, security: SecuritySection, failures: sqs.IQueue
    ) -> None:
        super().__init__(scope, id)
        account, provided = names.topology.account, security.provided
        told: dict[str, object] = {"Region": region, "Account": account}
        actions = []
        if Service.ACCOUNT_SETTINGS not in provided:
            told |= {"Volumes": "true", "Buckets": "true"}
            actions += ["ec2:EnableEbsEncryptionByDefault", "s3:PutAccountPublicAccessBlock"]
        if Service.INSPECTOR not in provided and security.detection.scans:
            told["Scanned"] = [each.value for each in security.detection.scans]
            actions.append("inspector2:Enable")
        if security.detection.personal_data and Service.MACIE not in provided:
            told["Discovery"] = "true"
            actions.append("macie2:UpdateAutomatedDiscoveryConfiguration")
        if not actions:
            return
        function = DeploymentFunction(
            self,
            "Say",
            handler=HANDLER,
            description="Tells the account its settings, at deployment.",
            rights=[iam.PolicyStatement(actions=actions, resources=["*"]), *_inspectors_roles(account)],
            failures=failures,
        )
        accept(
            function, "these actions are about the account itself and know no narrower resource", "Lifeboat-Wildcard"
        )
        settings = cdk.CustomResource(
            self,
            "Settings",
            resource_type="Custom::AccountSettings",
            service_token=function.arn,
            properties=told,
        )
        function.before(settings)


def _inspectors_roles(account: str) -> list[iam.PolicyStatement]:
    return [service_linked_role(account, service, name) for service, name in INSPECTORS_ROLES.items()]
