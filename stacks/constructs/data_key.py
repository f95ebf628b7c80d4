"""The key that encrypts a region's data."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from failover.topology import Names
from stacks.constructs import durations
from stacks.constructs.retention import KEPT

READ_TABLES: Final = ("kms:Decrypt", "kms:DescribeKey")
WRITE_TABLES: Final = (*READ_TABLES, "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
"""What DynamoDB asks of the key in the caller's name; the CDK's own grants on a table give the same."""


class DataKey(kms.Key):
    """One key per region, since a replica in another region must not need the key of the lost one."""

    def __init__(self, scope: Construct, id: str, *, names: Names, rotation_days: int | None = None) -> None:
        """``rotation_days``: how often KMS makes it new; each year unless told."""
        super().__init__(
            scope,
            id,
            alias=names.data_key_alias.removeprefix("alias/"),
            description=f"Lifeboat {names.topology.name}: data of this region",
            enable_key_rotation=True,
            rotation_period=None if rotation_days is None else durations.days(rotation_days),
            removal_policy=KEPT,
        )


def data_key_use(names: Names, region: str, actions: Sequence[str], service: str) -> iam.PolicyStatement:
    """Return the right to use a region's key by way of one service; the key is known by its alias alone."""
    return iam.PolicyStatement(
        actions=list(actions),
        resources=[f"arn:aws:kms:{region}:{names.topology.account}:key/*"],
        conditions={
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": names.data_key_alias},
            "StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com"},
        },
    )
