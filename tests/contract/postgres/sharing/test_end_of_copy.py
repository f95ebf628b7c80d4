"""A server dies as its first copy ends: the copy's slot is gone at the publisher, and the end must be known here."""

import os
import signal
from collections.abc import Iterator
from typing import LiteralString

import pytest

from failover.adapters.postgres.sharing import statements
from tests.contract.postgres.sharing.conftest import Country, Pair, until

pytestmark = pytest.mark.twin

SUBSCRIPTION = "lifeboat_telemetry_from_telemetry_ie"

WAITS = """
create function waits() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock_shared(1); return new; end $$;
create trigger waits before insert on readings for each row execute function waits();
alter table readings enable always trigger waits
"""


@pytest.fixture
def slow_disk(pair: Pair) -> Iterator[Pair]:
    """Both publish, France alone will receive; what nobody waits for comes to its disk at PostgreSQL's latest."""
    for each in (pair.ireland, pair.france):
        assert each.sharing.publish(pair.sharing).wrong == ()
    _set(pair.france, "alter system set wal_writer_delay = '10s'")
    yield pair
    pair.france.server.start()
    _set(pair.france, "alter system reset wal_writer_delay")


def _set(country: Country, statement: LiteralString) -> None:
    with country.server.connect() as superuser:
        superuser.execute(statement)
        superuser.execute("select pg_reload_conf()")


def die_at_the_end_of_the_first_copy(pair: Pair) -> list[str]:
    """Have France receive, and kill it when all is copied, the copy's end said and its slot dropped.

    Whoever hands the copy over to the stream is held until the copy itself is on the disk. Returns what was wrong
    when it was installed.
    """
    ireland, france = pair.ireland, pair.france
    ireland.drive(1)
    france.run(WAITS)
    with france.server.connect(france.name) as holder:
        holder.execute("select pg_advisory_lock(1)")
        told = [*france.sharing.subscribe(pair.sharing).wrong]
        until(lambda: _at(france, "d"), "the beginning of the copy")
        follower = int(str(france.run("select pid from pg_stat_subscription where relid is null")[0][0]))
        os.kill(follower, signal.SIGSTOP)
    until(lambda: _at(france, "f"), "the copy itself")
    france.run("create table on_disk ()")
    os.kill(follower, signal.SIGCONT)
    until(pair.settled, "the end of the first copy")
    france.server.kill()
    ireland.drive(2)
    france.server.start()
    return told


def _at(country: Country, state: str) -> bool:
    return [(state,)] == country.run("select srsubstate::text from pg_subscription_rel")


def test_who_receives_may_die_then(slow_disk: Pair) -> None:
    assert die_at_the_end_of_the_first_copy(slow_disk) == []
    until(lambda: slow_disk.france.rows(slow_disk.ireland) == [1, 2], "what was made meanwhile")


def test_a_copy_that_can_never_end_is_told(slow_disk: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """As PostgreSQL's own setting leaves it, by which nobody waits for what a subscription writes."""
    monkeypatch.setattr(statements, "FOLLOWING", "origin = none")
    told = die_at_the_end_of_the_first_copy(slow_disk)
    assert f"{SUBSCRIPTION} says synchronous_commit = off" in " ".join(told)
    monkeypatch.undo()
    until(lambda: "cannot end its first copy of readings" in " ".join(slow_disk.wrong()), "the word of it")
    assert "drop the subscription, delete the rows of eu-west-1 here" in " ".join(slow_disk.wrong())
    ireland, france = slow_disk.ireland, slow_disk.france
    assert france.rows(ireland) == [1]
    _set(france, "alter system set max_sync_workers_per_subscription = 0")
    until(lambda: france.run("show max_sync_workers_per_subscription") == [("0",)], "the setting")
    assert "cannot end" not in " ".join(slow_disk.wrong())  # who waits for a worker is not told to begin again
    _set(france, "alter system reset max_sync_workers_per_subscription")
    france.run(f"drop subscription {SUBSCRIPTION}")
    france.run("delete from readings where home = 'eu-west-1'")
    slow_disk.install()
    ireland.drive(3)
    until(lambda: france.rows(ireland) == [1, 2, 3], "the copy after the mending")
    assert slow_disk.wrong() == []
