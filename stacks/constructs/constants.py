"""What the CDK knows under a name, each asked for once: every one is a call to the process that the CDK runs in."""

from functools import cache

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_


@cache
def service(name: str) -> iam.ServicePrincipal:
    """A service of AWS that takes on a role, without conditions."""
    return iam.ServicePrincipal(name)


@cache
def python() -> lambda_.Runtime:
    """What Lambda runs our functions with."""
    return lambda_.Runtime.PYTHON_3_13


@cache
def arm() -> lambda_.Architecture:
    """Graviton, which costs a fifth less."""
    return lambda_.Architecture.ARM_64
