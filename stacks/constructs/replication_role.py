"""The role with which S3 copies a bucket's objects to buckets of other regions."""

from collections.abc import Mapping

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from failover.topology import Names
from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import constants
from stacks.constructs.data_key import data_key_use


class ReplicationRole(iam.Role):
    """It reads one bucket and writes its copies; of a key it may use what S3 asks for in those regions."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        role_name: str,
        source: s3.IBucket,
        key: kms.IKey,
        copies: Mapping[str, str],
    ) -> None:
        """``copies`` are the buckets' names by their regions."""
        super().__init__(scope, id, role_name=role_name, assumed_by=constants.service("s3.amazonaws.com"))
        accept(self, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(self, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        self._allow([source.bucket_arn], "s3:GetReplicationConfiguration", "s3:ListBucket")
        self._allow(
            [source.arn_for_objects("*")],
            "s3:GetObjectVersionForReplication",
            "s3:GetObjectVersionAcl",
            "s3:GetObjectVersionTagging",
        )
        self._allow(
            [f"arn:aws:s3:::{copy}/*" for copy in copies.values()],
            "s3:ReplicateObject",
            "s3:ReplicateDelete",
            "s3:ReplicateTags",
        )
        key.grant_decrypt(self)
        for region in copies:
            self.add_to_policy(data_key_use(names, region, ["kms:Encrypt", "kms:GenerateDataKey"], "s3"))

    def _allow(self, resources: list[str], *actions: str) -> None:
        self.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=resources))
