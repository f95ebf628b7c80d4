"""The rules of the house, on templates that break one each."""

import json
from pathlib import Path
from typing import Any

import pytest

from template_checks import house
from template_checks.assembly import Assembly


def broken(folder: Path, type: str, properties: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """Return the rules that a template with one resource breaks."""
    body = {"Type": type, "Properties": properties or {}, "Metadata": {"aws:cdk:path": "stack/It/Resource"}, **more}
    (folder / "stack.template.json").write_text(json.dumps({"Resources": {"It": body}}))
    found = list(house.findings(Assembly(folder)))
    assert {each.path for each in found} <= {"stack/It/Resource"}
    return [each.rule for each in found]


def policy(action: str | list[str], resource: Any, effect: str = "Allow") -> dict[str, Any]:
    return {"PolicyDocument": {"Statement": [{"Effect": effect, "Action": action, "Resource": resource}]}}


@pytest.mark.parametrize("action", ["rds:PromoteReadReplica", "s3:*", "*", "dynamodb:BatchWriteItem", "kms:Decrypt"])
def test_an_action_that_changes_something_is_allowed_on_named_resources_only(tmp_path: Path, action: str) -> None:
    assert broken(tmp_path, "AWS::IAM::Policy", policy(["rds:DescribeDBInstances", action], "*")) == [
        f"Lifeboat-Wildcard[{action}]"
    ]


@pytest.mark.parametrize("resource", ["arn:aws:s3:::one/*", [{"Fn::GetAtt": ["Table", "Arn"]}]])
def test_parts_of_names_are_named_resources(tmp_path: Path, resource: Any) -> None:
    assert broken(tmp_path, "AWS::IAM::Policy", policy("s3:PutObject", resource)) == []


def test_what_reads_and_what_is_denied_may_be_of_everything(tmp_path: Path) -> None:
    assert broken(tmp_path, "AWS::IAM::Policy", policy("rds:DescribeDBInstances", "*")) == []
    assert broken(tmp_path, "AWS::IAM::Policy", policy("rds:DeleteDBInstance", "*", "Deny")) == []


def test_a_roles_own_policies_are_looked_at(tmp_path: Path) -> None:
    inline = {"Policies": [policy("sns:Publish", ["*"])]}
    assert broken(tmp_path, "AWS::IAM::Role", inline) == ["Lifeboat-Wildcard[sns:Publish]"]


@pytest.mark.parametrize("reference", ["Fn::ImportValue", "Fn::GetStackOutput"])
def test_no_template_reads_what_another_has_made(tmp_path: Path, reference: str) -> None:
    assert broken(tmp_path, "AWS::SNS::Topic", {"TopicName": {reference: "other"}}) == ["Lifeboat-CrossRegion"]


@pytest.mark.parametrize("kind", ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"])
def test_an_alarm_that_tells_people_says_what_it_is_about(tmp_path: Path, kind: str) -> None:
    told = {"AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:alarms"]}
    assert broken(tmp_path, kind, told) == ["Lifeboat-Told"]
    assert broken(tmp_path, kind, told | {"AlarmDescription": "The disk is full."}) == []
    assert broken(tmp_path, kind) == []


KEPT: dict[str, Any] = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


@pytest.mark.parametrize("policy", [None, "Delete", "Snapshot", "Retain"])
def test_what_holds_data_survives_its_stack_and_not_a_creation_that_failed(tmp_path: Path, policy: str | None) -> None:
    told: dict[str, Any] = {**KEPT, "DeletionPolicy": policy}
    assert broken(tmp_path, "AWS::RDS::DBInstance", **told) == ["Lifeboat-Kept"]
    assert broken(tmp_path, "AWS::RDS::DBInstance", **KEPT) == []


@pytest.mark.parametrize("policy", [None, "Delete", "Snapshot", "RetainExceptOnCreate"])
def test_what_holds_data_survives_its_replacement(tmp_path: Path, policy: str | None) -> None:
    told: dict[str, Any] = {**KEPT, "UpdateReplacePolicy": policy}
    assert broken(tmp_path, "AWS::RDS::DBInstance", **told) == ["Lifeboat-Kept"]


@pytest.mark.parametrize(
    ("told", "rules"),
    [
        ({"Statistic": "Average", "Period": 60}, []),
        ({"ExtendedStatistic": "p95", "Period": 60}, ["Lifeboat-Followed"]),
        ({"Metrics": [], "Period": 60}, ["Lifeboat-Followed"]),
        ({"Statistic": "Average", "Period": 10}, ["Lifeboat-Followed"]),
        (None, ["Lifeboat-Followed"]),
    ],
)
@pytest.mark.parametrize("name", ["slow", {"Ref": "Slow"}])
def test_a_health_check_follows_an_alarm_that_route_53_can_follow(
    tmp_path: Path, told: dict[str, Any] | None, rules: list[str], name: Any
) -> None:
    config = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Name": name, "Region": "eu-west-1"}}
    resources = {"Check": {"Type": "AWS::Route53::HealthCheck", "Properties": {"HealthCheckConfig": config}}}
    if told is not None:
        resources["Slow"] = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "slow", **told}}
    (tmp_path / "stack.template.json").write_text(json.dumps({"Resources": resources}))
    assert [each.rule for each in house.findings(Assembly(tmp_path))] == rules
