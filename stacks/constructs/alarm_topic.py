"""The topic that tells people."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.acceptance import accept
from stacks.constructs import constants


class AlarmTopic(sns.Topic):
    """A topic that takes TLS alone, and messages of this account's alarms.

    A policy of one's own replaces the one that SNS gives every topic, and with it the leave of CloudWatch
    to publish: without the statement here alarms would change state and nobody would be told.
    """

    def __init__(self, scope: Construct, id: str, *, name: str | None = None, key: kms.IKey | None = None) -> None:
        """``key`` must let CloudWatch, and whatever else publishes, use it."""
        super().__init__(scope, id, topic_name=name, enforce_ssl=True, master_key=key)
        if key is None:
            why = "a page must get out while KMS is in trouble, and names nothing but regions and databases"
            accept(self, why, "NIST.800.53.R5-SNSEncryptedKMS", "CKV_AWS_26")
        account = cdk.Stack.of(self).account
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                actions=["sns:Publish"],
                principals=[constants.service("cloudwatch.amazonaws.com")],
                resources=[self.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": account}},
            )
        )
