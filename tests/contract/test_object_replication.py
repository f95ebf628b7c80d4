"""What the buckets' rules say of where objects go, in memory and on S3 as the twin has it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from failover.adapters.aws import AwsObjects
from failover.adapters.aws import objects as adapter
from failover.adapters.memory import MemoryObjects
from failover.regional_ports import ObjectReplication, Replication
from failover.topology import Names
from tests.contract.emulated import emulated_aws
from tests.contract.services import SILENCE, answering, raising, refusal
from tests.products import AP, EU, US, quickstart

TOPOLOGY = quickstart()
NAMES = Names(TOPOLOGY)


@dataclass
class Stage:
    service: ObjectReplication
    put: Callable[..., None]


@pytest.fixture(params=["memory", pytest.param("aws", marks=pytest.mark.twin)])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "memory":
        rules = {EU: Replication()}
        yield Stage(MemoryObjects(rules), lambda *to: rules.update({EU: Replication(frozenset(to))}))
        return
    with emulated_aws():
        for region in (US, EU, AP):
            s3 = boto3.client("s3", region)
            placed = {} if region == US else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            s3.create_bucket(Bucket=NAMES.bucket(region), **placed)
            s3.put_bucket_versioning(Bucket=NAMES.bucket(region), VersioningConfiguration={"Status": "Enabled"})
        yield Stage(AwsObjects(TOPOLOGY), lambda *to: put(*(rule(each) for each in to)))


def rule(region: str, **changes: Any) -> dict[str, Any]:
    whole = {
        "ID": f"to-{region}",
        "Priority": {US: 1, EU: 2, AP: 3}[region],
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{NAMES.bucket(region)}"},
    }
    return {**whole, **changes}


def put(*rules: dict[str, Any]) -> None:
    boto3.client("s3", EU).put_bucket_replication(
        Bucket=NAMES.bucket(EU),
        ReplicationConfiguration={"Role": "arn:aws:iam::111122223333:role/copies", "Rules": list(rules)},
    )


def test_a_bucket_without_rules_copies_nowhere(stage: Stage) -> None:
    assert stage.service.describe(EU) == Replication()


def test_rules_are_told_by_the_regions_that_they_lead_to(stage: Stage) -> None:
    stage.put(US, AP)
    assert stage.service.describe(EU) == Replication(frozenset({US, AP}))


def test_a_region_that_does_not_answer_is_unknown(stage: Stage) -> None:
    if isinstance(stage.service, MemoryObjects):
        assert stage.service.describe(AP).failure
    else:
        boto3.client("s3", AP).delete_bucket(Bucket=NAMES.bucket(AP))
        assert stage.service.describe(AP).failure.endswith("NoSuchBucket")


@pytest.mark.parametrize(
    "useless",
    [
        rule(US, Status="Disabled"),
        rule(US, Filter={"Prefix": "photos/"}),
        rule(US, Filter={"Tag": {"Key": "copy", "Value": "yes"}}),
        rule(US, Destination={"Bucket": "arn:aws:s3:::somebody-elses"}),
    ],
)
def test_a_rule_that_copies_not_all_of_them_there_does_not_count(useless: dict[str, Any]) -> None:
    told = {"ReplicationConfiguration": {"Rules": [useless, rule(AP)]}}
    with answering(adapter, {"get_bucket_replication": lambda **_: told}) as asked:
        assert AwsObjects(TOPOLOGY).describe(EU) == Replication(frozenset({AP}))
    assert set(asked) == {("s3", EU)}


@pytest.mark.parametrize("error", [*SILENCE, refusal("AccessDenied", 403), refusal("InternalError", 500)])
def test_what_cannot_be_read_is_unknown_and_not_absent(error: Exception) -> None:
    with answering(adapter, {"get_bucket_replication": raising(error)}):
        assert AwsObjects(TOPOLOGY).describe(EU).failure
