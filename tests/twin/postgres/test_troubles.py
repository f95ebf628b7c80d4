"""Servers in trouble: one that stands still, one that takes no writes, one whose disk is full."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.twin.postgres.stage import Eventually
from twin.postgres import Server
from twin.postgres.troubles import SlowServer, fill_disk, take_no_writes, take_writes

pytestmark = pytest.mark.twin


@pytest.fixture
def session(primary: Server) -> Iterator[psycopg.Connection]:
    with primary.connect("orders") as session:
        yield session


def slowest(session: psycopg.Connection, times: int) -> float:
    took = []
    for _ in range(times):
        begun = time.monotonic()
        session.execute("select 1")
        took.append(time.monotonic() - begun)
    return max(took)


def test_a_slow_server_answers_later_and_a_healed_one_at_once(primary: Server, session: psycopg.Connection) -> None:
    slow = SlowServer(primary, 0.5)
    time.sleep(0.1)
    assert 0.3 < slowest(session, 3000) < 1.0
    slow.end()
    assert slowest(session, 200) < 0.2


def test_a_server_grows_slow(primary: Server, session: psycopg.Connection) -> None:
    slow = SlowServer(primary, 1.0, grows=10.0)
    assert slowest(session, 100) < 0.2
    slow.end()


def test_a_slow_server_can_be_killed_and_started_again(primary: Server) -> None:
    slow = SlowServer(primary, 5.0)
    time.sleep(0.2)
    primary.kill()
    slow.end()
    primary.start()
    assert not primary.is_in_recovery()


def test_a_read_only_server_takes_no_writes_of_open_sessions_either(
    primary: Server, session: psycopg.Connection, eventually: Eventually
) -> None:
    session.execute("insert into numbers values (1)")
    take_no_writes(primary)

    def refused() -> bool:
        try:
            session.execute("insert into numbers values (2)")
        except psycopg.errors.ReadOnlySqlTransaction:
            return True
        return False

    eventually(refused)
    take_writes(primary)
    eventually(lambda: not refused())


def test_a_server_without_room_ends_and_has_lost_nothing_when_it_has_room_again(
    primary: Server, session: psycopg.Connection, eventually: Eventually
) -> None:
    session.execute("insert into numbers values (7)")
    fill_disk(primary)
    with pytest.raises(psycopg.Error):
        session.execute("insert into numbers values (8)")
    eventually(lambda: not primary.running)
    primary.start()
    with primary.connect("orders") as again:
        assert [row[0] for row in again.execute("select n from numbers")] == [7]
