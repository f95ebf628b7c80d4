"""The replication rules between the regions' buckets, put on when all the buckets are there."""

from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from failover.topology import Names, replicas_of

HANDLER: Final = Path(__file__).parent / "bucket_replication_handler.py"


class BucketReplication(Construct):
    """One custom resource per bucket, in the layer that is deployed last.

    Both directions cannot be declared on the buckets themselves, since each would have to exist before
    the other. It runs at deployment and never while failing over.
    """

    def __init__(self, scope: Construct, id: str, *, names: Names, failures: sqs.IQueue) -> None:
        super().__init__(scope, id)
        topology = names.topology
        places = {region: replicas_of(topology, region) for region in topology.region_names}
        copied = {region: replicas for region, replicas in places.items() if replicas}
        if not copied:
            return
        function = self._function(names, failures, list(copied))
        for region, replicas in copied.items():
            cdk.CustomResource(
                self,
                region,
                resource_type="Custom::BucketReplication",
                service_token=function.function_arn,
                properties={
                    "Region": region,
                    "Bucket": names.bucket(region),
                    "Role": _role_arn(names, region),
                    "Destinations": [
                        {
                            "Id": replica,
                            "Bucket": f"arn:aws:s3:::{names.bucket(replica)}",
                            "Key": names.data_key_alias_arn(replica),
                        }
                        for replica in replicas
                    ],
                },
            )

    def _function(self, names: Names, failures: sqs.IQueue, regions: list[str]) -> lambda_.Function:
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log = logs.LogGroup(
            self, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        log.grant_write(role)
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:PutReplicationConfiguration"],
                resources=[f"arn:aws:s3:::{names.bucket(region)}" for region in regions],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[_role_arn(names, region) for region in regions],
                conditions={"StringEquals": {"iam:PassedToService": "s3.amazonaws.com"}},
            )
        )
        return lambda_.Function(
            self,
            "PutRules",
            description="Puts the replication rules on the buckets, at deployment.",
            code=lambda_.Code.from_inline(HANDLER.read_text()),
            handler="index.handle",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            timeout=cdk.Duration.minutes(2),
            tracing=lambda_.Tracing.ACTIVE,
            role=role,
            log_group=log,
            dead_letter_queue=failures,
        )


def _role_arn(names: Names, region: str) -> str:
    return f"arn:aws:iam::{names.topology.account}:role/{names.replication_role(region)}"
