"""RDS's rebuilding of a copy that has diverged, by the product's own driver, on real servers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from failover.adapters.aws import rebuilding
from failover.errors import ReplicaNotReadyError
from failover.topology import Names
from tests.products import EU, US
from tests.products import quickstart as product
from tests.twin.postgres.stage import FAST, MASTER, Cloud, Eventually, free_port
from twin.aws.rds import Rds, records
from twin.postgres import Servers

pytestmark = pytest.mark.twin

NAMES = Names(product())
OLD, NEW = (NAMES.db_instance("orders", region) for region in (US, EU))
KEPT = NAMES.db_instance_before("orders", US, 2)
MARK = {"Key": "aws:cloudformation:stack-name", "Value": "lifeboat-quickstart-us-east-1"}


@pytest.fixture
def cloud(ministack: str, servers: Servers, eventually: Eventually) -> Iterator[Cloud]:
    """A primary in us-east-1 and a replica in eu-west-1, which has been promoted: us-east-1 has diverged."""
    from ministack.services import rds as ministack_rds

    addresses = {OLD: "127.0.221.10", NEW: "127.0.222.10", KEPT: "127.0.221.11"}
    ports = {name: free_port(address) for name, address in addresses.items()}

    def place(_region: str, identifier: str) -> tuple[str, int]:
        return addresses[identifier], ports[OLD if identifier == KEPT else identifier]

    told: list[tuple[str, dict[str, Any]]] = []
    with Rds(servers, place=place, put_aws_event=lambda at, event: told.append((at, event)), durations=FAST) as rds:
        made = Cloud(rds, ministack, told)
        _begin(made, eventually)
        yield made
        for region, name in ((US, OLD), (US, KEPT), (EU, NEW)):
            _remove(made, region, name)
    ministack_rds._instances.clear()


def _begin(cloud: Cloud, eventually: Eventually) -> None:
    cloud.client("rds", US).create_db_instance(
        DBInstanceIdentifier=OLD,
        DBInstanceClass="db.r6g.large",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername=MASTER.user,
        MasterUserPassword=MASTER.password,
        DBName=MASTER.database,
        BackupRetentionPeriod=7,
    )
    eventually(lambda: cloud.status(US, OLD) == "available")
    cloud.client("rds", EU).create_db_instance_read_replica(
        DBInstanceIdentifier=NEW, SourceDBInstanceIdentifier=NAMES.db_instance_arn("orders", US)
    )
    eventually(lambda: cloud.status(EU, NEW) == "available")
    with cloud.rds.server(US, OLD).connect("orders") as session:
        session.execute("create table numbers (n int)")
    cloud.client("rds", EU).promote_read_replica(DBInstanceIdentifier=NEW)
    source = "ReadReplicaSourceDBInstanceIdentifier"
    eventually(lambda: not cloud.describe(EU, NEW).get(source) and cloud.status(EU, NEW) == "available")
    add(cloud, US, OLD, 1)  # only the old writer has it
    add(cloud, EU, NEW, 2)


def _remove(cloud: Cloud, region: str, name: str) -> None:
    rds = cloud.client("rds", region)
    try:
        rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True)
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    except ClientError:
        return  # this test made none of that name


def add(cloud: Cloud, region: str, name: str, number: int) -> None:
    with cloud.rds.server(region, name).connect("orders") as session:
        session.execute("insert into numbers values (%s)", (number,))


def numbers(cloud: Cloud, region: str, name: str) -> list[int]:
    with cloud.rds.server(region, name).connect("orders") as session:
        return [row[0] for row in session.execute("select n from numbers order by n")]


@pytest.fixture
def rebuild(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """One call of the driver; whether it says that the replica is being made."""
    monkeypatch.setattr(rebuilding, "client", cloud.client)

    def call() -> bool:
        try:
            rebuilding.rebuild(NAMES, "orders", US, EU, epoch=2)
        except ReplicaNotReadyError:
            return False
        return True

    return call


def test_the_old_instance_is_kept_and_a_replica_of_the_writer_takes_its_name(
    cloud: Cloud, rebuild: Callable[[], bool], eventually: Eventually
) -> None:
    # As CloudFormation leaves them on what it makes; whoever asks for a replica may not ask for them.
    records.find(US, OLD)["TagList"] = [{"Key": "team", "Value": "orders"}, MARK]  # type: ignore[index]
    assert not rebuild()
    assert cloud.status(US, OLD) == "renaming"
    assert not rebuild()  # it is being renamed: nothing is asked for twice
    eventually(rebuild)
    eventually(lambda: cloud.status(US, OLD) == "available")
    assert rebuild()
    assert cloud.describe(US, OLD)["ReadReplicaSourceDBInstanceIdentifier"] == NAMES.db_instance_arn("orders", EU)
    assert cloud.describe(US, OLD)["DeletionProtection"]
    assert cloud.describe(US, OLD)["DBInstanceClass"] == "db.r6g.large"
    days = {"Key": "lifeboat:recovery-days", "Value": "7"}
    assert cloud.describe(US, OLD)["TagList"] == [{"Key": "team", "Value": "orders"}, days]
    assert cloud.rds.server(US, OLD).is_in_recovery()
    add(cloud, EU, NEW, 3)
    eventually(lambda: numbers(cloud, US, OLD) == [2, 3])
    assert numbers(cloud, US, KEPT) == [1]
    assert not cloud.rds.server(US, KEPT).is_in_recovery()


def test_the_name_and_the_address_are_the_replicas_and_the_kept_one_has_others(
    cloud: Cloud, rebuild: Callable[[], bool], eventually: Eventually
) -> None:
    before = cloud.rds.endpoints()
    eventually(rebuild)
    eventually(lambda: cloud.status(US, OLD) == "available")
    address = f"{OLD}.c0twin.us-east-1.rds.amazonaws.com"
    assert cloud.rds.endpoints()[address] == before[address]
    assert cloud.describe(US, KEPT)["Endpoint"]["Address"] == f"{KEPT}.c0twin.us-east-1.rds.amazonaws.com"


def test_a_region_that_dies_between_the_two_halves_is_rebuilt_when_it_returns(
    cloud: Cloud, rebuild: Callable[[], bool], eventually: Eventually
) -> None:
    rebuild()
    eventually(lambda: cloud.describe(US, KEPT)["DBInstanceStatus"] == "available" if _known(cloud, KEPT) else False)
    cloud.rds.region_down(US)
    cloud.rds.region_up(US)
    assert numbers(cloud, US, KEPT) == [1]
    eventually(rebuild)
    eventually(lambda: cloud.status(US, OLD) == "available")
    assert numbers(cloud, US, OLD) == [2]


def _known(cloud: Cloud, name: str) -> bool:
    try:
        cloud.describe(US, name)
    except ClientError:
        return False
    return True


def test_a_name_that_is_taken_and_one_that_cannot_be_given_now_are_refused(cloud: Cloud) -> None:
    rds = cloud.client("rds", EU)
    with pytest.raises(ClientError, match="already exists"):
        rds.modify_db_instance(DBInstanceIdentifier=NEW, NewDBInstanceIdentifier=NEW, ApplyImmediately=True)
    cloud.rds.instance_down(EU, NEW)
    with pytest.raises(ClientError, match="status failed") as refused:
        rds.modify_db_instance(DBInstanceIdentifier=NEW, NewDBInstanceIdentifier="x", ApplyImmediately=True)
    assert refused.value.response["Error"]["Code"] == "InvalidDBInstanceState"
    cloud.rds.instance_up(EU, NEW)
