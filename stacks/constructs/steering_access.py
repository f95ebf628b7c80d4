"""What the function that weighs may do: change the weights of named records, and read metrics."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

from failover.topology import Names
from stacks.constructs.allowing import allow


def let_weigh(function: iam.IGrantable, names: Names, zone_id: str, routes: Sequence[str]) -> None:
    """Let it change these routes' records where they are, and neither make nor remove any other."""
    zone = f"arn:aws:route53:::hostedzone/{zone_id}"
    allow(function, iam.PolicyStatement(actions=["route53:ListResourceRecordSets"], resources=[zone]))
    allow(
        function,
        iam.PolicyStatement(
            actions=["route53:ChangeResourceRecordSets"],
            resources=[zone],
            conditions={
                "ForAllValues:StringEquals": {
                    "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
                    "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME"],
                    "route53:ChangeResourceRecordSetsNormalizedRecordNames": [names.route(each) for each in routes],
                }
            },
        ),
    )


def let_read_metrics(function: iam.IGrantable) -> None:
    """Let it read metrics; the action knows no resources."""
    allow(function, iam.PolicyStatement(actions=["cloudwatch:GetMetricData"], resources=["*"]))
