"""What goes wrong with logical replication by itself: seen when it is looked at, and mended by installing again."""

import psycopg
import pytest

from tests.contract.postgres.sharing.conftest import Pair, until

pytestmark = pytest.mark.twin

HOURS = """
drop table readings;
create table readings (home text not null, vehicle text not null, taken_at int not null, speed int,
    shared boolean not null default true, driver text, plate text) partition by range (taken_at);
create table readings_early partition of readings for values from (0) to (100);
create table readings_late partition of readings for values from (100) to (200);
"""
RAW = "create table raw (vehicle text, taken_at int, speed int, shared boolean, driver text, plate text)"


def test_an_end_that_was_never_installed_says_what_is_missing(pair: Pair) -> None:
    told = pair.ireland.sharing.look(pair.sharing).wrong
    assert "there is no publication lifeboat_telemetry; run install" in told
    assert any("nothing is received from telemetry-fr" in each for each in told)
    pair.ireland.run("drop table readings")
    assert any("there is no such table" in each for each in pair.ireland.sharing.look(pair.sharing).wrong)


def test_without_its_identity_a_tables_changes_are_refused_and_installing_again_mends_it(pair: Pair) -> None:
    pair.install()
    pair.ireland.drive(1)
    pair.ireland.run("alter table readings replica identity default")
    with pytest.raises(psycopg.errors.InvalidColumnReference):
        pair.ireland.run("update readings set speed = 70")
    assert any("its replica identity is not" in each for each in pair.wrong())
    pair.install()
    pair.ireland.run("update readings set speed = 70")
    until(lambda: pair.france.run("select speed from readings") == [(70,)])
    assert pair.wrong() == []


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ("alter publication lifeboat_telemetry set table readings (home, vehicle, taken_at, shared, plate)", "plate"),
        ("alter publication lifeboat_telemetry set table readings (home, vehicle, taken_at, shared)", "speed"),
        (
            "alter publication lifeboat_telemetry set table readings (home, vehicle, taken_at, shared, speed) "
            "where (shared or home = 'eu-west-3')",
            "filters public.readings by",
        ),
        ("create publication leak for table readings", "leak publishes driver, plate of public.readings"),
        ("grant select on readings to lifeboat_publisher", "may read plate of readings"),
        ("create table people (name text); grant select on people to lifeboat_publisher", "may read name of people"),
        ("insert into readings values ('eu-west-3', 'v', 9, 1, true, 'somebody')", "1 rows of other regions with pers"),
        ("alter table readings add column made_by text not null", "made_by of public.readings must not be empty"),
        ("alter subscription lifeboat_telemetry_from_telemetry_fr disable", "is disabled"),
        ("alter subscription lifeboat_telemetry_from_telemetry_fr set (origin = any)", "what telemetry-fr has from"),
        (
            "alter subscription lifeboat_telemetry_from_telemetry_fr set (synchronous_commit = off)",
            "says synchronous_commit = off",
        ),
    ],
)
def test_what_somebody_changed_by_hand_is_seen(pair: Pair, done: str, said: str) -> None:
    pair.install()
    assert pair.wrong() == []
    pair.ireland.run(done)
    assert any(said in each for each in pair.ireland.sharing.look(pair.sharing).wrong), pair.wrong()


def test_what_was_widened_by_hand_is_narrowed_by_installing_again(pair: Pair) -> None:
    pair.install()
    pair.ireland.run("alter publication lifeboat_telemetry set table readings")
    pair.ireland.run("grant select on readings to lifeboat_publisher")
    assert len(pair.ireland.sharing.look(pair.sharing).wrong) >= 3
    pair.install()
    assert pair.wrong() == []


def test_partitions_are_shared_as_their_table(pair: Pair) -> None:
    """A chunk of a hypertable is such a partition in all but this: no publication knows that it is one."""
    pair.ireland.run(HOURS)
    pair.install()
    pair.ireland.drive(1)
    pair.ireland.drive(150)
    until(lambda: pair.france.rows(pair.ireland) == [1, 150])
    pair.ireland.run("update readings set taken_at = 160 where taken_at = 1")
    until(lambda: pair.france.rows(pair.ireland) == [150, 160], "a row that went to another partition")
    assert pair.wrong() == []
    assert b"PLATE" not in pair.ireland.wire.heard


def test_what_a_hypertable_gets_is_copied_into_the_table_that_is_shared(pair: Pair) -> None:
    pair.ireland.run(RAW)
    pair.france.run(RAW)
    shared = pair.sharing_of(filled_from="raw")
    shared.install()
    for taken_at in (1, 2):
        pair.ireland.run("insert into raw values ('v', %s, 50, true, 'Driver-of-eu-west-1', 'PLATE')", taken_at)
    until(lambda: pair.france.rows(pair.ireland) == [1, 2])
    assert pair.ireland.personal() == set()
    pair.ireland.run("update raw set speed = 80 where taken_at = 1; delete from raw where taken_at = 2")
    until(lambda: pair.france.run("select taken_at, speed from readings") == [(1, 80)])
    assert b"PLATE" not in pair.ireland.wire.heard
    assert pair.france.run("select * from raw") == []
    assert shared.wrong() == []
