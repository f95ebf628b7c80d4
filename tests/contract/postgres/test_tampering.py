"""What the application's roles cannot do to the gate."""

import psycopg
import pytest

from failover.errors import FatalError
from tests.contract.postgres.conftest import Gated, refused

pytestmark = pytest.mark.twin

DENIED = psycopg.errors.InsufficientPrivilege


@pytest.mark.parametrize("role", ["app_rw", "app_ro"])
@pytest.mark.parametrize(
    "attempt",
    [
        "update lifeboat.gate set valid_until = 'infinity'",
        "delete from lifeboat.gate",
        "insert into lifeboat.gate default values",
        "truncate lifeboat.gate",
        "select * from lifeboat.gate for update",
        "select setval('lifeboat.deadline', 9000000000000000)",
        "select nextval('lifeboat.deadline')",
        "update lifeboat.writing set xid = '1'",
        "delete from lifeboat.writing",
        "begin; lock table lifeboat.writing in share mode",
        "insert into lifeboat.attached values ('x')",
        "delete from lifeboat.attached",
        "select lifeboat.admit(9, 'infinity')",
        "select lifeboat.extend(1, now() + interval '1 day')",
        "select lifeboat.shut(9)",
        "select lifeboat.end_writers()",
        "select lifeboat.require_open()",
        "select lifeboat.attach('public')",
        "create function lifeboat.evil() returns int language sql as 'select 1'",
        "create or replace function lifeboat.refusal() returns text language sql as 'select null::text'",
        "drop trigger lifeboat_gate on orders",
        "alter table orders disable trigger lifeboat_gate",
        "alter table orders disable trigger all",
        "drop schema lifeboat cascade",
        "set session_replication_role = replica",
        "set role master",
        "set session authorization master",
        "alter role app_rw createrole",
        "grant master to app_rw",
        "create table public.mine (id int)",
    ],
)
def test_the_application_cannot_touch_the_gate(gated: Gated, role: str, attempt: str) -> None:
    gated.admit()
    session = gated.connect(role, {"app_rw": "rw-secret", "app_ro": "ro-secret"}[role])
    with pytest.raises(DENIED):
        session.execute(attempt.encode())


def test_a_reader_cannot_write_through_an_open_gate(gated: Gated) -> None:
    gated.admit()
    with pytest.raises(DENIED):
        gated.connect("app_ro", "ro-secret").execute("insert into orders (what) values ('x')")


def test_operators_of_the_applications_own_do_not_mislead_the_gate(gated: Gated) -> None:
    """The gate's functions look at pg_catalog first, whatever the search path of the session is."""
    gated.superuser().execute("create schema elsewhere authorization app_rw")
    gated.admit(seconds=-1)
    app = gated.app()
    app.execute(
        "create function elsewhere.always(timestamptz, timestamptz) returns boolean language sql as 'select true';"
        "create operator elsewhere.< (leftarg = timestamptz, rightarg = timestamptz, function = elsewhere.always);"
        "set search_path = elsewhere, public, pg_catalog"
    )
    with pytest.raises(psycopg.Error) as error:
        app.execute("insert into orders (what) values ('x')")
    assert refused(error)


def test_the_applications_login_cannot_do_the_masters_work(gated: Gated) -> None:
    app = gated.as_user("app_rw", "rw-secret")
    with pytest.raises(FatalError, match="permission denied"):
        app.fence(1)


def test_anybody_may_ask_why_a_write_would_be_refused(gated: Gated) -> None:
    asks = gated.connect("app_ro", "ro-secret")
    asked = "select lifeboat.refusal()"
    assert "no server has been admitted" in str(asks.execute(asked).fetchone())
    gated.admit()
    assert asks.execute(asked).fetchone() == (None,)
