"""Promises on what is kept of who did what: locked, encrypted, watched, and whole in each control region."""

import json
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from cfnlint.api import ManualArgs, lint

from stacks.audit_stack import audit_stacks
from stacks.constructs.trail_alarms import WATCHED
from tests.infrastructure.areas import by_region
from tests.infrastructure.templates import functions_allowed, of_type, properties, rights
from tests.products import AP, EU, US, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.security import AuditSection, SecuritySection
from topology_document.infrastructure.security_words import Service

Template = dict[str, Any]


@cache
def templates(provided: bool = False, **audit: Any) -> dict[str, Template]:
    told = {Service.TRAIL: "the organisation has a trail of all accounts"} if provided else {}
    section = SecuritySection(audit=AuditSection.model_validate(audit, strict=False), provided=told)
    return by_region(audit_stacks, quickstart(), Infrastructure(security=section))


def bucket(template: Template) -> tuple[str, dict[str, Any]]:
    found = of_type(template, "AWS::S3::Bucket").items()
    return next((key, each["Properties"]) for key, each in found if "-audit-1" in each["Properties"]["BucketName"])


def test_a_product_that_says_nothing_of_its_accounts_has_no_audit_stack() -> None:
    assert list(audit_stacks(cdk.App(), quickstart(), Infrastructure())) == []


def test_each_control_region_locks_the_journal_for_as_long_as_the_document_says() -> None:
    found = templates(retention_days=400)
    assert found.keys() == {US, EU, AP}
    for template in found.values():
        _, told = bucket(template)
        lock = told["ObjectLockConfiguration"]
        assert told["ObjectLockEnabled"] is True
        assert lock["Rule"]["DefaultRetention"] == {"Mode": "COMPLIANCE", "Days": 400}
        assert told["VersioningConfiguration"] == {"Status": "Enabled"}
        (rule,) = told["LifecycleConfiguration"]["Rules"]
        assert rule["ExpirationInDays"] == 401


def test_records_are_under_a_key_of_their_own_and_their_readers_are_logged() -> None:
    template = templates()[EU]
    key, told = bucket(template)
    (encryption,) = told["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    log = told["LoggingConfiguration"]["DestinationBucketName"]["Ref"]
    assert log != key
    (own,) = properties(template, "AWS::KMS::Key")
    assert own["EnableKeyRotation"] is True
    assert own["RotationPeriodInDays"] == 365


def test_the_archive_may_add_lines_and_nothing_may_take_any_away() -> None:
    template = templates()[EU]
    key, _ = bucket(template)
    held = rights(template, "ArchiveJournal")
    (written,) = held["s3:PutObject"]
    assert written["Fn::Join"][1] == [{"Fn::GetAtt": [key, "Arn"]}, "/journal/*"]
    assert {action for action in held if action.startswith("s3:")} == {"s3:PutObject", "s3:ListBucket"}
    assert "dynamodb:PutItem" not in held
    assert functions_allowed(template, "s3:BypassGovernanceRetention") == set()


def test_the_journal_is_archived_each_minute_and_compared_as_a_whole_each_night() -> None:
    rules = properties(templates()[EU], "AWS::Events::Rule")
    assert {each["ScheduleExpression"]: each["Targets"][0]["Input"] for each in rules} == {
        "rate(1 minute)": '{"whole":false}',
        "cron(17 3 * * ? *)": '{"whole":true}',
    }
    alarms = {each["AlarmName"]: each for each in properties(templates()[EU], "AWS::CloudWatch::Alarm")}
    assert "lifeboat-quickstart-audit-eu-west-1-invocations-lost" in alarms
    assert "lifeboat-quickstart-audit-eu-west-1-eachminute-stopped" in alarms
    nights = alarms["lifeboat-quickstart-audit-eu-west-1-nightly-stopped"]
    assert (nights["MetricName"], nights["Period"], nights["EvaluationPeriods"]) == ("TriggeredRules", 86400, 2)
    assert (nights["TreatMissingData"], nights["ComparisonOperator"]) == ("breaching", "LessThanThreshold")
    assert nights["AlarmActions"]


def test_the_first_control_region_keeps_the_trail_of_every_region() -> None:
    found = templates()
    assert not of_type(found[EU], "AWS::CloudTrail::Trail")
    (trail,) = properties(found[US], "AWS::CloudTrail::Trail")
    assert trail["IsMultiRegionTrail"] is True
    assert trail["EnableLogFileValidation"] is True
    assert trail["IncludeGlobalServiceEvents"] is True
    assert trail["S3BucketName"] == {"Ref": bucket(found[US])[0]}
    assert {each["InsightType"] for each in trail["InsightSelectors"]} == {"ApiCallRateInsight", "ApiErrorRateInsight"}
    (own,) = of_type(found[US], "AWS::KMS::Key")
    assert trail["KMSKeyId"] == {"Fn::GetAtt": [own, "Arn"]}


def test_each_write_to_the_quorum_store_is_in_the_trail() -> None:
    (trail,) = properties(templates()[US], "AWS::CloudTrail::Trail")
    _, store = trail["AdvancedEventSelectors"]
    told = {each["Field"]: each["Equals"] for each in store["FieldSelectors"]}
    assert told["readOnly"] == ["false"]
    assert told["resources.ARN"] == [
        f"arn:aws:dynamodb:{region}:111122223333:table/lifeboat-quickstart-quorum"
        for region in ("eu-central-1", "eu-west-2", "eu-west-3")
    ]
    (other,) = properties(templates(data_events=False)[US], "AWS::CloudTrail::Trail")
    assert len(other["AdvancedEventSelectors"]) == 1


def test_trails_are_where_the_document_wants_them_and_nowhere_when_there_is_one() -> None:
    told = templates(trails=(EU, AP))
    assert [bool(of_type(told[region], "AWS::CloudTrail::Trail")) for region in (US, EU, AP)] == [False, True, True]
    assert not any(of_type(each, "AWS::CloudTrail::Trail") for each in templates(provided=True).values())


@pytest.mark.parametrize("watched", WATCHED, ids=lambda each: each.id)
def test_what_nobody_should_do_is_told(watched: Any) -> None:
    template = templates()[US]
    filters = {each["FilterPattern"]: each for each in properties(template, "AWS::Logs::MetricFilter")}
    (metric,) = filters[watched.pattern]["MetricTransformations"]
    (alarm,) = [
        each
        for each in properties(template, "AWS::CloudWatch::Alarm")
        if each.get("MetricName") == metric["MetricName"]
    ]
    assert alarm["Threshold"] == watched.at_least
    assert list(of_type(template, "AWS::SNS::Topic")) == [each["Ref"] for each in alarm["AlarmActions"]]


def test_alarms_may_publish_under_the_key_of_the_topic() -> None:
    template = templates()[US]
    (topic,) = properties(template, "AWS::SNS::Topic")
    (key,) = properties(template, "AWS::KMS::Key")
    (own,) = of_type(template, "AWS::KMS::Key")
    assert topic["KmsMasterKeyId"] == {"Fn::GetAtt": [own, "Arn"]}
    services = json.dumps(key["KeyPolicy"])
    assert "cloudwatch.amazonaws.com" in services
    assert "aws:SourceAccount" in services


@pytest.mark.parametrize("region", [US, EU])
def test_cfn_lint_finds_no_error(region: str) -> None:
    found = lint(json.dumps(templates()[region]), config=ManualArgs(ignore_checks=["W", "I"], regions=[region]))
    assert [str(each) for each in found] == []
