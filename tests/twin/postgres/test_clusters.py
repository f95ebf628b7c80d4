"""Aurora's global databases as boto3 sees them, on real servers: moves, their states and faults, and who rejoins."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.twin.postgres.globals import AP, EU, GLOBAL, US, GlobalDatabase
from tests.twin.postgres.stage import Cloud, Eventually
from twin.postgres import PostgresError

pytestmark = pytest.mark.twin


@pytest.fixture
def ledger(cloud: Cloud, eventually: Eventually) -> Iterator[GlobalDatabase]:
    """A global database that was born in us-east-1, all of its members connected, and written there."""
    whole = GlobalDatabase(cloud, eventually)
    whole.make()
    whole.write_from(US)
    cloud.told.clear()
    yield whole
    whole.mend()


def code(raised: pytest.ExceptionInfo[ClientError]) -> str:
    return str(raised.value.response["Error"]["Code"])


def test_one_member_writes_and_the_others_stream(ledger: GlobalDatabase) -> None:
    told = ledger.describe()
    assert (told["Status"], told["Engine"], told.get("FailoverState")) == ("available", "aurora-postgresql", None)
    assert {each["DBClusterArn"].split(":")[3]: each["IsWriter"] for each in told["GlobalClusterMembers"]} == {
        US: True,
        EU: False,
        AP: False,
    }
    number = ledger.add(US)
    ledger.eventually(lambda: ledger.has(EU, number) and ledger.has(AP, number))
    assert ledger.cluster(EU)["Endpoint"] == f"ledger-{EU}.cluster-c0twin.{EU}.rds.amazonaws.com"
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        ledger.add(EU)


def test_a_switchover_loses_nothing_and_the_old_writer_follows_the_new(ledger: GlobalDatabase) -> None:
    numbers = [ledger.add(US) for _ in range(20)]
    ledger.client(US).switchover_global_cluster(**ledger.towards(EU))
    during = ledger.describe()
    assert during["Status"] == "switching-over"
    assert during["FailoverState"]["ToDbClusterArn"] == ledger.arn(EU)
    assert during["FailoverState"]["IsDataLossAllowed"] is False
    ledger.eventually(lambda: ledger.settled(EU))
    assert all(ledger.has(EU, number) for number in numbers)
    number = ledger.add(EU)
    ledger.eventually(lambda: ledger.connected() and ledger.has(US, number) and ledger.has(AP, number))
    assert ledger.server(US).is_in_recovery() and ledger.server(AP).is_in_recovery()


def test_a_failover_needs_word_that_data_may_be_lost(ledger: GlobalDatabase) -> None:
    ledger.cloud.rds.region_down(US)
    for ask in (ledger.client(EU).switchover_global_cluster, ledger.client(EU).failover_global_cluster):
        with pytest.raises(ClientError) as refused:
            ask(**ledger.towards(EU))
        assert code(refused) == "InvalidGlobalClusterStateFault"
    assert ledger.server(EU).is_in_recovery()
    ledger.client(EU).failover_global_cluster(**ledger.towards(EU), AllowDataLoss=True)
    during = ledger.describe()
    assert (during["Status"], during["FailoverState"]["IsDataLossAllowed"]) == ("failing-over", True)
    ledger.eventually(lambda: ledger.settled(EU))
    number = ledger.add(EU)
    # The third region follows the new writer; it stands still for a moment meanwhile, as on AWS.
    ledger.eventually(lambda: ledger.synchronization(AP) == "connected" and ledger.has(AP, number))


def test_a_lost_writer_returns_as_a_replica_without_its_tail(ledger: GlobalDatabase) -> None:
    before = ledger.add(US)
    ledger.eventually(lambda: ledger.has(EU, before))
    for region in (EU, AP):
        ledger.cloud.rds.replica_lags(region, f"ledger-{region}")
    with ledger.server(US).connect() as session:
        ledger.eventually(lambda: session.execute("select * from pg_stat_replication").fetchone() is None)
    tail = ledger.add(US)
    ledger.cloud.rds.region_down(US)
    ledger.client(EU).failover_global_cluster(**ledger.towards(EU), AllowDataLoss=True)
    ledger.eventually(lambda: ledger.settled(EU))
    assert ledger.has(EU, before) and not ledger.has(EU, tail)
    number = ledger.add(EU)
    assert ledger.synchronization(US) == "pending-resync"
    ledger.cloud.rds.region_up(US)
    ledger.eventually(lambda: ledger.connected() and ledger.has(US, number))
    assert ledger.server(US).is_in_recovery()
    assert not ledger.has(US, tail)


def test_a_writer_that_packets_do_not_reach_lives_on_until_they_do(ledger: GlobalDatabase) -> None:
    """AWS fences the old writer where it can; across a cut it cannot, and only the gate keeps it from writing."""
    rds = ledger.cloud.rds
    for other in (EU, AP):
        rds.cut(US, other)
        rds.cut(other, US)
    ledger.client(EU).failover_global_cluster(**ledger.towards(EU), AllowDataLoss=True)
    ledger.eventually(lambda: ledger.settled(EU))
    assert ledger.server(US).running and not ledger.server(US).is_in_recovery()
    for other in (EU, AP):
        rds.mend(US, other)
        rds.mend(other, US)
    ledger.eventually(ledger.connected)
    assert ledger.server(US).is_in_recovery()


def test_a_second_move_is_refused_and_so_is_one_to_the_writer(ledger: GlobalDatabase) -> None:
    with pytest.raises(ClientError) as writer:
        ledger.client(US).switchover_global_cluster(**ledger.towards(US))
    assert code(writer) == "InvalidGlobalClusterStateFault"
    ledger.client(US).switchover_global_cluster(**ledger.towards(EU))
    with pytest.raises(ClientError) as second:
        ledger.client(AP).failover_global_cluster(**ledger.towards(AP), AllowDataLoss=True)
    assert code(second) == "InvalidGlobalClusterStateFault"
    ledger.eventually(lambda: ledger.settled(EU))
    asked = [(each.region, each.accepted, each.done_at is not None) for each in ledger.cloud.rds.promotions()]
    assert asked[-3:] == [(US, False, False), (EU, True, True), (AP, False, False)]


def test_what_does_not_exist_is_told_by_its_kind(ledger: GlobalDatabase) -> None:
    ask: Any = ledger.client(EU).failover_global_cluster
    for asked, told in (
        ({**ledger.towards(EU), "GlobalClusterIdentifier": "nobody"}, "GlobalClusterNotFoundFault"),
        ({**ledger.towards(EU), "TargetDbClusterIdentifier": ledger.arn("eu-west-9")}, "DBClusterNotFoundFault"),
    ):
        with pytest.raises(ClientError) as raised:
            ask(**asked, AllowDataLoss=True)
        assert code(raised) == told
    with pytest.raises(ClientError, match="not emulated"):
        ledger.client(EU).remove_from_global_cluster(GlobalClusterIdentifier=GLOBAL, DbClusterIdentifier=ledger.arn(EU))


def test_a_refused_move_changes_nothing_and_an_unanswered_one_happens(ledger: GlobalDatabase) -> None:
    ledger.cloud.rds.faults.refuse(EU, f"ledger-{EU}")
    with pytest.raises(ClientError) as refused:
        ledger.client(EU).failover_global_cluster(**ledger.towards(EU), AllowDataLoss=True)
    assert code(refused) == "InvalidDBClusterStateFault"
    assert ledger.describe()["Status"] == "available"
    ledger.cloud.rds.faults.leave_unanswered(EU, f"ledger-{EU}")
    with pytest.raises(ReadTimeoutError):
        ledger.client(EU, read_timeout=1).failover_global_cluster(**ledger.towards(EU), AllowDataLoss=True)
    ledger.eventually(lambda: ledger.settled(EU))


def test_a_region_that_dies_while_it_is_promoted_is_promoted_when_it_returns(ledger: GlobalDatabase) -> None:
    ledger.client(EU).failover_global_cluster(**ledger.towards(EU), AllowDataLoss=True)
    ledger.cloud.rds.region_down(EU)
    time.sleep(1.5)
    assert ledger.describe()["Status"] == "failing-over"
    with pytest.raises(PostgresError):
        ledger.server(EU).is_in_recovery()
    ledger.cloud.rds.region_up(EU)
    ledger.eventually(lambda: ledger.settled(EU))
