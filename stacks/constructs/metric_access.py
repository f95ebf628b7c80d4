"""The right to publish the control plane's own metrics."""

from aws_cdk import aws_iam as iam

from failover.topology import Names


def grant_put_metrics(grantee: iam.IGrantable, names: Names) -> None:
    """Let a function publish in Lifeboat's namespace; the action knows no resource, so a condition bounds it."""
    grantee.grant_principal.add_to_principal_policy(
        iam.PolicyStatement(
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": names.metrics_namespace}},
        )
    )
