"""A store that accepts connections and answers nothing: who asks it gives up in time, and asks elsewhere next."""

import socket
import time
from collections.abc import Iterator

import pytest

from failover.adapters.aws import AwsLastKnown, AwsStore
from failover.adapters.aws import store as store_adapter
from failover.adapters.aws.clients import client
from failover.adapters.memory import MemoryLastKnown
from failover.adapters.replicated import Patience
from failover.adapters.system import SystemClock
from failover.adapters.world import guards_store, quick_store
from failover.errors import LocalTableUnreachableError, StoreUnreachableError
from failover.procedures.lever import Lever
from failover.topology import Names
from tests.contract.services import answering, refusal
from tests.products import EU, QUORUM, US, quickstart

TOPOLOGY = quickstart()
TOKEN = Names(TOPOLOGY).lever_token(US)
CHECKER_SECONDS = 2.0
"""Route 53, "How Route 53 determines whether a health check is healthy": the answer is due within two seconds."""


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """DynamoDB of every region, as it is on the day when it hangs."""
    client.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
        yield
    client.cache_clear()


def test_the_first_answer_of_a_lever_comes_before_its_checker_gives_up(silence: None) -> None:
    known = MemoryLastKnown()
    known.remember({US: "us-east-1-2"})
    began = time.monotonic()
    assert Lever(TOPOLOGY, quick_store(TOPOLOGY), known, SystemClock()).answer(US) == TOKEN
    assert time.monotonic() - began < CHECKER_SECONDS


def test_its_own_table_is_not_waited_for_longer(silence: None) -> None:
    began = time.monotonic()
    with pytest.raises(LocalTableUnreachableError):
        AwsLastKnown("local", EU).evacuated()
    assert time.monotonic() - began < 1.0


def test_a_guard_has_time_left_to_ask_for_promises(silence: None) -> None:
    lease, began = TOPOLOGY.lease, time.monotonic()
    with pytest.raises(StoreUnreachableError):
        guards_store(TOPOLOGY).control()
    asking_seconds = 4.0
    spent = time.monotonic() - began + asking_seconds
    assert spent < lease.lease_seconds - lease.margin_seconds - 2 * lease.renew_seconds


def test_who_tries_one_replica_a_call_comes_round_to_one_that_answers() -> None:
    store = AwsStore("quorum", QUORUM, patience=Patience(replicas=1))

    def only_the_last(**_asked: object) -> dict[str, object]:
        if asked[-1][1] != QUORUM[-1]:
            raise refusal("InternalServerError", 500)
        return {}

    with answering(store_adapter, {"get_item": only_the_last}) as asked:
        for _ in QUORUM[1:]:
            with pytest.raises(StoreUnreachableError):
                store.control()
        store.control()
        store.control()
    assert [region for _, region in asked] == [*QUORUM, QUORUM[-1]]
