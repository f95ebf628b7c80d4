"""Promises on what guards a region: detectors, compliance, findings, settings, keys and the operators' role."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from aws_cdk.aws_config import ManagedRuleIdentifiers
from cfnlint.api import ManualArgs, lint

from stacks.constructs.law_rules import DUTIES, rules_of
from stacks.security_stack import security_stacks
from tests.infrastructure.areas import by_region
from tests.infrastructure.templates import Template, of_type, properties, rights, statements
from tests.products import AP, EU, US, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.security import SecuritySection
from topology_document.infrastructure.security_words import Law, Service

OPERATOR = "arn:aws:iam::111122223333:role/sre-on-call"
PERSON = "arn:aws:iam::111122223333:user/sam"
ALL = json.dumps(
    {
        "keys": {"shared": True, "rotation_days": 180},
        "secrets": {"rotation_days": 10, "window_hours": 2},
        "audit": {"retention_days": 400},
        "detection": {
            "protections": ["s3", "rds", "runtime"],
            "scanned": ["ECR"],
            "personal_data": True,
            "identifiers": {"vin": "[A-HJ-NPR-Z0-9]{17}"},
            "told": ["CRITICAL"],
        },
        "compliance": {"laws": {"global": ["GDPR", "CCPA"]}, "standards": ["fsbp", "cis"], "report_in": EU},
        "access": {"operators": [OPERATOR, PERSON], "session_minutes": 120},
    }
)
NOTHING_OURS = json.dumps(
    {"provided": {each.value: "the security account administers it" for each in Service}, "detection": {}}
)


@cache
def templates(section: str = ALL) -> dict[str, Template]:
    told = SecuritySection.model_validate_json(section)
    return by_region(security_stacks, quickstart(), Infrastructure(security=told))


def only(template: Template, kind: str) -> dict[str, Any]:
    (told,) = properties(template, kind)
    return told


def test_a_product_that_says_nothing_of_its_accounts_has_no_security_stack() -> None:
    assert list(security_stacks(None, quickstart(), Infrastructure())) == []  # type: ignore[arg-type]


def test_each_region_looks_for_intruders_with_the_plans_of_the_document_and_no_others() -> None:
    for template in templates().values():
        detector = only(template, "AWS::GuardDuty::Detector")
        states = {each["Name"]: each["Status"] for each in detector["Features"]}
        assert {name for name, state in states.items() if state == "ENABLED"} == {
            "S3_DATA_EVENTS",
            "RDS_LOGIN_EVENTS",
            "RUNTIME_MONITORING",
        }
        assert states["EKS_AUDIT_LOGS"] == "DISABLED"


def test_macie_knows_what_only_this_product_knows() -> None:
    identifier = only(templates()[EU], "AWS::Macie::CustomDataIdentifier")
    assert (identifier["Name"], identifier["Regex"]) == ("lifeboat-quickstart-vin", "[A-HJ-NPR-Z0-9]{17}")
    assert only(templates()[EU], "AWS::Macie::Session")["Status"] == "ENABLED"


def test_one_region_shows_the_findings_and_the_compliance_of_all() -> None:
    found = templates()
    assert only(found[EU], "AWS::SecurityHub::FindingAggregator")["Regions"] == [US, AP]
    (source,) = only(found[EU], "AWS::Config::ConfigurationAggregator")["AccountAggregationSources"]
    assert sorted(source["AwsRegions"]) == sorted([US, EU, AP])
    for kind in ("AWS::SecurityHub::FindingAggregator", "AWS::Config::ConfigurationAggregator"):
        assert not of_type(found[US], kind)
    recorders = {region: only(each, "AWS::Config::ConfigurationRecorder") for region, each in found.items()}
    whole = {region for region, each in recorders.items() if each["RecordingGroup"]["IncludeGlobalResourceTypes"]}
    assert whole == {EU}


def test_a_region_is_held_against_the_standards_of_the_document() -> None:
    arns = [each["StandardsArn"] for each in properties(templates()[AP], "AWS::SecurityHub::Standard")]
    assert [arn.split("/")[1] for arn in arns] == [
        "aws-foundational-security-best-practices",
        "cis-aws-foundations-benchmark",
    ]


def test_a_region_is_held_against_the_laws_of_its_zone() -> None:
    packs = properties(templates()[US], "AWS::Config::ConformancePack")
    assert [each["ConformancePackName"] for each in packs] == ["lifeboat-quickstart-ccpa", "lifeboat-quickstart-gdpr"]
    rules = json.loads(packs[1]["TemplateBody"])["Resources"]
    encrypted = rules["RdsStorageEncrypted"]["Properties"]
    assert encrypted["Source"] == {"Owner": "AWS", "SourceIdentifier": "RDS_STORAGE_ENCRYPTED"}
    assert encrypted["Description"] == "GDPR: Article 32(1)(a), encryption"


@pytest.mark.parametrize("law", Law)
def test_a_law_asks_for_rules_that_there_are(law: Law) -> None:
    known = {getattr(ManagedRuleIdentifiers, name) for name in dir(ManagedRuleIdentifiers) if name.isupper()}
    assert rules_of(law).keys() <= known
    assert all(duty.rules for duty in DUTIES[law])


def test_grave_findings_are_told_by_the_region_that_has_them() -> None:
    found = only(templates()[AP], "AWS::Events::Rule")["EventPattern"]["detail"]["findings"]
    assert found["Region"] == [AP]
    assert found["Severity"] == {"Label": ["CRITICAL"]}
    topic = only(templates()[AP], "AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    assert "events.amazonaws.com" in json.dumps(topic)


def test_the_history_of_configurations_is_encrypted_and_kept_as_long_as_the_document_says() -> None:
    buckets = {each["BucketName"]: each for each in properties(templates()[EU], "AWS::S3::Bucket")}
    history = buckets["lifeboat-quickstart-config-111122223333-eu-west-1"]
    (rule,) = history["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 401
    assert "aws:kms" in json.dumps(history["BucketEncryption"])
    assert only(templates()[EU], "AWS::Config::DeliveryChannel")["S3KmsKeyArn"]


def test_the_accounts_settings_are_said_in_each_region() -> None:
    for region, template in templates().items():
        told = only(template, "Custom::AccountSettings")
        assert (told["Region"], told["Volumes"], told["Buckets"], told["Discovery"]) == (region, "true", "true", "true")
        assert told["Scanned"] == ["ECR"]


def test_macie_is_asked_to_discover_when_its_session_is_there() -> None:
    for template in templates().values():
        (session,) = of_type(template, "AWS::Macie::Session")
        (settings,) = of_type(template, "Custom::AccountSettings").values()
        assert session in settings["DependsOn"]


def test_inspector_may_be_given_both_of_its_roles() -> None:
    for template in templates().values():
        made = {
            statement["Condition"]["StringEquals"]["iam:AWSServiceName"]: statement["Resource"].rpartition("/")[2]
            for _, statement in statements(template)
            if statement["Action"] == "iam:CreateServiceLinkedRole"
        }
        assert made == {
            "inspector2.amazonaws.com": "AWSServiceRoleForAmazonInspector2",
            "agentless.inspector2.amazonaws.com": "AWSServiceRoleForAmazonInspector2Agentless",
        }


def test_what_the_organisation_has_is_not_built_again() -> None:
    kinds = {each["Type"] for each in templates(NOTHING_OURS)[US]["Resources"].values()}
    built = ("GuardDuty", "SecurityHub", "Config", "Macie", "AccessAnalyzer", "Custom")
    assert not [kind for kind in kinds if any(service in kind for service in built)]


def test_a_zones_key_is_one_key_in_all_of_its_regions() -> None:
    found = templates()
    keys = {region: properties(template, "AWS::KMS::Key") for region, template in found.items()}
    assert [each["RotationPeriodInDays"] for each in keys[US] if each.get("MultiRegion")] == [180]
    for region in (EU, AP):
        assert not [each for each in keys[region] if each.get("MultiRegion")]
        replica = only(found[region], "AWS::KMS::ReplicaKey")
        assert replica["PrimaryKeyArn"]["Fn::GetAtt"][1] == "Arn"
        assert only(found[region], "Custom::ZoneKey")["Region"] == US
    aliases = [{each["AliasName"] for each in properties(template, "AWS::KMS::Alias")} for template in found.values()]
    assert "alias/lifeboat-quickstart-global" in set.intersection(*aliases)


def test_operators_work_in_a_region_with_the_rights_of_that_region_and_people_with_a_second_factor() -> None:
    template = templates()[EU]
    (role,) = [each for each in properties(template, "AWS::IAM::Role") if "RoleName" in each]
    assert role["RoleName"] == "lifeboat-quickstart-operations-eu-west-1"
    assert role["MaxSessionDuration"] == 120 * 60
    role_alone, user = role["AssumeRolePolicyDocument"]["Statement"]
    assert role_alone["Condition"] == {"ArnEquals": {"aws:PrincipalArn": [OPERATOR]}}
    assert user["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": [PERSON]},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    }
    machines = list(_resources(template, "states:StartExecution"))
    assert machines
    assert all(":eu-west-1:" in each for each in machines)


def test_the_passwords_of_a_database_are_changed_where_it_was_born_as_often_as_the_document_says() -> None:
    found = templates()
    schedules = properties(found[US], "AWS::SecretsManager::RotationSchedule")
    assert {each["SecretId"].rpartition("/")[2] for each in schedules} == {"owner", "app_rw", "app_ro"}
    for each in schedules:
        assert each["RotationRules"] == {"ScheduleExpression": "rate(10 days)", "Duration": "2h"}
    assert not of_type(found[EU], "AWS::SecretsManager::RotationSchedule")
    held = rights(found[US], "RotateSecret")
    assert {each.rpartition("/")[2] for each in held["secretsmanager:PutSecretValue"]} == {
        "owner-??????",
        "app_rw-??????",
        "app_ro-??????",
    }
    assert "dynamodb:PutItem" not in held


@pytest.mark.parametrize("region", [US, EU])
def test_cfn_lint_finds_no_error(region: str) -> None:
    found = lint(json.dumps(templates()[region]), config=ManualArgs(ignore_checks=["W", "I"], regions=[region]))
    assert [str(each) for each in found] == []


def _resources(template: Template, action: str) -> Iterator[str]:
    for _, statement in statements(template):
        if action in statement["Action"]:
            yield from statement["Resource"]
