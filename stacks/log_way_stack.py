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
    """A region's way to the stream of its zone, and the groups whose logs take it.

    ``searched``: a second way leads to the region's own stream. Neither needs the other, and a log group has no more
    than two filters, so that this is all that can be made of its logs (CloudWatch Logs API, PutSubscriptionFilter).
    """

    def __init__(
        self,
        scope: Construct,
        topology: Topology,
        region: str,
        gathered_in: str,
        groups: Sequence[str],
        *,
        searched: bool = False,
    ) -> None:
        super().__init__(scope, topology, "log-way", region, stateful=False)
        self._way("", observed.log_way(self.names, region), gathered_in, groups)
        if searched:
            self._way("Search", observed.search_way(self.names, region), region, groups)

    def _way(self, id: str, name: str, stream_in: str, groups: Sequence[str]) -> None:
        way = self._destination(id, name, stream_in)
        for group in sorted(groups):
            logs.CfnSubscriptionFilter(
                self,
                # By the group: a number would move on to another one when a function is added, under the same name.
                f"{id}Logs{group.replace('/', '-')}",
                log_group_name=group,
                # Its name is in every record, and by it the region that the record is from.
                filter_name=name,
                filter_pattern="",
                destination_arn=way.attr_arn,
            )

    def _destination(self, id: str, name: str, stream_in: str) -> logs.CfnDestination:
        """A destination is of this region, as CloudWatch Logs wants it, and its stream may be of another."""
        stream = observed.log_stream_arn(self.names, stream_in)
        role = iam.Role(
            self,
            f"{id}Role",
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
                resources=[f"arn:aws:kms:{stream_in}:{self.account}:key/*"],
                conditions={
                    "ForAnyValue:StringEquals": {"kms:ResourceAliases": observed.log_key_alias(self.names)},
                    "StringEquals": {"kms:ViaService": f"kinesis.{stream_in}.amazonaws.com"},
                },
            )
        )
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
            f"{id}Way",
            destination_name=name,
            role_arn=role.role_arn,
            target_arn=stream,
            destination_policy=json.dumps(policy),
        )
        way.node.add_dependency(role)
        return way
