"""What becomes of the backups that a document asks for."""

from itertools import pairwise
from typing import Any

import pytest

from failover.topology import Names
from stacks.constructs.backup_plan import HOURS_APART, begins
from stacks.constructs.data_names import DataNames
from tests.infrastructure.kept import Templates, built, of_product, wanted
from tests.infrastructure.templates import listed, of_type, properties
from tests.products import AP, EU, US, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.backups import BackupsSection, RestoreTestSection, VaultLockSection
from topology_document.infrastructure.objects import LockMode
from topology_document.values import Weekday

COLD = {"DeleteAfterDays": 120, "MoveToColdStorageAfterDays": 30, "OptInToArchiveForSupportedResources": True}
PRODUCTS = ("reviews", "metro", "fleet", "triage")


def backups(**said: Any) -> Templates:
    return built(quickstart(), Infrastructure(backups=BackupsSection(**said)))


def rules(templates: Templates, region: str) -> dict[str, dict[str, Any]]:
    """Each plan's only rule, by the last word of the plan's name."""
    plans = [each["BackupPlan"] for each in properties(templates[f"backup-{region}"], "AWS::Backup::BackupPlan")]
    return {each["BackupPlanName"].rpartition("-")[2]: each["BackupPlanRule"][0] for each in plans}


def test_a_daily_backup_is_kept_as_long_as_is_said_and_goes_cold_when_it_is() -> None:
    templates = backups(keep_days=120, cold_after_days=30)
    assert rules(templates, US)["daily"]["Lifecycle"] == COLD


def test_buckets_can_be_restored_to_any_second() -> None:
    rule = rules(backups(objects_days=21), US)["objects"]
    assert rule["EnableContinuousBackup"] is True
    assert rule["Lifecycle"] == {"DeleteAfterDays": 21}


def test_copies_go_to_the_named_regions_vault_and_are_kept_there() -> None:
    templates = backups(copies={US: EU}, copies_keep_days=60)
    (copy,) = rules(templates, US)["daily"]["CopyActions"]
    assert copy == {
        "DestinationBackupVaultArn": "arn:aws:backup:eu-west-1:111122223333:backup-vault:lifeboat-quickstart",
        "Lifecycle": {"DeleteAfterDays": 60},
    }
    assert "CopyActions" not in rules(templates, AP)["daily"]


def test_two_regions_backups_do_not_begin_together() -> None:
    """RDS refuses to promote a copy that is being backed up: there must be another that is not."""
    names, section = DataNames(Names(quickstart())), BackupsSection(daily_at="23:30")
    times = [begins(names, section, region) for region in (US, EU, AP)]
    assert [f"{each:%H:%M}" for each in times] == ["23:30", "01:30", "03:30"]


@pytest.mark.parametrize("product", PRODUCTS)
def test_no_backup_begins_in_the_hour_of_a_databases_own(product: str) -> None:
    """A copy's own window begins at an even hour and takes half of one; the plans' begin at the odd ones."""
    topology, infrastructure = wanted(product)
    assert infrastructure.backups
    hours = [begins(DataNames(Names(topology)), infrastructure.backups, region).hour for region in topology.aws_regions]
    assert all(hour % 2 for hour in hours)
    assert all((after - before) % 24 == HOURS_APART for before, after in pairwise(hours))


def test_everything_of_the_product_is_taken_by_its_tag_but_what_yesterday_must_not_bring_back() -> None:
    selections = properties(backups()["backup-us-east-1"], "AWS::Backup::BackupSelection")
    taken = [each["BackupSelection"] for each in selections]
    kinds = {arn.split(":")[2] for each in taken for arn in each["Resources"]}
    assert kinds == {"rds", "dynamodb", "ec2", "elasticfilesystem", "s3"}
    for each in taken:
        assert each["Conditions"]["StringEquals"] == [
            {"ConditionKey": "aws:ResourceTag/lifeboat:topology", "ConditionValue": "quickstart"}
        ]
        spared = {said["ConditionValue"] for said in each["Conditions"]["StringNotEquals"]}
        assert spared == {"quorum", "control"}


@pytest.mark.parametrize(("mode", "grace"), [(LockMode.GOVERNANCE, None), (LockMode.COMPLIANCE, 5)])
def test_a_vault_is_locked_as_is_said(mode: LockMode, grace: int | None) -> None:
    lock = VaultLockSection(mode=mode, least_days=7, most_days=400, grace_days=5)
    (vault,) = properties(backups(lock=lock)["data-us-east-1"], "AWS::Backup::BackupVault")
    said = {"MinRetentionDays": 7, "MaxRetentionDays": 400} | ({"ChangeableForDays": grace} if grace else {})
    assert vault["LockConfiguration"] == said


def test_nobody_takes_a_backup_out_of_a_vault() -> None:
    template = backups()["data-eu-west-1"]
    (vault,) = properties(template, "AWS::Backup::BackupVault")
    (statement,) = vault["AccessPolicy"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert "backup:DeleteRecoveryPoint" in listed(statement["Action"])
    assert all(
        each["DeletionPolicy"] == "RetainExceptOnCreate"
        for each in of_type(template, "AWS::Backup::BackupVault").values()
    )
    (key,) = properties(template, "AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True


def test_restoring_is_tried_each_week_for_each_kind_and_each_database() -> None:
    test = RestoreTestSection(weekday=Weekday.SUNDAY, at="05:30", look_back_days=9, keep_hours=3)
    template = backups(restore_test=test)["backup-us-east-1"]
    (plan,) = properties(template, "AWS::Backup::RestoreTestingPlan")
    assert plan["ScheduleExpression"] == "cron(30 5 ? * SUN *)"
    assert plan["RecoveryPointSelection"]["SelectionWindowDays"] == 9
    tried = properties(template, "AWS::Backup::RestoreTestingSelection")
    assert {each["ProtectedResourceType"] for each in tried} == {"DynamoDB", "S3", "EBS", "EFS", "RDS"}
    assert {each["ValidationWindowHours"] for each in tried} == {3}


def test_people_are_told_of_a_job_that_fails_and_of_a_day_without_any() -> None:
    template = backups()["backup-us-east-1"]
    (rule,) = properties(template, "AWS::Events::Rule")
    assert rule["EventPattern"]["source"] == ["aws.backup"]
    assert rule["Targets"]
    (alarm,) = properties(template, "AWS::CloudWatch::Alarm")
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (1, "breaching")


@pytest.mark.parametrize("product", PRODUCTS)
def test_no_products_backup_leaves_its_zone(product: str) -> None:
    topology, infrastructure = wanted(product)
    assert infrastructure.backups
    for source in topology.aws_regions:
        for rule in rules(of_product(product), source).values():
            for copy in rule.get("CopyActions", []):
                to = copy["DestinationBackupVaultArn"].split(":")[3]
                assert topology.region(to).zone == topology.region(source).zone


def test_reviews_backups_are_copied_across_regions_and_go_cold() -> None:
    for region in (US, EU, AP):
        rule = rules(of_product("reviews"), region)["daily"]
        assert rule["CopyActions"]
        assert rule["Lifecycle"] == COLD
