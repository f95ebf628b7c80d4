"""How a region's logs reach the stream of its residency zone."""

import json
from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from failover.topology import Topology
from stacks.acceptance import POLICY_OF_ONE_ROLE, WILDCARDS_ARE_JUDGED, accept
from stacks.constructs import observed
from stacks.layer import LayerStack


class LogWayStack(LayerStack):
    """A region's way to the stream of its zone, and the groups whose logs take it."""

    def __init__(
        self, scope: Construct, topology: Topology, region: str, gathered_in: str, groups: Sequence[str]
    ) -> None:
        super().__init__(scope, topology, "log-way", region, stateful=False)
        way = self._way(gathered_in)
        for number, group in enumerate(sorted(groups), start=1):
            logs.CfnSubscriptionFilter(
                self,
                f"Logs{number}",
                log_group_name=group,
                # Its name is in every record, and by it the region that the record is from.
                filter_name=observed.log_way(self.names, region),
                filter_pattern="",
                destination_arn=way.attr_arn,
            )

    def _way(self, gathered_in: str) -> logs.CfnDestination:
        """A destination is of this region, as CloudWatch Logs wants it, and its stream may be of another."""
        stream = observed.log_stream_arn(self.names, gathered_in)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "logs.amazonaws.com",
                conditions={"StringLike": {"aws:SourceArn": f"arn:aws:logs:{self.region_name}:{self.account}:*"}},
            ),
        )
        accept(role, WILDCARDS_ARE_JUDGED, "AwsSolutions-IAM5")
        accept(role, POLICY_OF_ONE_ROLE, "NIST.800.53.R5-IAMNoInlinePolicy")
        role.add_to_policy(iam.PolicyStatement(actions=["kinesis:PutRecord", "kinesis:PutRecords"], resources=[stream]))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["kms:GenerateDataKey"],
                resources=[f"arn:aws:kms:{gathered_in}:{self.account}:key/*"],
                conditions={
                    "ForAnyValue:StringEquals": {"kms:ResourceAliases": observed.log_key_alias(self.names)},
                    "StringEquals": {"kms:ViaService": f"kinesis.{gathered_in}.amazonaws.com"},
                },
            )
        )
        name = observed.log_way(self.names, self.region_name)
        own = f"arn:aws:logs:{self.region_name}:{self.account}:destination:{name}"
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "OwnGroups",
                    "Effect": "Allow",
                    "Principal": {"AWS": self.account},
                    "Action": "logs:PutSubscriptionFilter",
                    "Resource": own,
                }
            ],
        }
        way = logs.CfnDestination(
            self,
            "Way",
            destination_name=name,
            role_arn=role.role_arn,
            target_arn=stream,
            destination_policy=json.dumps(policy),
        )
        way.node.add_dependency(role)
        return way
