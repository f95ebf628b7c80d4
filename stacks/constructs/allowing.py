"""A right for whoever may be granted one, with as few questions as can be to the process that the CDK runs in."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_


def allow(grantee: iam.IGrantable, statement: iam.PolicyStatement) -> None:
    """Let a function, a role or another principal do what a statement says.

    Functions and roles take it in one call. What any principal answers is read member by member, and the principal is
    asked for before: four calls, of the ten thousand and more of a synthesis.
    """
    match grantee:
        case lambda_.Function():
            grantee.add_to_role_policy(statement)
        case iam.Role():
            grantee.add_to_policy(statement)
        case _:
            grantee.grant_principal.add_to_principal_policy(statement)
