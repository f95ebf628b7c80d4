"""What becomes of the models that a document declares: who may change which region's record, and who is told."""

from functools import cache
from typing import Any

import pytest
from aws_cdk.assertions import Template

from failover.environments import RollOutModelsEnvironment
from failover.model_versions import ModelPlan
from failover.plain import from_plain
from stacks.models_stack import models_stacks
from tests.infrastructure.kept import app, of_product, wanted
from tests.infrastructure.templates import functions, listed, of_type, properties, rights, statements, uses_of_key

SOURCE, USER = "us-east-1", "eu-west-1"
ORDER = ("ap-southeast-2", "ap-southeast-1", "eu-central-1", "eu-west-1", "us-west-2", "us-east-1")


@cache
def built(product: str = "triage") -> dict[str, dict[str, Any]]:
    """Each region's template."""
    stacks = models_stacks(app(), *wanted(product))
    return {stack.region_name: dict(Template.from_stack(stack).to_json()) for stack in stacks}


def plan(region: str, model: str = "classifier") -> ModelPlan:
    variables = functions(built()[region])["RollOutModels"]["Environment"]["Variables"]
    return from_plain(ModelPlan, RollOutModelsEnvironment.from_variables(variables).models[model])


def test_every_region_is_told_what_the_document_says() -> None:
    assert set(built()) == set(ORDER)
    for region in ORDER:
        told = plan(region)
        assert told.order == ORDER
        assert (told.source, told.shares, told.bake_seconds) == (SOURCE, (10, 50), 1800)
        assert told.tier("us-east-1") == "production-optimized"
        assert told.tier("eu-west-1") == "gdpr-compliant"
        assert told.tier("ap-southeast-1") == "latency-optimized"


def test_only_the_region_of_publication_changes_records_and_each_reads_its_own() -> None:
    writes = {
        region: rights(template, "RollOutModels").get("dynamodb:PutItem", []) for region, template in built().items()
    }
    assert {region for region, held in writes.items() if held} == {SOURCE}
    assert {arn.split(":")[3] for arn in writes[SOURCE]} == set(ORDER)
    own = "arn:aws:dynamodb:eu-west-1:111122223333:table/lifeboat-triage-models"
    reads = [arn for arn in rights(built()[USER], "RollOutModels")["dynamodb:GetItem"] if arn.endswith("-models")]
    assert reads == [own]


def test_what_a_record_is_encrypted_with_may_be_used_wherever_it_is_read_or_written() -> None:
    for region, template in built().items():
        role = functions(template)["RollOutModels"]["Role"]["Fn::GetAtt"][0]
        used = uses_of_key(template, role, "dynamodb")
        assert set(used) == (set(ORDER) if region == SOURCE else {region})
        assert all({"kms:Decrypt", "kms:DescribeKey"} <= actions for actions in used.values())
        assert all(("kms:Encrypt" in actions) == (region == SOURCE) for actions in used.values())


def test_what_is_not_published_yet_is_told_as_missing_and_other_buckets_are_listed_by_model() -> None:
    conditions = {
        arn.removeprefix("arn:aws:s3:::triage-models-111122223333-"): statement.get("Condition")
        for _, statement in statements(built()[SOURCE])
        if "s3:ListBucket" in listed(statement["Action"])
        for arn in listed(statement["Resource"])
    }
    by_model = {"StringLike": {"s3:prefix": "classifier/*"}}
    assert conditions == {region: None if region == SOURCE else by_model for region in ORDER}


def test_nobody_writes_versions_or_the_quorum_store() -> None:
    for template in built().values():
        held = rights(template, "RollOutModels")
        assert not [action for action in held if action.startswith("s3:Put") or action.startswith("s3:Delete")]
        quorum = [arn for arn in held.get("dynamodb:PutItem", []) if arn.endswith("-quorum")]
        assert quorum == []


def test_a_published_version_is_looked_at_at_once_and_all_of_them_each_minute() -> None:
    rules = properties(built()[SOURCE], "AWS::Events::Rule")
    (published,) = [each["EventPattern"] for each in rules if "EventPattern" in each]
    assert published["detail"] == {
        "bucket": {"name": ["triage-models-111122223333-us-east-1"]},
        "object": {"key": ["classifier/latest.json"]},
    }
    assert [each["ScheduleExpression"] for each in rules if "ScheduleExpression" in each] == ["rate(1 minute)"]
    assert all("EventPattern" not in each for each in properties(built()[USER], "AWS::Events::Rule"))


def test_the_bucket_of_publication_tells_what_is_written_to_it() -> None:
    buckets = properties(of_product("triage")[f"data-{SOURCE}"], "AWS::S3::Bucket")
    (models,) = [each for each in buckets if each["BucketName"] == "triage-models-111122223333-us-east-1"]
    assert models["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_versions_go_from_their_source_to_every_other_region_in_time_and_nowhere_else() -> None:
    copies = properties(of_product("triage")["copies-us-east-1"], "Custom::BucketReplication")
    told = [each for each in copies if each["Bucket"].startswith("triage-models-")]
    assert [each["Region"] for each in told] == [SOURCE]
    assert {
        to["Bucket"].removeprefix("arn:aws:s3:::triage-models-111122223333-") for to in told[0]["Destinations"]
    } == (set(ORDER) - {SOURCE})
    assert {(to["Prefix"], to["Minutes"]) for to in told[0]["Destinations"]} == {("classifier/", 15)}


def test_people_are_told_of_a_refused_version() -> None:
    (alarm,) = [
        each
        for each in properties(built()[SOURCE], "AWS::CloudWatch::Alarm")
        if each.get("MetricName") == "ModelRefused"
    ]
    assert alarm["Dimensions"] == [{"Name": "Model", "Value": "classifier"}]
    assert alarm["AlarmActions"]


@pytest.mark.parametrize("region", ORDER)
def test_a_regions_record_is_encrypted_kept_and_restorable(region: str) -> None:
    (table,) = of_type(built()[region], "AWS::DynamoDB::GlobalTable").values()
    (replica,) = table["Properties"]["Replicas"]
    assert replica["Region"] == region
    assert replica["DeletionProtectionEnabled"] is True
    assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["DeletionPolicy"] == "RetainExceptOnCreate"


def test_telling_is_bounded_by_the_products_namespace() -> None:
    for template in built().values():
        for policy in properties(template, "AWS::IAM::Policy"):
            for statement in policy["PolicyDocument"]["Statement"]:
                if "cloudwatch:PutMetricData" in listed(statement["Action"]):
                    assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": "triage"}}


def test_metro_takes_a_version_where_its_users_are_and_then_where_it_stands_by() -> None:
    variables = functions(built("metro")["eu-central-1"])["RollOutModels"]["Environment"]["Variables"]
    told = from_plain(ModelPlan, RollOutModelsEnvironment.from_variables(variables).models["traffic"])
    assert told.order == ("eu-central-1", "eu-west-1")
