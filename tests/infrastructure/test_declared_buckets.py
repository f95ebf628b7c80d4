"""What becomes of the buckets that a document declares: copies, ages, locks, and who is told that a copy is late."""

from typing import Any

import pytest

from failover.topology import Region, Role
from stacks.constructs.bucket_replication_handler import rule
from tests.infrastructure.kept import Templates, built, of_product
from tests.infrastructure.templates import of_type, properties
from tests.products import AP, EU, US, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.objects import BucketSection, LockMode, LockSection

TWO_ZONES = quickstart(
    regions=(
        Region(US, Role.PRIMARY, "US", "10.10.0.0/16"),
        Region(EU, Role.SECONDARY, "EU", "10.20.0.0/16"),
        Region("us-west-2", Role.SECONDARY, "US", "10.30.0.0/16"),
    )
)


def with_bucket(topology: Any = None, **said: Any) -> Templates:
    return built(topology or quickstart(), Infrastructure(buckets={"media": BucketSection(**said)}))


def bucket(templates: Templates, region: str, name: str = "media") -> dict[str, Any]:
    (found,) = [
        each
        for each in properties(templates[f"data-{region}"], "AWS::S3::Bucket")
        if each["BucketName"].partition("-")[2].startswith(f"{name}-")
    ]
    return found


def told(templates: Templates) -> dict[str, dict[str, Any]]:
    """What the function that puts the rules on is told, by bucket."""
    copies = templates["copies-us-east-1"]
    return {each["Bucket"]: each for each in properties(copies, "Custom::BucketReplication")}


def test_a_document_without_any_builds_no_stack() -> None:
    assert built(quickstart(), Infrastructure()) == {}


def test_objects_are_copied_both_ways_between_all_regions() -> None:
    found = told(with_bucket())
    ways = {
        (said["Region"], to["Bucket"].rpartition("012-")[2][-14:])
        for said in found.values()
        for to in said["Destinations"]
    }
    assert len(found) == 3
    assert len(ways) == 6


def test_personal_data_is_copied_inside_its_zone_alone() -> None:
    found = told(with_bucket(TWO_ZONES))
    assert {name: [to["Bucket"] for to in said["Destinations"]] for name, said in found.items()} == {
        "quickstart-media-111122223333-us-east-1": ["arn:aws:s3:::quickstart-media-111122223333-us-west-2"],
        "quickstart-media-111122223333-us-west-2": ["arn:aws:s3:::quickstart-media-111122223333-us-east-1"],
    }


def test_what_is_no_personal_data_may_be_copied_out_of_its_zone() -> None:
    found = told(with_bucket(TWO_ZONES, personal_data=False))
    assert len(found["quickstart-media-111122223333-eu-west-1"]["Destinations"]) == 2


def test_a_bucket_that_is_not_copied_has_neither_rules_nor_a_role_for_them() -> None:
    templates = with_bucket(copied=False)
    assert "copies-us-east-1" not in templates
    assert not of_type(templates["data-us-east-1"], "AWS::IAM::Role")


def test_urgent_objects_have_the_first_rule_and_a_promise_of_fifteen_minutes() -> None:
    said = told(with_bucket(regions=[US, EU], urgent=["urgent/"]))["quickstart-media-111122223333-us-east-1"]
    rules = [rule(order, to) for order, to in enumerate(said["Destinations"], start=1)]
    assert [(each["Filter"]["Prefix"], each["Priority"]) for each in rules] == [("urgent/", 2), ("", 1)]
    timed, other = (each["Destination"] for each in rules)
    assert timed["ReplicationTime"] == {"Status": "Enabled", "Time": {"Minutes": 15}}
    assert timed["Metrics"] == {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}
    assert "ReplicationTime" not in other


def test_people_are_told_of_a_copy_that_is_late_or_lacks_objects() -> None:
    alarms = properties(with_bucket(regions=[US, EU])["data-us-east-1"], "AWS::CloudWatch::Alarm")
    assert {(each["MetricName"], each["Threshold"]) for each in alarms} == {
        ("ReplicationLatency", 900),
        ("OperationsFailedReplication", 0),
    }
    rules = {dimension["Value"] for each in alarms for dimension in each["Dimensions"] if dimension["Name"] == "RuleId"}
    assert rules == {"to-eu-west-1-1"}
    assert all(each["AlarmActions"] for each in alarms)


def test_ages_and_versions_are_the_documents() -> None:
    found = bucket(
        with_bucket(tier_after_days=12, archive_after_days=91, deep_archive_after_days=181, keep_versions_days=45), US
    )
    (lifecycle,) = found["LifecycleConfiguration"]["Rules"]
    assert lifecycle["Transitions"] == [{"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 12}]
    assert lifecycle["NoncurrentVersionExpiration"] == {"NoncurrentDays": 45}
    (tiering,) = found["IntelligentTieringConfigurations"]
    assert {each["AccessTier"]: each["Days"] for each in tiering["Tierings"]} == {
        "ARCHIVE_ACCESS": 91,
        "DEEP_ARCHIVE_ACCESS": 181,
    }


def test_an_object_can_be_made_to_expire_and_to_stay_where_it_is() -> None:
    (lifecycle,) = bucket(with_bucket(tier_after_days=None, expire_days=7), US)["LifecycleConfiguration"]["Rules"]
    assert lifecycle["ExpirationInDays"] == 7
    assert "Transitions" not in lifecycle


@pytest.mark.parametrize("mode", LockMode)
def test_a_lock_is_of_the_mode_and_length_that_is_said(mode: LockMode) -> None:
    lock = bucket(with_bucket(lock=LockSection(mode=mode, days=30)), EU)["ObjectLockConfiguration"]
    assert lock["Rule"]["DefaultRetention"] == {"Mode": mode.value.upper(), "Days": 30}
    assert "ObjectLockConfiguration" not in bucket(with_bucket(), EU)


@pytest.mark.parametrize("region", [US, EU, AP])
def test_each_bucket_is_private_encrypted_logged_and_kept(region: str) -> None:
    templates = with_bucket()
    found = bucket(templates, region)
    assert all(found["PublicAccessBlockConfiguration"].values())
    (rule,) = found["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    key = f"arn:aws:kms:{region}:111122223333:alias/lifeboat-quickstart-data"
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    assert found["VersioningConfiguration"] == {"Status": "Enabled"}
    assert found["LoggingConfiguration"]["LogFilePrefix"] == "media/"
    for each in of_type(templates[f"data-{region}"], "AWS::S3::Bucket").values():
        assert each["DeletionPolicy"] == "RetainExceptOnCreate"


def test_the_role_that_copies_reads_its_own_bucket_and_writes_the_declared_copies() -> None:
    (policy,) = properties(with_bucket(regions=[US, EU])["data-us-east-1"], "AWS::IAM::Policy")
    writes = [
        each["Resource"] for each in policy["PolicyDocument"]["Statement"] if "s3:ReplicateObject" in each["Action"]
    ]
    assert writes == ["arn:aws:s3:::quickstart-media-111122223333-eu-west-1/*"]


def test_mails_are_copied_within_fifteen_minutes_and_attachments_by_urgency() -> None:
    """Product triage: an RPO of 15 minutes, asynchronous, with prioritisation, inside each zone."""
    found = told(of_product("triage"))
    mail = found["triage-mail-111122223333-us-east-1"]["Destinations"]
    assert [(to["Prefix"], to["Minutes"], to["Bucket"][-9:]) for to in mail] == [("", 15, "us-west-2")]
    attachments = found["triage-attachments-111122223333-eu-west-1"]["Destinations"]
    assert [(to["Prefix"], "Minutes" in to) for to in attachments] == [("urgent/", True), ("", False)]


@pytest.mark.parametrize(("product", "name"), [("reviews", "media"), ("metro", "objects")])
def test_objects_are_in_every_region_and_go_to_intelligent_tiering(product: str, name: str) -> None:
    copies = {key: said for key, said in told(of_product(product)).items() if f"-{name}-" in key}
    regions = {said["Region"] for said in copies.values()}
    for said in copies.values():
        assert {
            to["Bucket"].removeprefix(f"arn:aws:s3:::{product}-{name}-111122223333-") for to in said["Destinations"]
        } == (regions - {said["Region"]})
    for region in regions:
        (lifecycle,) = bucket(of_product(product), region, name)["LifecycleConfiguration"]["Rules"]
        assert lifecycle["Transitions"][0]["StorageClass"] == "INTELLIGENT_TIERING"
