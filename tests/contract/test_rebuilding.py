"""What RDS is asked for when a copy is rebuilt, in what order, and what is never asked."""

from collections.abc import Callable
from typing import Any

import pytest

from failover.adapters.aws import backups, rebuilding
from failover.errors import ReplicaNotReadyError
from failover.topology import Names
from tests.contract.services import SILENCE, answering, refusal
from tests.products import AP, EU, US, quickstart

NAMES = Names(quickstart())
COPY, KEPT = NAMES.db_instance("orders", US), NAMES.db_instance_before("orders", US, 2)
SOURCE = NAMES.db_instance_arn("orders", EU)
OLD: dict[str, Any] = {
    "DBInstanceIdentifier": COPY,
    "DBInstanceStatus": "available",
    "DBInstanceClass": "db.r6g.large",
    "KmsKeyId": "arn:aws:kms:us-east-1:111122223333:key/its-own",
    "MultiAZ": True,
    "StorageType": "gp3",
    "BackupRetentionPeriod": 35,
    "DBSubnetGroup": {"DBSubnetGroupName": "its-subnets"},
    "DBParameterGroups": [{"DBParameterGroupName": "its-parameters"}],
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
    "EnabledCloudwatchLogsExports": ["postgresql"],
    "TagList": [
        {"Key": "team", "Value": "orders"},
        {"Key": "aws:cloudformation:logical-id", "Value": "OrdersInstance"},
        {"Key": "rds:of-its-own", "Value": "x"},
    ],
}


class Service:
    """RDS of one region: instances by name, and what was asked of them; answers may be lost."""

    def __init__(self, **instances: dict[str, Any]) -> None:
        self.instances = {name.replace("_", "-"): each for name, each in instances.items()}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.error: Exception | None = None

    def rebuild(self) -> list[tuple[str, str]]:
        answers: dict[str, Callable[..., Any]] = {
            "describe_db_instances": self._describe,
            "modify_db_instance": lambda **asked: self._take("rename", asked),
            "create_db_instance_read_replica": lambda **asked: self._take("create", asked),
        }
        with answering(rebuilding, answers) as regions:
            rebuilding.rebuild(NAMES, "orders", US, EU, epoch=2)
        return regions

    def _describe(self, DBInstanceIdentifier: str) -> dict[str, Any]:  # noqa: N803 - the service's own names
        if DBInstanceIdentifier not in self.instances:
            raise refusal("DBInstanceNotFound", 404)
        return {"DBInstances": [self.instances[DBInstanceIdentifier]]}

    def _take(self, what: str, asked: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((what, asked))
        if self.error is not None:
            raise self.error
        return {}


def test_an_old_writer_is_renamed_first_and_never_deleted() -> None:
    service = Service()
    service.instances[COPY] = OLD
    with pytest.raises(ReplicaNotReadyError, match=f"renamed to {KEPT}"):
        service.rebuild()
    assert service.asked == [
        ("rename", {"DBInstanceIdentifier": COPY, "NewDBInstanceIdentifier": KEPT, "ApplyImmediately": True})
    ]


def test_the_replica_is_as_the_old_one_was_protected_and_asked_for_in_its_own_region() -> None:
    service = Service()
    service.instances[KEPT] = OLD
    assert set(service.rebuild()) == {("rds", US)}
    ((what, asked),) = service.asked
    assert what == "create"
    assert asked == {
        "DBInstanceIdentifier": COPY,
        "SourceDBInstanceIdentifier": SOURCE,
        "SourceRegion": EU,
        "DBInstanceClass": "db.r6g.large",
        "KmsKeyId": OLD["KmsKeyId"],
        "MultiAZ": True,
        "StorageType": "gp3",
        "DBSubnetGroupName": "its-subnets",
        "DBParameterGroupName": "its-parameters",
        "VpcSecurityGroupIds": ["sg-1"],
        "EnableCloudwatchLogsExports": ["postgresql"],
        "DeletionProtection": True,
        "Tags": [{"Key": "team", "Value": "orders"}, {"Key": "lifeboat:recovery-days", "Value": "35"}],
    }


def test_the_days_of_the_first_instance_pass_through_replicas_that_have_no_backups() -> None:
    service = Service()
    service.instances[KEPT] = {**OLD, "BackupRetentionPeriod": 0, "TagList": [backups.tagged(OLD)]}
    service.rebuild()
    ((_, asked),) = service.asked
    assert asked["Tags"] == [{"Key": "lifeboat:recovery-days", "Value": "35"}]


@pytest.mark.parametrize("status", ["creating", "available"])
def test_a_replica_of_the_writer_is_left_alone(status: str) -> None:
    service = Service()
    service.instances[COPY] = {**OLD, "DBInstanceStatus": status, "ReadReplicaSourceDBInstanceIdentifier": SOURCE}
    service.rebuild()
    assert service.asked == []


def test_a_replica_of_another_writer_is_rebuilt_as_well() -> None:
    service = Service()
    other = NAMES.db_instance_arn("orders", AP)
    service.instances[COPY] = {**OLD, "ReadReplicaSourceDBInstanceIdentifier": other}
    with pytest.raises(ReplicaNotReadyError):
        service.rebuild()
    assert [what for what, _ in service.asked] == ["rename"]


@pytest.mark.parametrize("status", ["renaming", "backing-up", "stopped", "failed", "storage-full"])
def test_nothing_is_asked_of_an_instance_that_cannot_be_renamed(status: str) -> None:
    service = Service()
    service.instances[COPY] = {**OLD, "DBInstanceStatus": status}
    with pytest.raises(ReplicaNotReadyError, match=status):
        service.rebuild()
    assert service.asked == []


def test_where_there_is_neither_nothing_is_made_up() -> None:
    with pytest.raises(ReplicaNotReadyError, match="knows neither"):
        Service().rebuild()


@pytest.mark.parametrize(
    "error", [*SILENCE, refusal("Throttling"), refusal("DBInstanceAlreadyExists"), refusal("X", 500)]
)
@pytest.mark.parametrize("there", [COPY, KEPT])
def test_an_answer_that_is_no_clear_yes_is_looked_at_again(there: str, error: Exception) -> None:
    service = Service()
    service.instances[there], service.error = OLD, error
    with pytest.raises(ReplicaNotReadyError, match=COPY):
        service.rebuild()
