"""The right to have AWS make a service's own role, the first time that an account uses the service."""

from aws_cdk import aws_iam as iam


def service_linked_role(account: str, service: str, name: str) -> iam.PolicyStatement:
    """Return it for one role: the service makes it with the rights of whoever uses the service first."""
    return iam.PolicyStatement(
        actions=["iam:CreateServiceLinkedRole"],
        resources=[f"arn:aws:iam::{account}:role/aws-service-role/{service}/{name}"],
        conditions={"StringEquals": {"iam:AWSServiceName": service}},
    )
