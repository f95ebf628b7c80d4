"""Rules of the house, which no checker from elsewhere knows.

* ``Lifeboat-Wildcard``: an action that changes something is allowed on named resources only. Reading actions are those
  whose verb says so; actions that AWS cannot limit to a resource are listed, with where AWS says it.
* ``Lifeboat-CrossRegion``: no template reads what another stack has made, in this region or another: each must deploy
  when everything else is down.
* ``Lifeboat-Kept``: what holds data survives its replacement and the removal of its stack, but not a creation that
  failed.
* ``Lifeboat-Followed``: a health check follows an alarm that is there, and of a kind that Route 53 can follow.
* ``Lifeboat-Told``: an alarm that tells people something says what it is about.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from template_checks.assembly import Assembly, Resource
from template_checks.finding import Finding

READS: Final = (
    *("BatchGet", "Check", "Describe", "Get", "Head", "List", "Lookup", "Query"),
    *("Read", "Scan", "Search", "Select", "Simulate", "Test", "View"),
)
"""What the names of reading actions begin with."""

WITHOUT_RESOURCE: Final = frozenset(
    {
        # "Actions, resources, and condition keys" of the service authorisation reference: no resource type.
        "cloudwatch:PutMetricData",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
        "ecr:GetAuthorizationToken",
        "logs:CreateLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:PutResourcePolicy",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
        "xray:PutSpans",
        "xray:PutSpansForIndexing",
    }
)

REFERENCES: Final = ("Fn::ImportValue", "Fn::GetStackOutput")

HOLD_DATA: Final = frozenset(
    {
        "AWS::Backup::BackupVault",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EFS::FileSystem",
        "AWS::ElastiCache::GlobalReplicationGroup",
        "AWS::KMS::Key",
        "AWS::KMS::ReplicaKey",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::RDS::GlobalCluster",
        "AWS::S3::Bucket",
    }
)

ALARMS: Final = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
A_MINUTE: Final = 60
UNFOLLOWED: Final = ("ExtendedStatistic", "Metrics")
"""Route 53 follows Average, Minimum, Maximum, Sum and SampleCount of one metric, in periods of a minute or more: no
percentile and no expression (API reference, ``AlarmIdentifier``)."""


def findings(assembly: Assembly) -> Iterator[Finding]:
    """Yield what breaks a rule of the house."""
    for resource in assembly.resources:
        yield from _wildcards(resource)
        yield from _references(resource)
        if resource.type in HOLD_DATA:
            yield from _kept(resource)
        told = resource.body.get("Properties", {})
        if resource.type in ALARMS and told.get("AlarmActions") and not told.get("AlarmDescription"):
            yield Finding("Lifeboat-Told", resource.path, "whoever is woken by it reads its name alone; describe it")
    yield from _followed(assembly)


def _kept(resource: Resource) -> Iterator[Finding]:
    policy, how = resource.body.get("DeletionPolicy"), "use stacks.constructs.retention.KEPT"
    if policy == "Retain":
        why = f"{resource.type} is left behind, under its name, by a first deployment that fails; {how}"
        yield Finding("Lifeboat-Kept", resource.path, why)
    elif policy != "RetainExceptOnCreate":
        yield Finding("Lifeboat-Kept", resource.path, f"{resource.type} is deleted with its stack; {how}")
    elif resource.body.get("UpdateReplacePolicy") != "Retain":
        yield Finding("Lifeboat-Kept", resource.path, f"{resource.type} is deleted when it is replaced; {how}")


def _followed(assembly: Assembly) -> Iterator[Finding]:
    alarms = [each for each in assembly.resources if each.type == "AWS::CloudWatch::Alarm"]
    for check in assembly.resources:
        if check.type != "AWS::Route53::HealthCheck" or "HealthCheckConfig" not in check.body["Properties"]:
            continue
        config = check.body["Properties"]["HealthCheckConfig"]
        if config["Type"] != "CLOUDWATCH_METRIC":
            continue
        name = config["AlarmIdentifier"]["Name"]
        found = [
            each
            for each in alarms
            if name == each.body["Properties"].get("AlarmName") or (each.stack, {"Ref": each.id}) == (check.stack, name)
        ]
        if not found:
            yield Finding("Lifeboat-Followed", check.path, f"follows {name}, which no template has")
        for alarm in found:
            told = alarm.body["Properties"]
            if any(key in told for key in UNFOLLOWED) or told["Period"] < A_MINUTE:
                said = "Route 53 cannot follow it; write a plain statistic of a minute"
                yield Finding("Lifeboat-Followed", alarm.path, said)


def _wildcards(resource: Resource) -> Iterator[Finding]:
    for statement in _statements(resource):
        if statement.get("Effect") != "Allow" or "*" not in _listed(statement.get("Resource", ())):
            continue
        for action in _listed(statement.get("Action", ())):
            if not _reads(action) and action not in WITHOUT_RESOURCE:
                yield Finding(f"Lifeboat-Wildcard[{action}]", resource.path, f"{action} on every resource; name them")


def _statements(resource: Resource) -> Iterator[dict[str, Any]]:
    """What the identities of this resource may do; policies of resources are about the resource itself."""
    told = resource.body.get("Properties", {})
    match resource.type:
        case "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" | "AWS::IAM::UserPolicy" | "AWS::IAM::RolePolicy":
            documents = [told["PolicyDocument"]]
        case "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group":
            documents = [each["PolicyDocument"] for each in told.get("Policies", ())]
        case _:
            documents = []
    for document in documents:
        yield from _listed(document["Statement"])


def _references(resource: Resource) -> Iterator[Finding]:
    text = json.dumps(resource.body)
    for reference in REFERENCES:
        if f'"{reference}"' in text:
            yield Finding("Lifeboat-CrossRegion", resource.path, f"{reference}: compute the name from the topology")
    if "CrossRegionExport" in resource.type:
        yield Finding("Lifeboat-CrossRegion", resource.path, f"{resource.type}: compute the name from the topology")


def _reads(action: str) -> bool:
    return action.partition(":")[2].startswith(READS)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
