"""The CDK's durations, each asked for once: every one is a call to the process that the CDK runs in."""

from functools import cache

import aws_cdk as cdk


@cache
def seconds(amount: float) -> cdk.Duration:
    """So many seconds."""
    return cdk.Duration.seconds(amount)


@cache
def minutes(amount: float) -> cdk.Duration:
    """So many minutes."""
    return cdk.Duration.minutes(amount)


@cache
def hours(amount: float) -> cdk.Duration:
    """So many hours."""
    return cdk.Duration.hours(amount)


@cache
def days(amount: float) -> cdk.Duration:
    """So many days."""
    return cdk.Duration.days(amount)
