"""The key that encrypts a region's data."""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from constructs import Construct

from failover.topology import Names
from stacks.constructs.retention import KEPT


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
            rotation_period=None if rotation_days is None else cdk.Duration.days(rotation_days),
            removal_policy=KEPT,
        )
