"""Logging in, time limits and installation."""

import base64
import socket
import threading
import time

import pytest

from failover.adapters.postgres import Address, PostgresDatabase
from failover.adapters.postgres.installation import STEPS
from failover.adapters.postgres.passwords import scram_verifier
from failover.errors import DatabaseUnreachableError, FatalError, GateRefusedError, LifeboatError
from tests.contract.postgres.conftest import Gated

pytestmark = pytest.mark.twin


def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = Address("127.0.0.1", silent.getsockname()[1], "master", "x", "orders")
        began = time.monotonic()
        with pytest.raises(DatabaseUnreachableError, match="time limit"):
            PostgresDatabase(address, timeout_seconds=0.3).describe()
        assert time.monotonic() - began < 2


def test_a_statement_that_waits_is_given_up(gated: Gated) -> None:
    """Somebody holds the gate's row; the guard must not hang on it."""
    gated.admit()
    owner = gated.owner()
    owner.execute("begin")
    owner.execute("select * from lifeboat.gate for update")
    began = time.monotonic()
    with pytest.raises(DatabaseUnreachableError):
        gated.as_user("master", "master-secret", timeout_seconds=0.3).extend(1, time.time() + 60)
    assert time.monotonic() - began < 2


def test_a_wrong_password_is_not_taken_for_an_outage(gated: Gated) -> None:
    with pytest.raises(FatalError, match="password authentication failed"):
        gated.as_user("master", "wrong").describe()


def test_a_database_without_the_gate_says_so(gated: Gated) -> None:
    gated.owner().execute("drop schema lifeboat cascade")
    assert gated.database.inspect().gate is None
    assert not gated.database.describe().gate_open
    for change in (lambda: gated.database.extend(1, 1e10), lambda: gated.database.fence(1)):
        with pytest.raises(GateRefusedError, match="run `lifeboat gate install`"):
            change()


def test_two_installers_at_once_do_no_harm(gated: Gated) -> None:
    gated.owner().execute("drop schema lifeboat cascade")
    failures: list[Exception] = []

    def install() -> None:
        try:
            gated.database.install()
        except LifeboatError as exc:
            failures.append(exc)

    threads = [threading.Thread(target=install) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    gate = gated.database.inspect().gate
    assert gate is not None
    assert (gate.version, gate.ungated) == (len(list(STEPS.glob("*.sql"))), ())


def test_installing_again_leaves_a_fence_alone(gated: Gated) -> None:
    gated.admit()
    gated.database.fence(1)
    gated.database.install()
    seen = gated.database.inspect()
    assert seen.gate is not None
    assert seen.gate.fenced
    assert not seen.app_login_allowed


def test_the_password_itself_is_not_sent(gated: Gated) -> None:
    superuser = gated.superuser()
    superuser.execute("alter system set log_statement = 'all'")
    try:
        superuser.execute("select pg_reload_conf()")
        time.sleep(0.2)
        gated.database.install()
        log = gated.server.log.read_text()
    finally:
        superuser.execute("alter system reset log_statement")
        superuser.execute("select pg_reload_conf()")
    assert "ALTER ROLE app_rw PASSWORD" in log
    assert "rw-secret" not in log


@pytest.mark.parametrize("password", ["", "päß", "tab\there"])
def test_a_password_that_servers_would_read_differently_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        scram_verifier(password)


def test_the_verifier_is_the_servers_own(gated: Gated) -> None:
    """Computed from the salt that the server has, it is what the server has."""
    superuser = gated.superuser()
    superuser.execute("create role sample password 'a secret'")
    try:
        row = superuser.execute("select rolpassword from pg_authid where rolname = 'sample'").fetchone()
    finally:
        superuser.execute("drop role sample")
    assert row is not None
    salt = base64.b64decode(row[0].split("$")[1].split(":")[1])
    assert scram_verifier("a secret", salt) == row[0]
