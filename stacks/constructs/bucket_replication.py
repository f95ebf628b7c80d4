"""The replication rules between the regions' buckets, put on when all the buckets are there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.topology import Names, replicas_of
from stacks.acceptance import LOG_KEY_RULES, LOG_WITHOUT_KEY, POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import constants, durations
from stacks.constructs.copying import TIME_CONTROL_MINUTES, Copying

HANDLER: Final = Path(__file__).parent / "bucket_replication_handler.py"


class BucketReplication(Construct):
    """One custom resource per bucket, in the layer that is deployed last.

    Both directions cannot be declared on the buckets themselves, since each would have to exist before
    the other. It runs at deployment and never while failing over. Without ``declared`` the buckets are those
    that each region has by itself.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        failures: sqs.IQueue,
        declared: Sequence[Copying] | None = None,
    ) -> None:
        super().__init__(scope, id)
        wanted = _own(names) if declared is None else {f"{each.bucket}-{each.region}": _said(each) for each in declared}
        copied = {key: told for key, told in wanted.items() if told["Destinations"]}
        if not copied:
            return
        function = self._function(
            failures,
            buckets=[f"arn:aws:s3:::{told['Bucket']}" for told in copied.values()],
            roles=[told["Role"] for told in copied.values()],
        )
        for key, told in copied.items():
            cdk.CustomResource(
                self,
                key,
                resource_type="Custom::BucketReplication",
                service_token=function.function_arn,
                properties=told,
            )

    def _function(self, failures: sqs.IQueue, *, buckets: list[str], roles: list[str]) -> lambda_.Function:
        role = iam.Role(self, "Role", assumed_by=constants.service("lambda.amazonaws.com"))
        log = logs.LogGroup(
            self, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        log.grant_write(role)
        role.add_to_policy(iam.PolicyStatement(actions=["s3:PutReplicationConfiguration"], resources=buckets))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=roles,
                conditions={"StringEquals": {"iam:PassedToService": "s3.amazonaws.com"}},
            )
        )
        function = lambda_.Function(
            self,
            "PutRules",
            description="Puts the replication rules on the buckets, at deployment.",
            code=lambda_.Code.from_inline(HANDLER.read_text()),
            handler="index.handle",
            runtime=constants.python(),
            architecture=constants.arm(),
            timeout=durations.minutes(2),
            tracing=lambda_.Tracing.ACTIVE,
            role=role,
            log_group=log,
            dead_letter_queue=failures,
        )
        accept(log, LOG_WITHOUT_KEY, *LOG_KEY_RULES)
        accept(role, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        runtime = "the runtime that the bundled functions have, and are tested on"
        accept(function, runtime, "AwsSolutions-L1", "Serverless-LambdaLatestVersion")
        accept(function, "it asks S3 alone, at deployment", "NIST.800.53.R5-LambdaInsideVPC", "CKV_AWS_117")
        accept(function, "CloudFormation calls it once at a time", "NIST.800.53.R5-LambdaConcurrency", "CKV_AWS_115")
        accept(function, "the least memory is enough for one call", "Serverless-LambdaDefaultMemorySize")
        return function


def _own(names: Names) -> dict[str, dict[str, Any]]:
    """Return what the region's own buckets are told: everything goes to every other region of the zone."""
    account = names.topology.account
    return {
        region: {
            "Region": region,
            "Bucket": names.bucket(region),
            "Role": f"arn:aws:iam::{account}:role/{names.replication_role(region)}",
            "Destinations": [
                {
                    "Id": replica,
                    "Bucket": f"arn:aws:s3:::{names.bucket(replica)}",
                    "Key": names.data_key_alias_arn(replica),
                }
                for replica in replicas_of(names.topology, region)
            ],
        }
        for region in names.topology.region_names
    }


def _said(copying: Copying) -> dict[str, Any]:
    """Return what a declared bucket is told. S3's highest priority is the greatest number."""
    names, rules = copying.names, copying.rules
    return {
        "Region": copying.region,
        "Bucket": names.bucket(copying.bucket, copying.region),
        "Role": names.copying_role_arn(copying.bucket, copying.region),
        "Destinations": [
            {
                "Rule": rule.id,
                "Priority": len(rules) - at,
                "Prefix": rule.prefix,
                "Bucket": names.bucket_arn(copying.bucket, rule.region),
                "Key": names.names.data_key_alias_arn(rule.region),
                **({"Minutes": TIME_CONTROL_MINUTES} if rule.timed else {}),
            }
            for at, rule in enumerate(rules)
        ],
    }
