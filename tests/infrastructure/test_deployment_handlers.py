"""What is done at deployment where CloudFormation has no resource: said once, said again, and never taken back."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from stacks.constructs import account_settings_handler, zone_key_handler

REGION = "eu-west-1"
INLINE_LIMIT = 4096
"""What CloudFormation takes of a function's code in a template."""


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What CloudFormation is told."""
    told: list[dict[str, Any]] = []

    def opened(request: Any, timeout: float) -> Any:
        assert timeout <= 30
        told.append(json.loads(request.data))
        return SimpleNamespace(close=lambda: None)

    monkeypatch.setattr(urllib.request, "urlopen", opened)
    return told


def call(handler: ModuleType, properties: dict[str, Any], kind: str = "Create") -> None:
    event = {"RequestType": kind, "ResponseURL": "https://answer.example", "ResourceProperties": properties}
    handler.handle(event | {"StackId": "stack", "RequestId": "1", "LogicalResourceId": "It"}, None)


@pytest.mark.parametrize("handler", [account_settings_handler, zone_key_handler], ids=lambda each: each.__name__)
def test_a_handler_fits_into_a_template(handler: ModuleType) -> None:
    assert handler.__file__ is not None
    assert len(Path(handler.__file__).read_text("utf-8")) <= INLINE_LIMIT


@pytest.mark.usefixtures("aws")
def test_new_volumes_are_encrypted_and_no_bucket_can_be_public(answers: list[dict[str, Any]]) -> None:
    told = {"Region": REGION, "Account": "123456789012", "Volumes": "true", "Buckets": "true"}
    for kind in ("Create", "Update"):
        call(account_settings_handler, told, kind)
    assert [each["Status"] for each in answers] == ["SUCCESS", "SUCCESS"]
    assert boto3.client("ec2", REGION).get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True
    blocks = boto3.client("s3control", REGION).get_public_access_block(AccountId="123456789012")
    assert set(blocks["PublicAccessBlockConfiguration"].values()) == {True}


@pytest.mark.usefixtures("aws")
def test_what_is_scanned_is_what_the_document_says(answers: list[dict[str, Any]]) -> None:
    call(account_settings_handler, {"Region": REGION, "Account": "123456789012", "Scanned": ["ECR"]})
    assert answers[0]["Status"] == "SUCCESS"
    found = boto3.client("inspector2", REGION).batch_get_account_status(accountIds=["123456789012"])
    states = found["accounts"][0]["resourceState"]
    assert (states["ecr"]["status"], states["ec2"]["status"]) == ("ENABLED", "DISABLED")


@pytest.mark.usefixtures("aws")
def test_removing_the_stack_leaves_the_account_as_safe_as_it_is(answers: list[dict[str, Any]]) -> None:
    told = {"Region": REGION, "Account": "123456789012", "Volumes": "true"}
    call(account_settings_handler, told)
    call(account_settings_handler, told, "Delete")
    assert answers[1]["Status"] == "SUCCESS"
    assert boto3.client("ec2", REGION).get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True


def test_discovery_that_is_refused_is_told(monkeypatch: pytest.MonkeyPatch, answers: list[dict[str, Any]]) -> None:
    def refuse(**_: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "UpdateAutomatedDiscoveryConfiguration")

    macie = SimpleNamespace(update_automated_discovery_configuration=refuse)
    monkeypatch.setattr(boto3, "client", lambda *_, **__: macie)
    call(account_settings_handler, {"Region": REGION, "Account": "123456789012", "Discovery": "true"})
    assert answers[0]["Status"] == "FAILED"
    assert "AccessDeniedException" in answers[0]["Reason"]


@pytest.mark.usefixtures("aws")
def test_a_replica_is_told_the_key_that_the_zones_alias_names_in_its_first_region(
    answers: list[dict[str, Any]],
) -> None:
    kms = boto3.client("kms", "us-east-1")
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]
    kms.create_alias(AliasName="alias/lifeboat-triage-us", TargetKeyId=key["KeyId"])
    call(zone_key_handler, {"Alias": "alias/lifeboat-triage-us", "Region": "us-east-1"})
    call(zone_key_handler, {"Alias": "alias/nobodys", "Region": "us-east-1"})
    assert answers[0]["Data"] == {"Arn": key["Arn"]}
    assert answers[1]["Status"] == "FAILED"
    assert "NotFoundException" in answers[1]["Reason"]
