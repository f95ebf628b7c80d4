"""What each product's document says of its accounts is in its templates, and no role of it is without its boundary."""

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import topology_document
from failover.topology import Topology, Veto
from stacks.audit_stack import audit_stacks
from stacks.constructs.boundary import regions_of
from stacks.enclave_stack import enclave_stacks
from stacks.gateway_stack import gateway_stacks
from stacks.product import compose
from stacks.security_stack import security_stacks
from tests.infrastructure.areas import application, by_region
from tests.infrastructure.assembly import ROOT
from tests.infrastructure.templates import Template, of_type, properties
from tests.products import quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.security import SecuritySection

PRODUCTS = ("fleet", "haven", "metro", "reviews", "triage")
PACKS = {
    "fleet": {
        "eu-west-1": {"gdpr"},
        "eu-west-3": {"fdpa", "gdpr"},
        "ap-south-1": {"dpdp"},
        "eu-central-1": {"dpdp", "fdpa", "gdpr"},
    },
    "haven": {key: {"ccpa", "gdpr", "pdpa", "pipeda"} for key in ("eu-central-1", "ca-central-1", "ap-southeast-1")},
    "metro": {key: {"gdpr"} for key in ("eu-central-1", "eu-west-1", "eu-north-1")},
    "reviews": {key: {"ccpa", "gdpr", "pdpa"} for key in ("us-east-1", "eu-west-1", "ap-southeast-1")},
    "triage": {
        **{key: {"ccpa", "pipeda"} for key in ("us-east-1", "us-west-2")},
        **{key: {"gdpr"} for key in ("eu-west-1", "eu-central-1")},
        **{key: {"dpdp", "pdpa"} for key in ("ap-southeast-1", "ap-southeast-2")},
    },
}
RETENTION = {"fleet": 1095, "haven": 365, "metro": 365, "reviews": 365, "triage": 365}
TRAILS = {
    "fleet": {"eu-west-1", "eu-central-1"},
    "haven": {"eu-central-1", "ca-central-1"},
    "metro": {"eu-central-1", "eu-west-1"},
    "reviews": {"us-east-1", "eu-west-1"},
    "triage": {"us-east-1", "eu-west-1"},
}


def document(product: str) -> tuple[Topology, Infrastructure]:
    return topology_document.load_whole(ROOT / "topologies" / f"{product}.yaml")


@cache
def templates(area: Any, product: str) -> dict[str, Template]:
    return by_region(area, *document(product))


@pytest.mark.parametrize("product", PRODUCTS)
def test_each_region_is_held_against_the_laws_of_its_zone_and_of_no_other(product: str) -> None:
    found = {
        region: {
            each["ConformancePackName"].rpartition("-")[2]
            for each in properties(template, "AWS::Config::ConformancePack")
        }
        for region, template in templates(security_stacks, product).items()
    }
    assert found == PACKS[product]


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_journal_is_locked_in_each_control_region_as_long_as_the_document_says(product: str) -> None:
    topology, _ = document(product)
    found = templates(audit_stacks, product)
    assert set(found) == set(topology.control_regions)
    for template in found.values():
        locked = [each for each in properties(template, "AWS::S3::Bucket") if "ObjectLockConfiguration" in each]
        assert [each["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Days"] for each in locked] == [
            RETENTION[product]
        ]
    assert {region for region, each in found.items() if of_type(each, "AWS::CloudTrail::Trail")} == TRAILS[product]


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_passwords_of_every_database_in_aws_are_changed_each_month(product: str) -> None:
    topology, _ = document(product)
    schedules = [
        each
        for template in templates(security_stacks, product).values()
        for each in properties(template, "AWS::SecretsManager::RotationSchedule")
    ]
    wanted = {each.name for each in topology.databases if each.born_primary in topology.aws_regions}
    assert {each["SecretId"].split("/")[2] for each in schedules} == wanted
    assert {each["RotationRules"]["ScheduleExpression"] for each in schedules} <= {"rate(30 days)"}


def test_mail_has_a_key_in_each_zone_and_in_no_region_of_another() -> None:
    aliases = {
        region: {
            each["AliasName"].removeprefix("alias/lifeboat-triage-") for each in properties(template, "AWS::KMS::Alias")
        }
        for region, template in templates(security_stacks, "triage").items()
    }
    assert {region: names & {"us", "eu", "apac"} for region, names in aliases.items()} == {
        **{key: {"us"} for key in ("us-east-1", "us-west-2")},
        **{key: {"eu"} for key in ("eu-west-1", "eu-central-1")},
        **{key: {"apac"} for key in ("ap-southeast-1", "ap-southeast-2")},
    }


def test_vehicles_numbers_are_looked_for_in_the_buckets() -> None:
    for template in templates(security_stacks, "fleet").values():
        (identifier,) = properties(template, "AWS::Macie::CustomDataIdentifier")
        assert identifier["Regex"] == "[A-HJ-NPR-Z0-9]{17}"


def test_the_services_of_a_city_have_a_gateway_in_both_regions() -> None:
    found = templates(gateway_stacks, "metro")
    assert set(found) == {"eu-central-1", "eu-west-1"}
    for template in found.values():
        (stage,) = properties(template, "AWS::ApiGateway::Stage")
        assert stage["MethodSettings"][0]["ThrottlingRateLimit"] == 1000


def test_the_platform_for_privacy_has_enclaves_in_frankfurt() -> None:
    assert set(templates(enclave_stacks, "haven")) == {"eu-central-1"}


def test_operators_of_reviews_have_a_role_in_each_region() -> None:
    found = templates(security_stacks, "reviews")
    roles = {
        each["RoleName"]
        for template in found.values()
        for each in properties(template, "AWS::IAM::Role")
        if "RoleName" in each
    }
    assert roles == {f"lifeboat-reviews-operations-{region}" for region in found}


def test_every_role_of_every_stack_has_the_boundary() -> None:
    topology, _ = document("quickstart")
    app = application()
    compose(app, topology, Infrastructure(security=SecuritySection()))
    assembly = app.synth()
    roles = 0
    for stack in assembly.stacks:
        boundaries = {key for key in of_type(stack.template, "AWS::IAM::ManagedPolicy") if key.startswith("Boundary")}
        for key, role in of_type(stack.template, "AWS::IAM::Role").items():
            roles += 1
            assert role["Properties"].get("PermissionsBoundary", {}).get("Ref") in boundaries, (stack.stack_name, key)
    assert roles > 100


def test_a_boundary_lets_nobody_work_where_the_product_is_not() -> None:
    topology, _ = document("quickstart")
    app = application()
    compose(app, topology, Infrastructure(security=SecuritySection()))
    name = "lifeboat-quickstart-audit-eu-west-1"
    template = app.synth().get_stack_by_name(name).template
    (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
    said = {each["Sid"]: each for each in policy["PolicyDocument"]["Statement"]}
    assert said["WorkElsewhere"]["Condition"] == {"StringNotEquals": {"aws:RequestedRegion": regions_of(topology)}}
    assert "cloudtrail:StopLogging" in said["StopWatching"]["Action"]
    assert "s3:BypassGovernanceRetention" in said["TakeAway"]["Action"]
    assert len(json.dumps(policy["PolicyDocument"], separators=(",", ":"))) < 6144


def test_who_may_refuse_is_asked_wherever_it_is() -> None:
    """The boundary would else deny the question, and silence lets a failover go on."""
    topology = quickstart()
    veto = Veto(function_arn="arn:aws:lambda:sa-east-1:111122223333:function:may-we", seconds=5)
    asking = replace(topology, policy=replace(topology.policy, veto=veto))
    assert "sa-east-1" in regions_of(asking)
    assert "sa-east-1" not in regions_of(topology)
