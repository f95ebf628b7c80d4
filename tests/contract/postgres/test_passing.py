"""What passes the gate, exactly as docs/gate.md says."""

from collections.abc import Callable

import psycopg
import pytest
from psycopg import sql

from failover.errors import GateRefusedError
from tests.contract.postgres.conftest import MASTER, Gated, free_port, refused
from twin.postgres import Server, Servers

pytestmark = pytest.mark.twin

INSERT = "insert into orders (what) values ('tea')"


def ungated(gated: Gated) -> tuple[str, ...]:
    gate = gated.database.inspect().gate
    assert gate is not None
    return gate.ungated


def test_owner_and_superuser_are_refused_as_the_application_is(gated: Gated) -> None:
    for session in (gated.owner(), gated.superuser()):
        with pytest.raises(psycopg.Error) as error:
            session.execute(INSERT)
        assert refused(error)


def test_session_replication_role_does_not_pass(gated: Gated) -> None:
    superuser = gated.superuser()
    superuser.execute("set session_replication_role = replica")
    with pytest.raises(psycopg.Error) as error:
        superuser.execute(INSERT)
    assert refused(error)


def test_session_replication_role_does_not_skip_the_check_at_commit(gated: Gated) -> None:
    gated.admit(seconds=0.3)
    superuser = gated.superuser()
    superuser.execute("set session_replication_role = replica")
    superuser.execute("begin")
    superuser.execute(INSERT)
    superuser.execute("select pg_sleep(0.35)")
    with pytest.raises(psycopg.Error) as error:
        superuser.execute("commit")
    assert refused(error)


def test_an_owner_who_disables_the_trigger_passes_and_it_is_told(gated: Gated) -> None:
    owner = gated.owner()
    owner.execute("alter table orders disable trigger lifeboat_gate")
    owner.execute(INSERT)
    assert ungated(gated) == ("orders: its trigger lifeboat_gate is not ENABLE ALWAYS",)
    gated.database.install()
    assert ungated(gated) == ()
    with pytest.raises(psycopg.Error) as error:
        owner.execute(INSERT)
    assert refused(error)


def test_migrations_of_schema_pass(gated: Gated) -> None:
    owner = gated.owner()
    owner.execute("alter table orders add column price numeric default 1")
    owner.execute("create table copied as select * from orders")
    owner.execute("create materialized view seen as select * from orders")
    owner.execute("refresh materialized view seen")
    owner.execute("select nextval('orders_id_seq')")
    owner.execute("drop table carts")


def test_temporary_tables_have_no_gate(gated: Gated) -> None:
    app = gated.app()
    app.execute("create temp table basket (id int)")
    app.execute("insert into basket values (1)")


def test_without_event_triggers_a_new_table_is_told_and_attached_on_demand(gated: Gated) -> None:
    owner = gated.owner()
    owner.execute("create table later (id int)")
    gate = gated.database.inspect().gate
    assert gate is not None
    assert not gate.attaches
    assert gate.ungated == ("later: it has no trigger lifeboat_gate",)
    assert owner.execute("select lifeboat.attach('public')").fetchone() == (0,)
    assert ungated(gated) == ()
    with pytest.raises(psycopg.Error) as error:
        gated.app().execute("insert into later values (1)")
    assert refused(error)


def test_partitions_are_gated_by_whatever_name_they_are_written(gated: Gated) -> None:
    gated.owner().execute(
        "create table events (at int) partition by range (at);"
        "create table events_1 partition of events for values from (0) to (10);"
        "select lifeboat.attach('public')"
    )
    app = gated.app()
    for table in ("events", "events_1"):
        with pytest.raises(psycopg.Error) as error:
            app.execute(sql.SQL("insert into {} values (1)").format(sql.Identifier(table)))
        assert refused(error)


def test_a_table_that_the_application_owns_is_told(gated: Gated) -> None:
    gated.superuser().execute("create table theirs (id int); alter table theirs owner to app_rw")
    gated.superuser().execute("select lifeboat.attach('public')")
    assert ungated(gated) == ("theirs: app_rw owns it and may drop the trigger",)


@pytest.fixture
def watched(gated: Gated) -> Gated:
    """With the event trigger, which here only a superuser may create; on RDS rds_superuser may."""
    gated.superuser().execute(
        "create event trigger lifeboat_attach on ddl_command_end "
        "when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE SCHEMA', 'ALTER TABLE') "
        "execute function lifeboat.attach_new()"
    )
    return gated


@pytest.mark.parametrize(
    "creation",
    [
        "create table new (id int)",
        "create table new as select 1 as id",
        "select 1 as id into new",
        "create table new (id int) partition by range (id)",
        "create unlogged table new (id int)",
        "create schema elsewhere create table new (id int); alter table elsewhere.new set schema public",
    ],
)
def test_with_the_event_trigger_new_tables_are_gated_as_they_are_made(watched: Gated, creation: str) -> None:
    watched.owner().execute(creation.encode())
    assert ungated(watched) == ()
    with pytest.raises(psycopg.Error) as error:
        watched.owner().execute("insert into public.new values (1)")
    assert refused(error)


def test_with_the_event_trigger_an_owner_cannot_leave_a_table_without_the_gate(watched: Gated) -> None:
    owner = watched.owner()
    owner.execute("alter table orders disable trigger all")
    with pytest.raises(psycopg.Error) as error:
        owner.execute(INSERT)
    assert refused(error)


def test_an_owner_who_drops_the_trigger_passes_and_it_is_told(watched: Gated) -> None:
    watched.owner().execute("drop trigger lifeboat_gate on orders")
    watched.owner().execute(INSERT)
    assert ungated(watched) == ("orders: it has no trigger lifeboat_gate",)


def test_tables_of_schemas_that_are_not_attached_stay_as_they_are(watched: Gated) -> None:
    watched.owner().execute("create schema aside; create table aside.new (id int); insert into aside.new values (1)")
    watched.owner().execute("create temp table mine (id int); insert into mine values (1)")


def test_the_superusers_installation_makes_the_event_trigger(server: Server, gated: Gated) -> None:
    with server.connect() as session:
        session.execute("create role chief superuser login password 'chief-secret'")
    try:
        gated.owner().execute("drop schema lifeboat cascade")
        chief = gated.as_user("chief", "chief-secret")
        chief.install()
        gate = chief.inspect().gate
        assert gate is not None
        assert gate.attaches
    finally:
        gated.superuser().execute("drop owned by chief cascade; drop role chief")


def test_a_server_that_allows_prepared_transactions_is_refused_every_write(
    servers: Servers, make_gated: Callable[[Server], Gated]
) -> None:
    """COMMIT PREPARED runs no trigger: prepared before the end of a lease, it would be a write after it."""
    server = servers.create("preparing", "127.0.0.1", free_port(), MASTER)
    try:
        with server.connect() as session:
            session.execute("alter system set max_prepared_transactions = 2")
        server.restart()
        gated = make_gated(server)
        gated.admit()
        with pytest.raises(psycopg.Error, match="set max_prepared_transactions to 0") as error:
            gated.app().execute(INSERT)
        assert refused(error)
    finally:
        servers.remove(server)


def test_a_role_with_other_roles_rights_is_not_accepted(gated: Gated) -> None:
    gated.superuser().execute("create role extra; grant extra to app_rw")
    try:
        with pytest.raises(GateRefusedError, match="app_rw is a member of extra"):
            gated.database.install()
    finally:
        gated.superuser().execute("drop role extra")
