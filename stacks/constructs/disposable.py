"""What a developer may throw away: the same stacks without their protections, and with one of everything."""

from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import IConstruct

UNPROTECTED: Final[dict[str, dict[str, Any]]] = {
    "AWS::RDS::DBInstance": {"DeletionProtection": False, "DeleteAutomatedBackups": True},
    "AWS::RDS::DBCluster": {"DeletionProtection": False},
    "AWS::RDS::GlobalCluster": {"DeletionProtection": False},
    "AWS::DynamoDB::Table": {"DeletionProtectionEnabled": False},
    "AWS::ElastiCache::ReplicationGroup": {
        "NumCacheClusters": 1,
        "AutomaticFailoverEnabled": False,
        "MultiAZEnabled": False,
    },
}
"""Settings of CloudFormation's types that hold what is theirs, or that pay for a second one."""


def dispose(scope: IConstruct) -> None:
    """Take the protections from all that a scope holds, which a person need then not do one by one.

    What is locked is kept: the lock outlives the stack, and a stack that cannot be deleted helps nobody.
    """
    for each in scope.node.find_all():
        if isinstance(each, cdk.Stack):
            each.termination_protection = False
        elif isinstance(each, elbv2.BaseLoadBalancer):
            each.set_attribute("deletion_protection.enabled", "false")
        elif isinstance(each, cdk.CfnResource):
            _dispose(each)


def _dispose(resource: cdk.CfnResource) -> None:
    kind = resource.cfn_resource_type
    told = UNPROTECTED.get(kind, {})
    for name, value in told.items():
        resource.add_property_override(name, value)
    if kind == "AWS::RDS::DBInstance" and getattr(resource, "multi_az", None):
        resource.add_property_override("MultiAZ", value=False)
    if kind == "AWS::DynamoDB::GlobalTable":
        for at, _ in enumerate(_resolved(resource, "replicas")):
            resource.add_property_override(f"Replicas.{at}.DeletionProtectionEnabled", value=False)
    locked = kind == "AWS::S3::Bucket" and getattr(resource, "object_lock_enabled", None)
    if resource.cfn_options.deletion_policy is not None and not locked:
        resource.apply_removal_policy(cdk.RemovalPolicy.DESTROY)


def _resolved(resource: cdk.CfnResource, name: str) -> list[Any]:
    """Return a list that a construct says only at synthesis."""
    told: list[Any] = cdk.Stack.of(resource).resolve(getattr(resource, name)) or []
    return told
