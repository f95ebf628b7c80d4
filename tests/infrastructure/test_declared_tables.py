"""What becomes of the tables that a document declares."""

from typing import Any

import pytest

from tests.infrastructure.kept import built, of_product
from tests.infrastructure.templates import of_type, properties
from tests.products import EU, US, quickstart
from topology_document import Infrastructure
from topology_document.infrastructure.tables import TableSection

TABLE = "AWS::DynamoDB::GlobalTable"
ZONES = {"us": (US, "us-west-2"), "eu": (EU, "eu-central-1"), "apac": ("ap-southeast-1", "ap-southeast-2")}


def carts(**said: Any) -> dict[str, dict[str, Any]]:
    section = TableSection(**{"partition_key": "cart", "born_in": EU, "replicas": [US], **said})
    return built(quickstart(), Infrastructure(tables={"carts": section}))


def test_the_region_of_its_birth_declares_the_table_with_all_its_replicas() -> None:
    templates = carts()
    (table,) = properties(templates["data-eu-west-1"], TABLE)
    assert [each["Region"] for each in table["Replicas"]] == [EU, US]
    assert not of_type(templates["data-us-east-1"], TABLE)
    assert table["TableName"] == "quickstart-carts"


def test_every_replica_is_protected_encrypted_with_its_regions_key_and_restorable() -> None:
    (table,) = properties(carts(recovery_days=14)["data-eu-west-1"], TABLE)
    for replica in table["Replicas"]:
        assert replica["DeletionProtectionEnabled"] is True
        assert replica["PointInTimeRecoverySpecification"] == {
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": 14,
        }
        key = f"arn:aws:kms:{replica['Region']}:111122223333:alias/lifeboat-quickstart-data"
        assert replica["SSESpecification"] == {"KMSMasterKeyId": key}
    (kept,) = of_type(carts()["data-eu-west-1"], TABLE).values()
    assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_keys_expiry_and_stream_are_the_documents() -> None:
    (table,) = properties(carts(sort_key="line", expires="gone-at")["data-eu-west-1"], TABLE)
    assert [(each["AttributeName"], each["KeyType"]) for each in table["KeySchema"]] == [
        ("cart", "HASH"),
        ("line", "RANGE"),
    ]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "gone-at", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    (quiet,) = properties(carts(stream=False, replicas=[])["data-eu-west-1"], TABLE)
    assert "StreamSpecification" not in quiet


def test_people_are_told_when_a_write_takes_too_long_to_another_region() -> None:
    templates = carts(propagation_seconds=90)
    for region, other in ((EU, US), (US, EU)):
        (alarm,) = properties(templates[f"data-{region}"], "AWS::CloudWatch::Alarm")
        assert alarm["Threshold"] == 90_000
        assert {"Name": "ReceivingRegion", "Value": other} in alarm["Dimensions"]
        assert alarm["AlarmActions"]


@pytest.mark.parametrize("zone", ZONES)
def test_each_zone_of_triage_keeps_its_state_in_both_of_its_regions_and_nowhere_else(zone: str) -> None:
    first, second = ZONES[zone]
    templates = of_product("triage")
    (table,) = properties(templates[f"data-{first}"], TABLE)
    assert [each["Region"] for each in table["Replicas"]] == [first, second]
    alarms = [
        each["Threshold"]
        for each in properties(templates[f"data-{second}"], "AWS::CloudWatch::Alarm")
        if each["Namespace"] == "AWS/DynamoDB"
    ]
    assert alarms == [5 * 60 * 1000]
