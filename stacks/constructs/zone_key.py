"""A residency zone's multi-region key: what the application encrypts in one region it can read in the zone's others."""

from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.deployment_function import DeploymentFunction
from stacks.constructs.retention import KEPT
from stacks.constructs.security_names import SecurityNames

HANDLER: Final = Path(__file__).parent / "zone_key_handler.py"
PENDING_DAYS: Final = 30


class ZoneKey(Construct):
    """The key in the zone's first region, its replica in each other one, under the same alias; in no other zone.

    A replica names the key that it is one of by an id that KMS has drawn, so that its stack has to ask for it: by the
    alias, at deployment, and with no right but that of looking. The replica works without the first region.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: SecurityNames,
        zone: str,
        first: str,
        region: str,
        rotation_days: int,
        failures: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id)
        alias = names.zone_key_alias(zone)
        description = f"Lifeboat {names.names.topology.name}: what the application encrypts in {zone}"
        policy = _policy(names.names.topology.account)
        if region == first:
            key: kms.CfnKey | kms.CfnReplicaKey = kms.CfnKey(
                self,
                "Key",
                description=description,
                multi_region=True,
                enable_key_rotation=True,
                rotation_period_in_days=rotation_days,
                pending_window_in_days=PENDING_DAYS,
                key_policy=policy,
            )
        else:
            key = kms.CfnReplicaKey(
                self,
                "Replica",
                description=description,
                primary_key_arn=self._first_key(names, alias, first, failures),
                pending_window_in_days=PENDING_DAYS,
                key_policy=policy,
            )
        key.apply_removal_policy(KEPT)
        kms.CfnAlias(self, "Alias", alias_name=alias, target_key_id=key.attr_key_id)

    def _first_key(self, names: SecurityNames, alias: str, first: str, failures: sqs.IQueue) -> str:
        function = DeploymentFunction(
            self,
            "Find",
            handler=HANDLER,
            description="Finds the zone's key by its alias, at deployment.",
            rights=[
                iam.PolicyStatement(
                    actions=["kms:DescribeKey"],
                    resources=[f"arn:aws:kms:{first}:{names.names.topology.account}:key/*"],
                    conditions={"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}},
                )
            ],
            failures=failures,
        )
        found = cdk.CustomResource(
            self,
            "First",
            resource_type="Custom::ZoneKey",
            service_token=function.arn,
            properties={"Alias": alias, "Region": first},
        )
        function.before(found)
        return found.get_att_string("Arn")


def _policy(account: str) -> iam.PolicyDocument:
    """Return the policy by which the account's own IAM policies say who may use it."""
    return iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                principals=[iam.ArnPrincipal(f"arn:aws:iam::{account}:root")], actions=["kms:*"], resources=["*"]
            )
        ]
    )
