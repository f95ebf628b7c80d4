"""Where accelerator and content delivery write down who came, and the key under which it is kept."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import accept
from stacks.constructs.log_bucket import LogBucket
from stacks.constructs.retention import KEPT

WRITER: Final = "delivery.logs.amazonaws.com"
"""What delivers the logs of CloudFront and of Global Accelerator, for them."""


class DeliveryKey(kms.Key):
    """The key of one delivery stack; AWS's log delivery may seal with it, and open nothing.

    Without a condition on who it seals for: the standard logs of CloudFront come from an account of AWS's own.
    """

    def __init__(self, scope: Construct, id: str, *, names: Names, layer: str) -> None:
        super().__init__(
            scope,
            id,
            alias=f"lifeboat-{names.topology.name}-{layer}",
            description=f"Lifeboat {names.topology.name}: logs of the {layer} layer",
            enable_key_rotation=True,
            removal_policy=KEPT,
        )
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogDelivery",
                principals=[iam.ServicePrincipal(WRITER)],
                actions=["kms:DescribeKey", "kms:GenerateDataKey*"],
                resources=["*"],  # of a key's policy this is the key itself
            )
        )


class DeliveryLogs(LogBucket):
    """A bucket for logs that AWS delivers; ``with_acl`` as CloudFront's standard logs need it."""

    def __init__(self, scope: Construct, id: str, *, days: int, key: kms.IKey, with_acl: bool = False) -> None:
        super().__init__(scope, id, days=days, key=key, with_acl=with_acl, minimum_tls_version=1.2)
        accept(
            self,
            "it is itself a log: who reads it is in the account's trail",
            "AwsSolutions-S1",
            "NIST.800.53.R5-S3BucketLoggingEnabled",
            "CKV_AWS_18",
        )
        accept(
            self, "what has come is no state: no region needs it to serve", "NIST.800.53.R5-S3BucketReplicationEnabled"
        )
        account = cdk.Stack.of(self).account
        if not with_acl:
            self._let_deliver(account)

    def _let_deliver(self, account: str) -> None:
        """Let the log delivery of this account write, and own nothing of it."""
        ours = {"aws:SourceAccount": account}
        writer = iam.ServicePrincipal(WRITER)
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogDeliveryWrites",
                principals=[writer],
                actions=["s3:PutObject"],
                resources=[self.arn_for_objects(f"*/AWSLogs/{account}/*")],
                conditions={"StringEquals": {**ours, "s3:x-amz-acl": "bucket-owner-full-control"}},
            )
        )
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogDeliveryLooks",
                principals=[writer],
                actions=["s3:GetBucketAcl", "s3:ListBucket"],
                resources=[self.bucket_arn],
                conditions={"StringEquals": ours},
            )
        )
