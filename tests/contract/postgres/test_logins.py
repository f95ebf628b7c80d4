"""Passwords change while everybody works: no login is lost, no gate opens or shuts, and a fence means both logins."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import psycopg
import pytest

from failover.adapters.postgres import Address, Keyring, PostgresDatabase
from failover.errors import DatabaseUnreachableError, FatalError, GateRefusedError, RequestInvalidError
from tests.contract.postgres.conftest import Gated

pytestmark = pytest.mark.twin

MASTER_NOW = "master-secret"


@pytest.fixture(autouse=True)
def _as_before(gated: Gated) -> None:
    """The server is the session's: an earlier test's second logins go."""
    gated.superuser().execute(
        "do $$ begin if to_regrole('app_rw_2') is not null then drop role app_rw_2; end if; "
        "if to_regrole('app_ro_2') is not null then drop role app_ro_2; end if; end $$"
    )


def test_the_second_login_of_a_role_writes_and_owns_as_the_role_itself(gated: Gated) -> None:
    gated.admit()
    gated.database.give_login("app_rw_2", "next")
    second = gated.connect("app_rw_2", "next")
    assert second.execute("select session_user::text, current_user::text").fetchone() == ("app_rw_2", "app_rw")
    second.execute("insert into orders (what) values ('by the second login')")
    assert gated.count() == 1


def test_the_first_login_goes_on_while_the_second_one_is_changed(gated: Gated) -> None:
    gated.admit()
    first = gated.app()
    gated.database.give_login("app_rw_2", "next")
    first.execute("insert into orders (what) values ('in an open session')")
    gated.app().execute("insert into orders (what) values ('in a new session with the password of before')")
    gated.database.give_login("app_rw", "after that")
    gated.connect("app_rw_2", "next").execute("insert into orders (what) values ('and the other way round')")
    assert gated.count() == 3
    gated.database.give_login("app_rw", "rw-secret")


def test_a_fence_shuts_both_logins_out_and_an_admission_lets_both_in(gated: Gated) -> None:
    gated.admit()
    gated.database.give_login("app_rw_2", "next")
    first, second = gated.app(), gated.connect("app_rw_2", "next")
    gated.database.fence(1)
    for session in (first, second):
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")
    for user, password in (("app_rw", "rw-secret"), ("app_rw_2", "next")):
        with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
            gated.connect(user, password)
    gated.admit(2)
    gated.connect("app_rw_2", "next").execute("insert into orders (what) values ('again')")


def test_a_second_login_that_may_log_in_is_no_fence(gated: Gated) -> None:
    gated.admit()
    gated.database.give_login("app_rw_2", "next")
    gated.database.fence(1)
    gated.owner().execute("alter role app_rw_2 login")
    assert gated.database.inspect().app_login_allowed


def test_a_shut_gate_changes_no_password(gated: Gated) -> None:
    gated.admit()
    gated.database.fence(1)
    with pytest.raises(GateRefusedError, match="no password is changed while the gate is shut"):
        gated.database.give_login("app_rw_2", "next")
    assert gated.owner().execute("select to_regrole('app_rw_2')").fetchone() == (None,)


def test_who_is_no_login_of_the_application_gets_no_password(gated: Gated) -> None:
    gated.admit()
    with pytest.raises(RequestInvalidError, match="user: got 'postgres'; one of: master, app_rw, app_rw_2"):
        gated.database.give_login("postgres", "taken over")


def test_a_login_that_is_not_let_in_is_told(gated: Gated) -> None:
    gated.admit()
    gated.database.give_login("app_ro_2", "reads")
    gated.database.try_login("app_ro_2", "reads")
    with pytest.raises(FatalError, match="password authentication failed"):
        gated.database.try_login("app_ro_2", "guessed")


def test_the_owner_is_let_in_before_while_and_after_his_password_is_changed(gated: Gated) -> None:
    """A guard that renews all the time, with the secret's two passwords, never misses once."""
    gated.admit()
    secret, stop, failures, renewals = [MASTER_NOW], threading.Event(), list[Exception](), list[float]()
    guard = _guard(gated, Keyring(lambda: tuple(secret)))

    def renew() -> None:
        while not stop.is_set():
            try:
                guard.extend(1, time.time() + 60)
                renewals.append(time.time())
            except Exception as exc:  # noqa: BLE001 - whatever it is, the guard missed a renewal
                failures.append(exc)

    thread = threading.Thread(target=renew)
    thread.start()
    try:
        for turn in range(3):
            before, following = secret[0], f"master-{turn}"
            secret[:] = [before, following]  # first the secret has both
            gated.as_user("master", before).give_login("master", following)
            secret[:] = [following, before]
            _until(partial(lambda more: len(renewals) >= more or failures, len(renewals) + 2))
    finally:
        stop.set()
        thread.join()
        _guard(gated, Keyring(lambda: tuple(secret))).give_login("master", MASTER_NOW)
    assert failures == []
    assert len(renewals) >= 6


def test_passwords_that_are_known_are_used_while_nobody_can_be_asked(gated: Gated) -> None:
    gated.admit()
    asked = []

    def read() -> tuple[str, ...]:
        asked.append(time.time())
        if len(asked) > 1:
            raise DatabaseUnreachableError("the secret cannot be read")
        return ("wrong", MASTER_NOW)

    guard = _guard(gated, Keyring(read))
    guard.extend(1, time.time() + 60)
    assert len(asked) == 1


def _guard(gated: Gated, keyring: Keyring) -> PostgresDatabase:
    address = Address(gated.server.address, gated.server.port, "master", "not this one", gated.name)
    return PostgresDatabase(replace(address, keyring=keyring), timeout_seconds=20.0)


def _until(come: Callable[[], object]) -> None:
    """Changes come a month apart: between two of them a guard has renewed."""
    over = time.monotonic() + 60
    while not come() and time.monotonic() < over:
        time.sleep(0.02)
