"""A secret's versions in Secrets Manager, and the whole change of one by the function that Secrets Manager calls."""

import importlib
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from failover.adapters.aws import AwsAgent, AwsVault
from failover.errors import DatabaseUnreachableError
from runtime import wiring
from tests.contract.conftest import TABLE, make_table
from tests.products import QUORUM, US, quickstart
from tests.unit.runtime.functions import context

SECRET = "lifeboat/quickstart/orders/app_rw"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
TOKEN = "0b9e4a4e-0000-4000-8000-00000000000"


@pytest.fixture
def vault(aws: None) -> AwsVault:
    told = json.dumps({"username": "app_rw", "password": "a"})
    arn = boto3.client("secretsmanager", US).create_secret(Name=SECRET, SecretString=told)["ARN"]
    return AwsVault(arn, US)


@pytest.fixture
def given(vault: AwsVault, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What the agent was told, with the function's surroundings around it."""
    make_table(QUORUM[0])
    logins = dict[str, str]()
    told = {"AWS_REGION": US, "LIFEBOAT_QUORUM_TABLE": TABLE, "LIFEBOAT_QUORUM_REGIONS": json.dumps(QUORUM[:1])}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wiring, "topology", quickstart)
    monkeypatch.setattr(AwsAgent, "give_login", lambda _, *about: logins.update({about[2]: about[3]}))
    monkeypatch.setattr(AwsAgent, "try_login", lambda _, *about: logins[about[2]])
    for made in (wiring.here, wiring.ports):
        made.cache_clear()
    yield logins
    for made in (wiring.here, wiring.ports):
        made.cache_clear()


def rotate(arn: str, version: str, *, until: int = len(STEPS)) -> None:
    handle: Any = importlib.import_module("rotate_secret.handler").handle
    for step in STEPS[:until]:
        handle({"SecretId": arn, "ClientRequestToken": version, "Step": step}, context())


def test_a_proposal_is_nobodys_before_the_change_is_finished(vault: AwsVault) -> None:
    version = f"{TOKEN}1"
    assert vault.pending(version) is None
    vault.propose(version, {"username": "app_rw_2", "password": "b"})
    vault.propose(version, {"username": "app_rw_2", "password": "another draw of a repeated step"})
    assert vault.pending(version) == {"username": "app_rw_2", "password": "b"}
    assert vault.current()["password"] == "a"
    for _ in range(2):
        vault.finish(version)
        assert vault.current() == {"username": "app_rw_2", "password": "b"}


def test_what_is_published_meanwhile_leaves_the_proposal_alone(vault: AwsVault) -> None:
    version = f"{TOKEN}2"
    vault.propose(version, {"username": "o", "password": "b"})
    vault.publish({"username": "o", "password": "a", "other": "b"})
    assert vault.current()["other"] == "b"
    vault.finish(version)
    assert vault.current() == {"username": "o", "password": "b"}
    assert vault.in_step()


def test_a_password_is_long_and_of_letters_and_digits(vault: AwsVault) -> None:
    one, other = vault.new_password(), vault.new_password()
    assert len(one) == len(other) == 48
    assert one.isalnum()
    assert one != other


def test_a_vault_out_of_reach_is_told(vault: AwsVault) -> None:
    with pytest.raises(DatabaseUnreachableError, match="out of reach: ResourceNotFoundException"):
        AwsVault("arn:aws:secretsmanager:us-east-1:111122223333:secret:none-AbCdEf", US).current()


def test_secrets_managers_four_calls_change_the_login(vault: AwsVault, given: dict[str, str]) -> None:
    arn = boto3.client("secretsmanager", US).describe_secret(SecretId=SECRET)["ARN"]
    rotate(arn, f"{TOKEN}3")
    told = vault.current()
    assert told["username"] == "app_rw_2"
    assert given == {"app_rw_2": told["password"]}
    rotate(arn, f"{TOKEN}4", until=3)
    assert vault.current() == told
    rotate(arn, f"{TOKEN}4")
    assert vault.current()["username"] == "app_rw"
