"""Fencing a server that can still be reached."""

import threading
import time

import psycopg
import pytest

from failover.adapters.postgres import database
from failover.adapters.postgres.session import Session
from failover.errors import DatabaseUnreachableError, EpochRefusedError
from tests.contract.postgres.conftest import Gated, refused

pytestmark = pytest.mark.twin

INSERT = "insert into orders (what) values ('tea')"


def test_fencing_ends_the_applications_sessions_whatever_they_are_doing(gated: Gated) -> None:
    gated.admit()
    idle, writing, reading = gated.app(), gated.app(), gated.app()
    writing.execute("begin")
    writing.execute(INSERT)
    reading.execute("begin isolation level repeatable read")
    reading.execute("select * from orders")
    state = gated.database.fence(1)
    assert (state.gate_fenced, state.gate_open, state.gate_epoch) == (True, False, 1)
    for session in (idle, writing, reading):
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")
    seen = gated.database.inspect()
    assert (seen.app_login_allowed, seen.app_sessions) == (False, 0)
    assert gated.count() == 0


def test_the_position_covers_a_commit_that_did_not_wait_for_the_disk(
    gated: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It passed the gate before, and its end came after the logins were taken away."""
    gated.admit()
    owner = gated.superuser()
    owner.execute("create table elsewhere (what text)")
    owner.execute("set synchronous_commit = off")
    ends: list[int] = []

    def ended(session: Session, deadline: float) -> None:
        owner.execute("insert into elsewhere select repeat('tea', 30) from generate_series(1, 20)")
        (end,) = owner.execute("select pg_current_wal_insert_lsn() - '0/0'").fetchone() or (0,)
        ends.append(int(end))
        end_writers(session, deadline)

    end_writers = database._end_writers
    monkeypatch.setattr(database, "_end_writers", ended)
    state = gated.database.fence(1)
    assert state.position >= ends[0] > 0


def test_a_fenced_application_cannot_log_in(gated: Gated) -> None:
    gated.admit()
    gated.database.fence(1)
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        gated.app()
    gated.connect("app_ro", "ro-secret")


def test_a_statement_that_runs_while_the_fence_comes_is_ended(gated: Gated) -> None:
    gated.admit()
    app = gated.app()
    ended: list[Exception] = []

    def run() -> None:
        try:
            app.execute("insert into orders (what) select 'slow' from pg_sleep(20)")
        except psycopg.Error as exc:
            ended.append(exc)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.2)
    gated.database.fence(1)
    thread.join(timeout=5)
    assert isinstance(ended[0], psycopg.OperationalError)
    assert gated.count() == 0


def test_another_roles_transaction_that_has_written_is_ended_too(gated: Gated) -> None:
    gated.admit()
    owner = gated.owner()
    owner.execute("begin isolation level repeatable read")
    owner.execute(INSERT)
    gated.database.fence(1)
    with pytest.raises(psycopg.OperationalError):
        owner.execute("commit")
    assert gated.count() == 0


def test_a_snapshot_from_before_the_fence_does_not_pass_after_it(gated: Gated) -> None:
    gated.admit()
    owner = gated.owner()
    owner.execute("begin isolation level repeatable read")
    owner.execute("select * from orders")
    gated.database.fence(1)
    with pytest.raises(psycopg.Error, match="it was fenced a moment ago") as error:
        owner.execute(INSERT)
    assert refused(error)


def test_a_writer_that_may_not_be_ended_leaves_it_unfenced_but_shut(gated: Gated) -> None:
    """The superuser's transaction holds the lock; once it has ended, by being refused, the fence succeeds."""
    gated.admit()
    superuser = gated.superuser()
    superuser.execute("begin")
    superuser.execute(INSERT)
    with pytest.raises(DatabaseUnreachableError):
        gated.database.fence(1, within_seconds=0.3)
    assert not gated.database.describe().gate_open
    with pytest.raises(psycopg.Error) as error:
        superuser.execute("commit")
    assert refused(error)
    assert gated.database.fence(1).gate_fenced


def test_fencing_twice_is_fencing_once(gated: Gated) -> None:
    gated.admit()
    first = gated.database.fence(1)
    second = gated.database.fence(1)
    assert (second.gate_fenced, second.gate_epoch) == (first.gate_fenced, first.gate_epoch)


def test_an_older_epoch_fences_nothing(gated: Gated) -> None:
    gated.admit(epoch=5)
    app = gated.app()
    with pytest.raises(EpochRefusedError, match="epoch 4 is older than the gate's epoch 5"):
        gated.database.fence(4)
    app.execute(INSERT)


def test_the_final_position_covers_everything_that_was_acknowledged(gated: Gated) -> None:
    gated.admit()
    app = gated.app()
    acknowledged = 0
    stopped = threading.Event()

    def write() -> None:
        nonlocal acknowledged
        try:
            while not stopped.is_set():
                app.execute(INSERT)
                acknowledged += 1
        except psycopg.Error:
            pass

    thread = threading.Thread(target=write)
    thread.start()
    time.sleep(0.2)
    before = gated.database.describe().position
    position = gated.database.fence(1).position
    stopped.set()
    thread.join(timeout=5)
    assert position > before
    assert acknowledged > 0
    # One commit may have been made whose acknowledgement the end of the session cut off.
    assert acknowledged <= gated.count() <= acknowledged + 1


def test_an_admission_undoes_a_fence(gated: Gated) -> None:
    gated.admit()
    gated.database.fence(1)
    gated.admit(epoch=2)
    gated.app().execute(INSERT)
    assert gated.count() == 1


def test_a_late_admission_opens_nothing(gated: Gated) -> None:
    """It was counted from a clock reading before the lease was granted, which is long over."""
    gated.admit(seconds=-1)
    with pytest.raises(psycopg.Error, match="its lease has run out") as error:
        gated.app().execute(INSERT)
    assert refused(error)


def test_a_server_that_was_set_to_read_only_is_fenced_all_the_same(gated: Gated) -> None:
    gated.admit()
    server = gated.superuser()
    server.execute("alter system set default_transaction_read_only = on")
    server.execute("select pg_reload_conf()")
    try:
        time.sleep(0.3)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            gated.app().execute(INSERT)
        assert gated.database.fence(1).gate_fenced
    finally:
        server.execute("alter system reset default_transaction_read_only")
        server.execute("select pg_reload_conf()")
        time.sleep(0.3)
