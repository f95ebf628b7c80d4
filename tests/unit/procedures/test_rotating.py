"""Passwords that change step by step: whoever reads the secret, at any moment, is let in."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.adapters.memory import ManualClock, MemoryStore
from failover.errors import (
    DatabaseUnreachableError,
    FatalError,
    LifeboatError,
    RequestInvalidError,
    RotationNotReadyError,
)
from failover.ports import CopyState
from failover.procedures.rotating import Change, Rotating, RotationStep, Secret
from tests.products import EU, US, quickstart

STATE = CopyState(False, "1/1", 0, 0.0, 1, gate_open=True, gate_fenced=False)


class MemoryVault:
    """``Vault``; ``failing`` says after how many calls it cannot be reached any more, for one call."""

    def __init__(self, secret: Secret) -> None:
        self.versions: dict[str, Secret] = {"first": secret}
        self.now = "first"
        self.behind = 0
        self.calls = itertools.count()
        self.failing: set[int] = set()
        self.changed: Callable[[Secret], object] = lambda _: None

    def current(self) -> Secret:
        self._call()
        return self.versions[self.now]

    def pending(self, version: str) -> Secret | None:
        self._call()
        return self.versions.get(version)

    def propose(self, version: str, secret: Secret) -> None:
        self._call()
        self.versions.setdefault(version, secret)

    def publish(self, secret: Secret) -> None:
        self._call()
        now = f"published-{len(self.versions)}"
        self.versions[now] = secret
        self._change(now)

    def in_step(self) -> bool:
        self._call()
        self.behind -= 1
        return self.behind < 0

    def finish(self, version: str) -> None:
        self._call()
        self._change(version)

    def _change(self, now: str) -> None:
        self.now = now
        self.changed(self.versions[now])

    def _call(self) -> None:
        if next(self.calls) in self.failing:
            raise DatabaseUnreachableError("the vault is out of reach")


class Server:
    """``Logins`` of one server; who is let in with what."""

    def __init__(self, **passwords: str) -> None:
        self.passwords, self.asked = passwords, list[str]()
        self.failing: set[int] = set()

    def give_login(self, database: str, region: str, user: str, password: str) -> CopyState:
        self.asked.append(region)
        self.passwords[user] = password
        if len(self.asked) in self.failing:
            raise DatabaseUnreachableError("the answer was lost")
        return STATE

    def try_login(self, database: str, region: str, user: str, password: str) -> CopyState:
        self.asked.append(region)
        if self.passwords.get(user) != password:
            raise FatalError("not let in")
        return STATE

    def lets_in(self, secret: Secret) -> bool:
        return self.passwords.get(secret["username"]) in (secret["password"], secret.get("other"))


def change(role: str, step: RotationStep = RotationStep.CREATE, version: str = "v1") -> Change:
    (database,) = quickstart().databases
    return Change(database, role, "a secret", version, step)


def rotating(vault: MemoryVault, server: Server, wanted: Change, clock: ManualClock | None = None) -> Rotating:
    drawn = (f"drawn-{wanted.version}-{number}" for number in itertools.count())
    return Rotating(wanted, vault, server, MemoryStore(), clock or ManualClock(), lambda: next(drawn))


def whole(vault: MemoryVault, server: Server, role: str, version: str = "v1") -> Iterator[None]:
    for step in RotationStep:
        rotating(vault, server, change(role, step, version)).go_on()
        yield


def test_a_role_of_the_application_changes_between_its_two_logins() -> None:
    vault = MemoryVault({"username": "app_rw", "password": "a"})
    server = Server(app_rw="a")
    list(whole(vault, server, "app_rw", "v1"))
    assert vault.current() == {"username": "app_rw_2", "password": "drawn-v1-0"}
    assert server.passwords == {"app_rw": "a", "app_rw_2": "drawn-v1-0"}
    list(whole(vault, server, "app_rw", "v2"))
    assert vault.current() == {"username": "app_rw", "password": "drawn-v2-0"}
    assert server.passwords["app_rw_2"] == "drawn-v1-0"


def test_the_owner_keeps_his_name_and_his_secret_has_the_last_password_too() -> None:
    vault, server = MemoryVault({"username": "lifeboat_owner", "password": "a"}), Server(lifeboat_owner="a")
    list(whole(vault, server, "owner"))
    assert vault.current() == {"username": "lifeboat_owner", "password": "drawn-v1-0", "other": "a"}


@given(
    role=st.sampled_from(["owner", "app_rw"]),
    vault_fails=st.sets(st.integers(0, 40), max_size=12),
    server_fails=st.sets(st.integers(1, 8), max_size=5),
    changes=st.integers(1, 3),
)
def test_whatever_fails_the_secret_lets_its_reader_in_and_the_change_comes_to_its_end(
    role: str, vault_fails: set[int], server_fails: set[int], changes: int
) -> None:
    user = "lifeboat_owner" if role == "owner" else role
    vault, server = MemoryVault({"username": user, "password": "a"}), Server(**{user: "a"})
    vault.failing, server.failing = vault_fails, server_fails
    for number in range(changes):
        for step in RotationStep:
            for _ in range(60):
                assert server.lets_in(vault.versions[vault.now])
                try:
                    rotating(vault, server, change(role, step, f"v{number}")).go_on()
                    break
                except LifeboatError:
                    continue
            assert server.lets_in(vault.versions[vault.now])
        assert vault.now == f"v{number}"


@given(before=st.integers(0, 3), stops_after=st.integers(0, 4))
def test_a_change_that_was_given_up_in_the_middle_is_followed_by_another_one(before: int, stops_after: int) -> None:
    vault, server = MemoryVault({"username": "lifeboat_owner", "password": "a"}), Server(lifeboat_owner="a")
    refused: list[Secret] = []
    vault.changed = lambda secret: None if server.lets_in(secret) else refused.append(secret)
    for number in range(before):
        for _ in itertools.islice(whole(vault, server, "owner", f"given-up-{number}"), stops_after):
            assert server.lets_in(vault.versions[vault.now])
    list(whole(vault, server, "owner", "last"))
    assert vault.current()["password"] == server.passwords["lifeboat_owner"] == "drawn-last-0"
    assert refused == []


def test_the_owners_password_stays_while_a_region_has_not_heard_of_the_next_one() -> None:
    vault, server, clock = MemoryVault({"username": "o", "password": "a"}), Server(o="a"), ManualClock()
    rotating(vault, server, change("owner"), clock).go_on()
    vault.behind = 1000
    with pytest.raises(RotationNotReadyError, match="not every region has heard"):
        rotating(vault, server, change("owner", RotationStep.SET), clock).go_on()
    assert server.passwords == {"o": "a"}
    assert vault.current()["other"] == "drawn-v1-0"


def test_the_login_is_changed_where_the_database_is_written_now() -> None:
    vault, server = MemoryVault({"username": "app_rw", "password": "a"}), Server(app_rw="a")
    moved: Any = type("Store", (), {"database": lambda _self, _name: type("Record", (), {"writer": EU})})()
    for step in RotationStep:
        wanted = rotating(vault, server, change("app_rw", step))
        Rotating(wanted.change, vault, server, moved, wanted.clock, wanted.new_password).go_on()
    assert set(server.asked) == {EU}
    list(whole(vault, server, "app_rw", "v2"))
    assert server.asked[-1] == US  # no item yet: where it was born


def test_the_trial_of_a_new_schedule_touches_nothing() -> None:
    vault, server = MemoryVault({"username": "app_rw", "password": "a"}), Server(app_rw="a")
    rotating(vault, server, change("app_rw", RotationStep.TEST)).go_on()
    assert server.asked == []


def test_a_step_without_the_one_before_it_is_refused() -> None:
    with pytest.raises(RequestInvalidError, match="nothing was proposed"):
        rotating(MemoryVault({"username": "a", "password": "b"}), Server(), change("app_rw", RotationStep.SET)).go_on()


def test_the_secret_says_the_database_and_the_role() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:lifeboat/quickstart/orders/app_rw-AbC123"
    event = {"SecretId": arn, "ClientRequestToken": "v7", "Step": "testSecret"}
    found = Change.parse(event, quickstart())
    assert (found.database.name, found.role, found.version, found.step) == ("orders", "app_rw", "v7", RotationStep.TEST)
    with pytest.raises(RequestInvalidError, match="the secret of no database of quickstart"):
        Change.parse({**event, "SecretId": arn.replace("orders", "others")}, quickstart())
