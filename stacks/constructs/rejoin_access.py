"""The right to make a copy that has diverged a replica again: two functions have it, and none may delete."""

from aws_cdk import aws_iam as iam

from failover.topology import Engine, Names
from stacks.constructs.allowing import allow


def grant_rejoin(grantee: iam.IGrantable, names: Names) -> None:
    """Let a function rename an instance, make a replica in its place, and run the rejoining of a host."""
    _grant_rebuild(grantee, names)
    _grant_hosts(grantee, names)


def _grant_rebuild(grantee: iam.IGrantable, names: Names) -> None:
    account = names.topology.account
    copies = [
        names.db_instance_arn(database.name, region)
        for database in names.topology.databases
        if database.engine is Engine.RDS_POSTGRES
        for region in database.regions
    ]
    if not copies:
        return
    kept = [f"{copy}-before-*" for copy in copies]
    # CloudFormation names the groups; the replica takes over those of the instance that it replaces.
    regions = sorted({copy.split(":")[3] for copy in copies})
    groups = [f"arn:aws:rds:{region}:{account}:{kind}:*" for region in regions for kind in ("subgrp", "pg", "og")]
    _allow(grantee, ["rds:DescribeDBInstances", "rds:ModifyDBInstance"], [*copies, *kept])
    _allow(grantee, ["rds:CreateDBInstanceReadReplica", "rds:AddTagsToResource"], [*copies, *groups])
    # RDS itself uses the key, in the name of whoever asks for an encrypted replica.
    allow(
        grantee,
        iam.PolicyStatement(
            actions=["kms:CreateGrant", "kms:DescribeKey"],
            resources=[f"arn:aws:kms:{region}:{account}:key/*" for region in regions],
            conditions={"ForAnyValue:StringEquals": {"kms:ResourceAliases": names.data_key_alias}},
        ),
    )


def _grant_hosts(grantee: iam.IGrantable, names: Names) -> None:
    hosted = [each for each in names.topology.databases if each.engine is Engine.SELF_MANAGED_POSTGRES]
    if not hosted:
        return
    regions = sorted({region for each in hosted for region in each.regions} & set(names.topology.aws_regions))
    if not regions:  # the agent of a site stands on the host itself
        return
    account = names.topology.account
    _allow(grantee, ["ssm:SendCommand"], [f"arn:aws:ssm:{region}::document/AWS-RunShellScript" for region in regions])
    allow(
        grantee,
        iam.PolicyStatement(
            actions=["ssm:SendCommand"],
            resources=[f"arn:aws:ec2:{region}:{account}:instance/*" for region in regions],
            conditions={
                "StringEquals": {
                    "ssm:resourceTag/Name": [
                        names.database_host(each.name, region)
                        for each in hosted
                        for region in each.regions
                        if region in regions
                    ]
                }
            },
        ),
    )
    # These name no resource that a policy could be narrowed to.
    _allow(grantee, ["ssm:ListCommandInvocations"], ["*"])


def _allow(grantee: iam.IGrantable, actions: list[str], resources: list[str]) -> None:
    allow(grantee, iam.PolicyStatement(actions=actions, resources=resources))
