"""What the gate does to an application's statements and commits."""

import threading
import time

import psycopg
import pytest

from tests.contract.postgres.conftest import Gated, refused

pytestmark = pytest.mark.twin

INSERT = "insert into orders (what) values ('tea')"


def test_a_new_gate_refuses_with_its_own_sqlstate_and_says_why(gated: Gated) -> None:
    with pytest.raises(psycopg.Error) as error:
        gated.app().execute(INSERT)
    assert refused(error)
    assert "epoch 0, valid until never: no server has been admitted" in str(error.value)


@pytest.mark.parametrize(
    "statement",
    [
        INSERT,
        "update orders set what = 'milk'",
        "delete from orders",
        "truncate orders",
        "insert into orders (what) select 'x' where false",
        "with new as (insert into orders (what) values ('x') returning id) select * from new",
        "merge into orders o using (values (1)) v(id) on o.id = v.id when not matched then insert (what) values ('x')",
        "insert into carts values (null)",
    ],
)
def test_a_closed_gate_refuses_each_kind_of_write(gated: Gated, statement: str) -> None:
    with pytest.raises(psycopg.Error) as error:
        gated.app().execute(statement)
    assert refused(error)


def test_a_closed_gate_refuses_copy_and_prepared_statements(gated: Gated) -> None:
    app = gated.app()
    with pytest.raises(psycopg.Error) as error, app.cursor().copy("copy orders (what) from stdin") as copy:
        copy.write("tea\n")
    assert refused(error)
    app.execute("prepare add as insert into orders (what) values ('tea')")
    with pytest.raises(psycopg.Error) as error:
        app.execute("execute add")
    assert refused(error)


def test_reads_pass_a_closed_gate(gated: Gated) -> None:
    assert gated.app().execute("select count(*) from orders").fetchone() == (0,)
    assert gated.connect("app_ro", "ro-secret").execute("select count(*) from orders").fetchone() == (0,)


def test_an_open_gate_lets_every_write_through(gated: Gated) -> None:
    gated.admit()
    app = gated.app()
    app.execute(INSERT)
    with app.cursor().copy("copy orders (what) from stdin") as copy:
        copy.write("milk\nsugar\n")
    app.execute("update orders set what = 'water' where what = 'tea'")
    app.execute("delete from orders where what = 'water'")
    assert gated.count() == 2
    app.execute("truncate orders")
    assert gated.count() == 0


def test_an_expired_lease_refuses_statements(gated: Gated) -> None:
    gated.admit(seconds=0.2)
    app = gated.app()
    app.execute(INSERT)
    time.sleep(0.25)
    with pytest.raises(psycopg.Error, match="its lease has run out") as error:
        app.execute(INSERT)
    assert refused(error)
    assert gated.count() == 1


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize("write", [INSERT, "truncate orders"])
def test_a_transaction_that_outlives_the_lease_is_refused_at_commit(gated: Gated, isolation: str, write: str) -> None:
    gated.admit(seconds=0.3)
    app = gated.app()
    app.execute(f"begin isolation level {isolation}".encode())
    app.execute(write.encode())
    time.sleep(0.35)
    with pytest.raises(psycopg.Error) as error:
        app.execute("commit")
    assert refused(error)
    assert gated.count() == 0


def test_copy_that_outlives_the_lease_is_refused_at_commit(gated: Gated) -> None:
    gated.admit(seconds=0.3)
    app = gated.app()
    with pytest.raises(psycopg.Error) as error, app.cursor().copy("copy orders (what) from stdin") as copy:
        for _ in range(5):
            copy.write("tea\n")
            time.sleep(0.1)
    assert refused(error)
    assert gated.count() == 0


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_a_long_transaction_may_commit_when_the_guard_has_extended_the_lease(gated: Gated, isolation: str) -> None:
    """Also one whose snapshot is older than the extension."""
    gated.admit(seconds=0.3)
    app = gated.app()
    app.execute(f"begin isolation level {isolation}".encode())
    app.execute(INSERT)
    gated.database.extend(1, gated.database.clock().timestamp() + 60)
    time.sleep(0.35)
    app.execute(INSERT)
    app.execute("commit")
    assert gated.count() == 2


@pytest.mark.parametrize(
    "between",
    [
        ["savepoint a", INSERT, "release a"],
        ["savepoint a", INSERT, "rollback to a", INSERT],
        [INSERT, "savepoint a", INSERT, "rollback to a"],
        ["savepoint a", INSERT, "savepoint b", INSERT, "rollback to b", "release a"],
        ["set constraints all immediate", INSERT],
        [INSERT, "set constraints all immediate"],
        [INSERT, "set constraints all immediate", "set constraints all immediate"],
        [INSERT, "set constraints all immediate", "set constraints all deferred", "set constraints all immediate"],
        [INSERT, "set constraints lifeboat.recheck immediate"],
        [INSERT, "set constraints all immediate", "savepoint a", INSERT, "rollback to a"],
        ["savepoint a", INSERT, "set constraints all immediate", "rollback to a", INSERT],
        [INSERT, "do $$ begin set constraints all immediate; set constraints all immediate; end $$"],
        [INSERT, "set constraints all immediate; set constraints all immediate; set constraints all deferred"],
        [INSERT, "set lifeboat.asked = 'immediate'"],
        [INSERT, "set lifeboat.asked = 'asked'", "set constraints all immediate"],
    ],
    ids=lambda steps: "; ".join("write" if step == INSERT else step[:24] for step in steps),
)
def test_no_course_of_a_transaction_escapes_the_check_at_commit(gated: Gated, between: list[str]) -> None:
    gated.admit(seconds=0.3)
    app = gated.app()
    app.execute("begin")
    for step in between:
        app.execute(step.encode())
    time.sleep(0.35)
    with pytest.raises(psycopg.Error) as error:
        app.execute("commit")
    assert refused(error)
    assert gated.count() == 0


@pytest.mark.parametrize("steps", [["savepoint a", INSERT, "rollback to a"], ["select 1"]])
def test_a_transaction_that_wrote_nothing_commits_after_the_lease(gated: Gated, steps: list[str]) -> None:
    gated.admit(seconds=0.3)
    app = gated.app()
    app.execute("begin")
    for step in steps:
        app.execute(step.encode())
    time.sleep(0.35)
    app.execute("commit")


def test_the_applications_own_deferred_constraints_work_as_ever(gated: Gated) -> None:
    gated.admit()
    app = gated.app()
    with app.transaction():
        app.execute("insert into carts values (7)")
        app.execute("insert into customers values (7)")
    with pytest.raises(psycopg.errors.ForeignKeyViolation), app.transaction():
        app.execute("insert into carts values (8)")
    with app.transaction():
        app.execute("insert into customers values (9)")
        app.execute("insert into carts values (9)")
        app.execute("set constraints all immediate")
        app.execute("insert into orders (what) values ('after')")
    assert gated.count("carts") == 2


def test_slow_deferred_checks_of_the_application_come_before_the_gates(gated: Gated) -> None:
    """Deferred checks run in the order they were queued; the gate's must still see how long they took."""
    gated.owner().execute(
        "create function slow() returns trigger language plpgsql as "
        "$$ begin perform pg_sleep(0.4); return null; end $$;"
        "create constraint trigger slow after insert on orders deferrable initially deferred "
        "for each row execute function slow()"
    )
    gated.admit(seconds=0.3)
    with pytest.raises(psycopg.Error) as error:
        gated.app().execute(INSERT)
    assert refused(error)
    assert gated.count() == 0


def test_a_deferred_trigger_that_writes_puts_the_check_behind_its_own_checks(gated: Gated) -> None:
    gated.owner().execute(
        "create function follow() returns trigger language plpgsql as "
        "$$ begin insert into customers values (1); return null; end $$;"
        "create constraint trigger follow after insert on orders deferrable initially deferred "
        "for each row execute function follow();"
        "create function slow() returns trigger language plpgsql as "
        "$$ begin perform pg_sleep(0.4); return null; end $$;"
        "create constraint trigger slow after insert on customers deferrable initially deferred "
        "for each row execute function slow()"
    )
    gated.admit(seconds=0.3)
    with pytest.raises(psycopg.Error) as error:
        gated.app().execute(INSERT)
    assert refused(error)
    gated.admit(seconds=60)
    gated.app().execute(INSERT)
    assert gated.count("customers") == 1


def test_constraints_made_immediate_during_the_commit_do_not_leave_it_unchecked(gated: Gated) -> None:
    gated.owner().execute(
        "create function hasten() returns trigger language plpgsql as "
        "$$ begin set constraints all immediate; perform pg_sleep(0.4); return null; end $$;"
        "create constraint trigger hasten after insert on orders deferrable initially deferred "
        "for each row execute function hasten()"
    )
    gated.admit(seconds=0.3)
    with pytest.raises(psycopg.Error) as error:
        gated.app().execute(INSERT)
    assert refused(error)
    gated.admit(seconds=60)
    gated.app().execute(INSERT)
    assert gated.count() == 1


def test_the_check_at_commit_is_queued_once_for_many_rows_and_statements(gated: Gated) -> None:
    gated.admit()
    superuser = gated.superuser()
    superuser.execute("set track_functions = 'pl'")
    with superuser.transaction():
        superuser.execute("insert into orders (what) select 'tea' from generate_series(1, 1000)")
        for _ in range(10):
            superuser.execute(INSERT)
    superuser.execute("select pg_stat_force_next_flush()")
    calls: dict[str, int] = dict(superuser.execute("select funcname, calls from pg_stat_user_functions").fetchall())
    assert calls["check_gate"] == 11
    assert calls["recheck_gate"] == 2  # it asks whether this is the commit, then checks behind everything else


def test_serializable_transactions_do_not_conflict_through_the_gate(gated: Gated) -> None:
    """Two that touch different tables must both commit, as without a gate."""
    gated.admit()
    first, second = gated.app(), gated.app()
    for _ in range(3):
        first.execute("begin isolation level serializable")
        second.execute("begin isolation level serializable")
        first.execute(INSERT)
        second.execute("delete from customers")
        first.execute(INSERT)
        second.execute("delete from customers")
        gated.database.extend(1, gated.database.clock().timestamp() + 60)
        first.execute("commit")
        second.execute("commit")
    assert gated.count() == 6


def test_many_sessions_write_at_once_while_the_guard_extends(gated: Gated) -> None:
    gated.admit()
    failures: list[Exception] = []

    def write(app: psycopg.Connection) -> None:
        try:
            for _ in range(40):
                app.execute(INSERT)
        except psycopg.Error as exc:
            failures.append(exc)

    threads = [threading.Thread(target=write, args=(gated.app(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        gated.database.extend(1, gated.database.clock().timestamp() + 60)
    for thread in threads:
        thread.join()
    assert failures == []
    assert gated.count() == 160


def test_rows_of_ended_sessions_are_cleared_away(gated: Gated) -> None:
    gated.admit()
    for _ in range(3):
        app = gated.app()
        app.execute(INSERT)
        app.close()
    owner = gated.owner()
    deadline = time.monotonic() + 5
    while owner.execute("select count(*) from lifeboat.writing").fetchone() != (0,):
        assert time.monotonic() < deadline
        gated.database.extend(1, gated.database.clock().timestamp() + 60)
