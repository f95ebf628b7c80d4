"""Buckets, tables, vaults and plans of a document deploy on the twin, and it tells what it only writes down."""

from __future__ import annotations

from tests.infrastructure.kept import built
from tests.products import EU, US, quickstart
from tests.twin.aws.conftest import Client, DeployStack, Reasons
from topology_document import Infrastructure
from topology_document.infrastructure.backups import BackupsSection, RestoreTestSection
from topology_document.infrastructure.objects import BucketSection
from topology_document.infrastructure.tables import TableSection
from topology_document.values import Weekday
from twin.aws import EmulatedAws

ASKED = Infrastructure(
    buckets={"media": BucketSection(urgent=["urgent/"])},
    tables={"carts": TableSection(partition_key="cart", replicas=[EU])},
    backups=BackupsSection(copies={US: EU}, restore_test=RestoreTestSection(weekday=Weekday.SUNDAY, at="05:00")),
)


def test_what_a_region_keeps_deploys(client: Client, deploy: DeployStack, reasons: Reasons) -> None:
    for region in (US, EU):
        template = built(quickstart(), ASKED)[f"data-{region}"]
        stack = deploy(template["Resources"], region, name=f"lifeboat-quickstart-data-{region}")
        assert stack["StackStatus"] == "CREATE_COMPLETE", [each for each in reasons(region, stack["StackName"]) if each]
    buckets = {each["Name"] for each in client("s3", US).list_buckets()["Buckets"]}
    assert {f"quickstart-media-111122223333-{region}" for region in (US, EU)} <= buckets
    client("dynamodb", US).put_item(TableName="quickstart-carts", Item={"cart": {"S": "1"}})
    assert client("dynamodb", EU).get_item(TableName="quickstart-carts", Key={"cart": {"S": "1"}})["Item"]


def test_plans_and_trials_deploy_and_are_told_to_be_written_down_only(
    aws: EmulatedAws, deploy: DeployStack, reasons: Reasons
) -> None:
    template = built(quickstart(), ASKED)[f"backup-{US}"]
    stack = deploy(template["Resources"], US, name="lifeboat-quickstart-backup-us-east-1")
    assert stack["StackStatus"] == "CREATE_COMPLETE", [each for each in reasons(US, stack["StackName"]) if each]
    assert {"AWS::Backup::BackupPlan", "AWS::Backup::RestoreTestingPlan"} <= set(aws.recorded_only_types())
