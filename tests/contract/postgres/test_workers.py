"""A scheduler or a queue consumer works where the gate is open, and nowhere else."""

import time
from contextlib import ExitStack

import psycopg
import pytest

from tests.contract.postgres.conftest import Gated, free_port, refused
from twin.postgres import Server, Servers

pytestmark = pytest.mark.twin

BEGIN_WORK = "select lifeboat.begin_work('nightly', 'eu-west-1')"


def worked(gated: Gated) -> list[tuple[object, ...]]:
    return gated.owner().execute("select worker, epoch, place, identity from lifeboat.work order by id").fetchall()


def refuses(connection: psycopg.Connection) -> str:
    with pytest.raises(psycopg.Error) as error:
        connection.execute(BEGIN_WORK)
    assert refused(error)
    return str(error.value)


def test_where_nobody_was_admitted_nobody_works(gated: Gated) -> None:
    assert "no server has been admitted" in refuses(gated.app())
    assert worked(gated) == []


def test_where_the_gate_is_open_work_is_begun_and_recorded(gated: Gated) -> None:
    state = gated.admit(epoch=3)
    assert gated.app().execute(BEGIN_WORK).fetchone() == (3,)
    assert worked(gated) == [("nightly", 3, "eu-west-1", state.identity)]


def test_work_that_is_rolled_back_leaves_no_record(gated: Gated) -> None:
    gated.admit()
    app = gated.app()
    app.execute("begin")
    app.execute(BEGIN_WORK)
    app.execute("rollback")
    assert worked(gated) == []


def test_a_fenced_server_begins_no_work(gated: Gated) -> None:
    gated.admit()
    gated.owner().execute("select lifeboat.shut(2)")
    assert "it was fenced" in refuses(gated.app())


def test_after_the_lease_no_work_begins(gated: Gated) -> None:
    gated.admit(seconds=0.2)
    app = gated.app()
    time.sleep(0.25)
    assert "its lease has run out" in refuses(app)


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_work_that_outlives_the_lease_is_refused_at_commit_and_nothing_of_it_is_kept(
    gated: Gated, isolation: str
) -> None:
    """Also work that writes nothing else: what it reads and does elsewhere is done after its commit, or not at all."""
    gated.admit(seconds=0.3)
    app = gated.app()
    app.execute(f"begin isolation level {isolation}".encode())
    app.execute(BEGIN_WORK)
    time.sleep(0.35)
    with pytest.raises(psycopg.Error) as error:
        app.execute("commit")
    assert refused(error)
    assert worked(gated) == []


def test_work_may_be_long_when_the_guard_extends_the_lease(gated: Gated) -> None:
    gated.admit(seconds=0.3)
    app = gated.app()
    app.execute("begin")
    app.execute(BEGIN_WORK)
    gated.database.extend(1, gated.database.clock().timestamp() + 60)
    time.sleep(0.35)
    app.execute("commit")
    assert len(worked(gated)) == 1


def test_only_the_application_begins_work_and_it_needs_a_name(gated: Gated) -> None:
    gated.admit()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        gated.connect("app_ro", "ro-secret").execute(BEGIN_WORK)
    with pytest.raises(psycopg.errors.CheckViolation):
        gated.app().execute("select lifeboat.begin_work('')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        gated.app().execute("insert into lifeboat.work (worker, epoch, identity) values ('nightly', 9, 'forged')")


def test_what_is_older_than_a_day_is_forgotten_in_time(gated: Gated) -> None:
    gated.admit()
    gated.owner().execute(
        "insert into lifeboat.work (worker, epoch, identity, at) "
        "select 'nightly', 1, 'old', clock_timestamp() - interval '2 days' from generate_series(1, 5000)"
    )
    app = gated.app()
    app.execute("do $$ begin for i in 1..2000 loop perform lifeboat.begin_work('nightly'); end loop; end $$")
    assert [each for each in worked(gated) if each[3] == "old"] == []


def test_a_replica_begins_no_work_and_a_promoted_one_none_before_it_is_admitted(
    servers: Servers, server: Server, gated: Gated
) -> None:
    gated.admit()
    gated.app().execute(BEGIN_WORK)
    made = servers.replicate(server, "replica", "127.0.0.1", free_port())
    with ExitStack() as opened:
        opened.callback(servers.remove, made)
        there = Gated(made, gated.name, opened)
        assert "/replica" in refuses(there.app())
        made.promote()
        assert "was admitted, this server is" in refuses(there.app())
        there.admit(epoch=2)
        assert there.app().execute(BEGIN_WORK).fetchone() == (2,)
