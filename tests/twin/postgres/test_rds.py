"""RDS as boto3 sees it, on real servers: replicas, promotions with their statuses and faults, outages."""

import threading
import time
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.twin.postgres.stage import ACCOUNT, MASTER, PRIMARY, REPLICA, Cloud, Eventually
from twin.postgres import PostgresError

pytestmark = pytest.mark.twin

PRIMARY_ARN = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:{PRIMARY}"
REPLICA_ARN = f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:{REPLICA}"


def promote(cloud: Cloud, identifier: str = REPLICA, **backups: Any) -> None:
    cloud.client("rds", "eu-west-1").promote_read_replica(DBInstanceIdentifier=identifier, **backups)


def promoted(cloud: Cloud) -> bool:
    found = cloud.describe("eu-west-1", REPLICA)
    return not found.get("ReadReplicaSourceDBInstanceIdentifier") and found["DBInstanceStatus"] == "available"


def add(cloud: Cloud, number: int, region: str = "us-east-1", identifier: str = PRIMARY) -> None:
    with cloud.rds.server(region, identifier).connect("orders") as session:
        session.execute("insert into numbers values (%s)", (number,))


def has(cloud: Cloud, number: int, region: str = "eu-west-1", identifier: str = REPLICA) -> bool:
    with cloud.rds.server(region, identifier).connect("orders") as session:
        return session.execute("select 1 from numbers where n = %s", (number,)).fetchone() is not None


def test_a_replica_in_another_region_is_named_on_both_sides_and_streams(
    quickstart: Cloud, eventually: Eventually
) -> None:
    source, replica = quickstart.describe("us-east-1", PRIMARY), quickstart.describe("eu-west-1", REPLICA)
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == PRIMARY_ARN
    assert source["ReadReplicaDBInstanceIdentifiers"] == [REPLICA_ARN]
    assert replica["Endpoint"]["Address"] == f"{REPLICA}.c0twin.eu-west-1.rds.amazonaws.com"
    assert replica["Endpoint"]["Port"] == 5432
    assert quickstart.rds.endpoints()[replica["Endpoint"]["Address"]] == "127.0.212.10"
    add(quickstart, 1)
    eventually(lambda: has(quickstart, 1))
    with psycopg.connect(
        host="127.0.212.10",
        port=quickstart.rds.server("eu-west-1", REPLICA).port,
        user=MASTER.user,
        password=MASTER.password,
        dbname=MASTER.database,
    ) as session:
        assert session.execute("select pg_is_in_recovery()").fetchone() == (True,)


def test_a_promotion_passes_through_its_statuses_and_then_has_no_source(quickstart: Cloud) -> None:
    assert quickstart.status("eu-west-1", REPLICA) == "available"  # before as after
    quickstart.client("rds", "eu-west-1").modify_db_instance(DBInstanceIdentifier=REPLICA, BackupRetentionPeriod=7)
    promote(quickstart)
    seen: list[tuple[str, bool]] = []
    deadline = time.monotonic() + 15
    while ("available", False) not in seen and time.monotonic() < deadline:
        found = quickstart.describe("eu-west-1", REPLICA)
        now = (found["DBInstanceStatus"], bool(found.get("ReadReplicaSourceDBInstanceIdentifier")))
        seen += [now] if now not in seen else []
    assert seen == [("modifying", True), ("backing-up", False), ("available", False)]
    assert not quickstart.rds.server("eu-west-1", REPLICA).is_in_recovery()
    assert quickstart.describe("us-east-1", PRIMARY)["ReadReplicaDBInstanceIdentifiers"] == []
    assert "RDS-EVENT-0057" in quickstart.event_ids("eu-west-1")
    assert not [thread for thread in threading.enumerate() if thread.name == "rds-promotion"]
    assert quickstart.describe("eu-west-1", REPLICA)["BackupRetentionPeriod"] == 1  # by default, whatever it had
    with pytest.raises(ClientError, match="not a read replica") as refusal:
        promote(quickstart)
    assert refusal.value.response["Error"]["Code"] == "InvalidDBInstanceState"


def test_a_promotion_is_refused_while_another_runs_and_for_the_unknown(
    quickstart: Cloud, eventually: Eventually
) -> None:
    with pytest.raises(ClientError) as unknown:
        promote(quickstart, "nobody")
    assert unknown.value.response["Error"]["Code"] == "DBInstanceNotFound"
    promote(quickstart)
    for status in ("modifying", "backing-up"):
        eventually(lambda: quickstart.status("eu-west-1", REPLICA) == status)  # noqa: B023
        with pytest.raises(ClientError, match=status) as refusal:
            promote(quickstart)
        assert refusal.value.response["Error"]["Code"] == "InvalidDBInstanceState"


def test_a_refused_promotion_changes_nothing_and_the_next_one_may_succeed(quickstart: Cloud) -> None:
    quickstart.rds.faults.refuse("eu-west-1", REPLICA, code="InternalFailure")
    with pytest.raises(ClientError) as refusal:
        promote(quickstart)
    assert refusal.value.response["Error"]["Code"] == "InternalFailure"
    assert quickstart.status("eu-west-1", REPLICA) == "available"
    assert quickstart.rds.server("eu-west-1", REPLICA).is_in_recovery()
    promote(quickstart)
    assert quickstart.status("eu-west-1", REPLICA) == "modifying"


@pytest.mark.parametrize("delay_seconds", [0.0, 1.3])
def test_an_unanswered_promotion_happens_all_the_same(
    quickstart: Cloud, eventually: Eventually, delay_seconds: float
) -> None:
    quickstart.rds.faults.leave_unanswered("eu-west-1", REPLICA, delay_seconds=delay_seconds)
    impatient = quickstart.client("rds", "eu-west-1", read_timeout=1)
    with pytest.raises(ReadTimeoutError):
        impatient.promote_read_replica(DBInstanceIdentifier=REPLICA)
    assert promoted(quickstart) is (delay_seconds == 0)
    eventually(lambda: promoted(quickstart))
    assert not quickstart.rds.server("eu-west-1", REPLICA).is_in_recovery()


def test_an_endless_promotion_goes_on_when_it_is_let(quickstart: Cloud, eventually: Eventually) -> None:
    quickstart.rds.faults.never_end("eu-west-1", REPLICA)
    promote(quickstart)
    time.sleep(0.7)  # over twice as long as it takes
    assert quickstart.status("eu-west-1", REPLICA) == "modifying"
    assert quickstart.rds.server("eu-west-1", REPLICA).is_in_recovery()
    quickstart.rds.faults.clear("eu-west-1", REPLICA)
    eventually(lambda: promoted(quickstart))


def test_a_dead_region_returns_with_what_was_on_its_disks(quickstart: Cloud, eventually: Eventually) -> None:
    add(quickstart, 10)
    eventually(lambda: has(quickstart, 10))
    quickstart.rds.region_down("us-east-1")
    with pytest.raises(PostgresError, match="does not answer"):
        add(quickstart, 11)
    promote(quickstart)
    eventually(lambda: promoted(quickstart))
    add(quickstart, 12, "eu-west-1", REPLICA)
    quickstart.rds.region_up("us-east-1")
    old, new = (quickstart.rds.server(*at) for at in (("us-east-1", PRIMARY), ("eu-west-1", REPLICA)))
    assert not old.is_in_recovery() and has(quickstart, 10, "us-east-1", PRIMARY)
    assert not has(quickstart, 12, "us-east-1", PRIMARY)
    assert new.timeline() == old.timeline() + 1
    assert quickstart.event_ids("us-east-1") == []  # the dead tell nothing


def test_a_region_that_dies_while_promoting_promotes_when_it_returns(quickstart: Cloud, eventually: Eventually) -> None:
    promote(quickstart)
    quickstart.rds.region_down("eu-west-1")
    time.sleep(0.7)
    assert not quickstart.rds.server("eu-west-1", REPLICA).running
    quickstart.rds.region_up("eu-west-1")
    eventually(lambda: promoted(quickstart))
    assert not quickstart.rds.server("eu-west-1", REPLICA).is_in_recovery()


def test_lag_and_a_cut_network_stop_a_replica_until_both_are_gone(quickstart: Cloud, eventually: Eventually) -> None:
    rds = quickstart.rds
    rds.replica_lags("eu-west-1", REPLICA)
    rds.cut("us-east-1", "eu-west-1")
    rds.cut("ap-southeast-1", "eu-west-1")  # nothing replicates from there
    with rds.server("us-east-1", PRIMARY).connect() as session:
        eventually(lambda: session.execute("select * from pg_stat_replication").fetchone() is None)
    add(quickstart, 20)
    rds.mend("us-east-1", "eu-west-1")
    time.sleep(0.5)
    assert not has(quickstart, 20)
    rds.replica_catches_up("eu-west-1", REPLICA)
    eventually(lambda: has(quickstart, 20))


def test_a_database_that_fails_alone_is_told_and_can_return(quickstart: Cloud) -> None:
    quickstart.rds.instance_down("eu-west-1", REPLICA)
    assert quickstart.status("eu-west-1", REPLICA) == "failed"
    region, event = quickstart.told[-1]
    assert (region, event["source"], event["detail-type"]) == ("eu-west-1", "aws.rds", "RDS DB Instance Event")
    assert event["detail"]["EventCategories"] == ["failure"]
    assert event["resources"] == [REPLICA_ARN]
    quickstart.rds.instance_up("eu-west-1", REPLICA)
    assert quickstart.status("eu-west-1", REPLICA) == "available"
    assert quickstart.rds.server("eu-west-1", REPLICA).is_in_recovery()


def test_the_life_of_an_instance_is_its_servers(quickstart: Cloud, eventually: Eventually) -> None:
    virginia, ireland = quickstart.client("rds", "us-east-1"), quickstart.client("rds", "eu-west-1")
    with pytest.raises(ClientError, match="read replica"):
        virginia.stop_db_instance(DBInstanceIdentifier=PRIMARY)
    promote(quickstart, BackupRetentionPeriod=14, PreferredBackupWindow="02:00-02:30")
    eventually(lambda: promoted(quickstart))
    found = quickstart.describe("eu-west-1", REPLICA)
    assert (found["BackupRetentionPeriod"], found["PreferredBackupWindow"]) == (14, "02:00-02:30")
    server = quickstart.rds.server("eu-west-1", REPLICA)

    ireland.stop_db_instance(DBInstanceIdentifier=REPLICA)
    eventually(lambda: quickstart.status("eu-west-1", REPLICA) == "stopped")
    assert not server.running
    ireland.start_db_instance(DBInstanceIdentifier=REPLICA)
    eventually(lambda: quickstart.status("eu-west-1", REPLICA) == "available")
    with server.connect() as session:
        ireland.reboot_db_instance(DBInstanceIdentifier=REPLICA)
        eventually(lambda: quickstart.status("eu-west-1", REPLICA) == "available")
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")
    ireland.modify_db_instance(DBInstanceIdentifier=REPLICA, MasterUserPassword="battery staple")
    psycopg.connect(
        host=server.address, port=server.port, user=MASTER.user, password="battery staple", dbname="orders"
    ).close()

    ireland.modify_db_instance(DBInstanceIdentifier=REPLICA, DeletionProtection=True)
    with pytest.raises(ClientError, match="DeletionProtection"):
        ireland.delete_db_instance(DBInstanceIdentifier=REPLICA, SkipFinalSnapshot=True)
    assert server.running
    ireland.modify_db_instance(DBInstanceIdentifier=REPLICA, DeletionProtection=False)


@pytest.mark.parametrize("key", ["aws:cloudformation:stack-name", "rds:mine"])
def test_tags_that_only_aws_itself_may_set_are_refused(quickstart: Cloud, key: str) -> None:
    tags: list[Any] = [{"Key": "team", "Value": "orders"}, {"Key": key, "Value": "x"}]
    virginia = quickstart.client("rds", "us-east-1")
    asked = {"DBInstanceIdentifier": "x", "DBInstanceClass": "db.t4g.micro", "Tags": tags}
    with pytest.raises(ClientError, match=key) as replica:
        virginia.create_db_instance_read_replica(SourceDBInstanceIdentifier=PRIMARY, **asked)
    with pytest.raises(ClientError, match=key) as instance:
        virginia.create_db_instance(Engine="postgres", MasterUsername="u", MasterUserPassword="long enough", **asked)
    assert {each.value.response["Error"]["Code"] for each in (replica, instance)} == {"InvalidParameterValue"}


def test_what_would_be_a_record_without_a_server_is_refused(cloud: Cloud) -> None:
    tokyo = cloud.client("rds", "ap-southeast-1")
    asked = {"DBInstanceIdentifier": "x", "DBInstanceClass": "db.t4g.micro", "AllocatedStorage": 20}
    with pytest.raises(ClientError, match="'mysql'"):
        tokyo.create_db_instance(**asked, Engine="mysql", MasterUsername="u", MasterUserPassword="long enough")
    with pytest.raises(ClientError, match="MasterUserPassword"):
        tokyo.create_db_instance(**asked, Engine="postgres", MasterUsername="u", ManageMasterUserPassword=True)
    assert tokyo.describe_db_instances()["DBInstances"] == []
