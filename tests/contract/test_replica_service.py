"""What the database service promises of a copy and of its promotion, in memory and on RDS."""

from typing import Any

import boto3
import pytest

from failover.adapters.aws import AwsReplicas, backups
from failover.adapters.aws import rds as adapter
from failover.adapters.memory import ManualClock, MemoryCopy, MemoryReplicas
from failover.errors import (
    DatabaseUnreachableError,
    PromotionNotDoneError,
    PromotionRefusedError,
    ReplicaNotReadyError,
    TransientError,
)
from failover.ports import ReplicaService, ReplicaState
from failover.records import LossAllowed
from failover.topology import Names
from tests.contract.services import SILENCE, answering, raising, refusal
from tests.products import EU, US, quickstart

TOPOLOGY = quickstart()
NAMES = Names(TOPOLOGY)
REPLICA = NAMES.db_instance("orders", EU)


@pytest.fixture(params=["memory", "aws"])
def service(request: pytest.FixtureRequest) -> ReplicaService:
    """A primary in us-east-1 and its replica in eu-west-1."""
    if request.param == "memory":
        clock = ManualClock()
        return MemoryReplicas({("orders", US): MemoryCopy(clock), ("orders", EU): MemoryCopy(clock, in_recovery=True)})
    request.getfixturevalue("aws")
    shape = {"DBInstanceClass": "db.r6g.large"}
    boto3.client("rds", US).create_db_instance(
        DBInstanceIdentifier=NAMES.db_instance("orders", US),
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="owner",
        MasterUserPassword="a-password-of-tests",
        **shape,
    )
    boto3.client("rds", EU).create_db_instance_read_replica(
        DBInstanceIdentifier=REPLICA, SourceDBInstanceIdentifier=NAMES.db_instance_arn("orders", US), **shape
    )
    return AwsReplicas(TOPOLOGY)


def test_a_primary_follows_nobody(service: ReplicaService) -> None:
    assert service.describe("orders", US) == ReplicaState("available", None)


def test_a_replica_says_available_and_whom_it_follows(service: ReplicaService) -> None:
    """Available is not promoted: only the source tells them apart."""
    state = service.describe("orders", EU)
    assert state.status == "available"
    assert state.source


def test_a_promotion_is_accepted(service: ReplicaService) -> None:
    """Whom it follows afterwards is seen on the twin: moto goes on naming the source."""
    service.promote("orders", EU, loss=LossAllowed.WITHIN_OBJECTIVE)
    assert service.describe("orders", EU).status == "available"


def test_a_copy_that_does_not_exist_is_told_with_its_name(aws: None) -> None:
    with pytest.raises(DatabaseUnreachableError, match=f"{REPLICA}: DBInstanceNotFound"):
        AwsReplicas(TOPOLOGY).describe("orders", EU)


@pytest.mark.parametrize("source", [None, ""])
def test_no_source_is_no_source_however_it_is_written(source: str | None) -> None:
    instance = {"DBInstanceStatus": "available", "ReadReplicaSourceDBInstanceIdentifier": source}
    with answering(adapter, {"describe_db_instances": lambda **_: {"DBInstances": [instance]}}):
        assert AwsReplicas(TOPOLOGY).describe("orders", EU) == ReplicaState("available", None)


def test_the_copys_own_region_is_asked_and_no_other() -> None:
    """The lost region is never asked, nor the one that this runs in."""
    with answering(
        adapter,
        {
            "describe_db_instances": lambda **_: {"DBInstances": [{"DBInstanceStatus": "available"}]},
            "promote_read_replica": lambda **_: {},
        },
    ) as asked:
        AwsReplicas(TOPOLOGY).describe("orders", EU)
        AwsReplicas(TOPOLOGY).promote("orders", EU, loss=LossAllowed.WITHIN_OBJECTIVE)
    assert set(asked) == {("rds", EU)}


WINDOW = {"PreferredBackupWindow": "02:00-02:30"}


@pytest.mark.parametrize(
    ("described", "asked"),
    [
        ({"BackupRetentionPeriod": 35, **WINDOW}, {"BackupRetentionPeriod": 35, **WINDOW}),
        ({"BackupRetentionPeriod": 0, **WINDOW}, {"BackupRetentionPeriod": 1, **WINDOW}),
        (
            {"BackupRetentionPeriod": 0, "TagList": [backups.tagged({"BackupRetentionPeriod": 14})]},
            {"BackupRetentionPeriod": 14},
        ),
        ({"TagList": [{"Key": backups.DAYS_TAG, "Value": "of somebody else"}]}, {"BackupRetentionPeriod": 1}),
    ],
)
@pytest.mark.parametrize("looked", [True, False])
def test_a_promotion_keeps_the_backups_that_the_copy_has(
    described: dict[str, Any], asked: dict[str, Any], *, looked: bool
) -> None:
    """Unasked, RDS would keep them for one day."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def describe(**_: Any) -> dict[str, Any]:
        calls.append(("describe", {}))
        return {"DBInstances": [{"DBInstanceStatus": "available", **described}]}

    answers = {
        "describe_db_instances": describe,
        "promote_read_replica": lambda **told: calls.append(("promote", told)),
    }
    with answering(adapter, answers):
        replicas = AwsReplicas(TOPOLOGY)
        if looked:
            replicas.describe("orders", EU)
        replicas.promote("orders", EU, loss=LossAllowed.WITHIN_OBJECTIVE)
    assert calls == [("describe", {}), ("promote", {"DBInstanceIdentifier": REPLICA, **asked})]


@pytest.mark.parametrize("error", [*SILENCE, refusal("Throttling"), refusal("AccessDenied", 403), refusal("X", 500)])
def test_a_service_that_does_not_describe_is_unreachable(error: Exception) -> None:
    with answering(adapter, {"describe_db_instances": raising(error)}), pytest.raises(DatabaseUnreachableError):
        AwsReplicas(TOPOLOGY).describe("orders", EU)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refusal("InvalidDBInstanceState"), ReplicaNotReadyError),
        (refusal("InvalidDBInstanceStateFault"), ReplicaNotReadyError),
        (refusal("Throttling"), PromotionRefusedError),
        (refusal("AccessDenied", 403), PromotionRefusedError),
        (refusal("DBInstanceNotFound", 404), PromotionRefusedError),
        (refusal("InternalFailure", 500), PromotionNotDoneError),
        (refusal("ServiceUnavailable", 503), PromotionNotDoneError),
        *((silence, PromotionNotDoneError) for silence in SILENCE),
    ],
    ids=lambda each: getattr(each, "__name__", str(each))[:60],
)
def test_what_the_service_says_to_a_promotion_has_one_name(error: Exception, told: type[TransientError]) -> None:
    """An answer that was lost may have been a yes: it must never be taken for a no."""
    answers = {
        "describe_db_instances": lambda **_: {"DBInstances": [{"DBInstanceStatus": "available"}]},
        "promote_read_replica": raising(error),
    }
    with answering(adapter, answers), pytest.raises(told, match=REPLICA) as raised:
        AwsReplicas(TOPOLOGY).promote("orders", EU, loss=LossAllowed.WITHIN_OBJECTIVE)
    assert raised.type is told
    assert raised.value.__cause__ is error
