"""The right to keep what an old writer alone has, in its own region's bucket and under one prefix."""

from aws_cdk import aws_iam as iam

from failover.topology import Names
from stacks.constructs.allowing import allow
from stacks.constructs.data_key import data_key_use


def grant_keep_tails(grantee: iam.IGrantable, names: Names, region: str) -> None:
    """Let a function write the tails of the region's databases; it can neither read nor remove one."""
    bucket = names.bucket(region)
    held = [database.name for database in names.topology.databases if region in database.regions]
    files = [f"arn:aws:s3:::{bucket}/{names.tails(name)}*" for name in held]
    allow(grantee, iam.PolicyStatement(actions=["s3:PutObject"], resources=files))
    allow(grantee, data_key_use(names, region, ["kms:GenerateDataKey"], "s3"))
