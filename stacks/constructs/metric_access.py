"""The right to publish the control plane's own metrics."""

from aws_cdk import aws_iam as iam

from failover.topology import Names
from stacks.constructs.allowing import allow


def grant_put_metrics(grantee: iam.IGrantable, names: Names) -> None:
    """Let a function publish in Lifeboat's namespace; the action knows no resource, so a condition bounds it."""
    allow(
        grantee,
        iam.PolicyStatement(
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": names.metrics_namespace}},
        ),
    )
