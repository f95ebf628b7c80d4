"""Each port's suite runs on its memory adapter and on its AWS adapter, the latter against moto."""

import itertools
from collections.abc import Callable, Iterator
from threading import RLock
from typing import TypeVar

import boto3
import pytest
from moto import mock_aws

from failover.adapters.aws import AwsStore
from failover.adapters.aws.clients import client
from failover.adapters.memory import MemoryStore
from failover.ports import QuorumStore
from simulator.kernel import Kernel
from simulator.world.network import NoAnswer, Refused
from simulator.world.store import THROTTLED, store_seen_from
from simulator.world.table import Table
from tests.products import EU, QUORUM

T = TypeVar("T")

TABLE = "lifeboat-quickstart-quorum"


@pytest.fixture
def aws() -> Iterator[None]:
    """An empty AWS, and clients made for it alone."""
    client.cache_clear()
    with mock_aws():
        yield
    client.cache_clear()


def make_table(region: str) -> None:
    """The quorum table in one region; moto replicates nothing, so the contract uses one replica."""
    boto3.client("dynamodb", region).create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )


class MotosStore(AwsStore):
    """moto's tables are of one region and say nothing of consistency; that is tested on the service's answers."""

    def require_strong(self) -> None:
        """One replica is as strong as it gets."""


class Beside:
    """A network on which everything is done at once, one after the other, but for the first requests: as told."""

    def __init__(self, failures: list[str]) -> None:
        self._failures, self._turn = failures, RLock()

    def ask(
        self,
        source: str,
        target: str,
        act: Callable[[], T],
        *,
        service: str,
        timeout_seconds: float,
        takes_seconds: float,
        writes: bool,
    ) -> T:
        with self._turn:
            failure = self._failures.pop(0) if self._failures else ""
            if failure == "not sent":
                raise NoAnswer("not sent")
            if failure == "throttled":
                raise Refused(THROTTLED)
            answer = act()
            if failure == "answer lost":
                raise NoAnswer("answer lost")
            return answer


def simulated(failures: list[str]) -> QuorumStore:
    """The store on the simulator's table, in no time."""
    replicas = QUORUM[:2]
    table = Table(Kernel(), replicas, QUORUM[2], places_up=lambda: QUORUM, between=lambda _one, _other: True)
    counted = itertools.count()
    return store_seen_from(EU, table, Beside(failures), nonces=lambda: str(next(counted)))


@pytest.fixture(params=["memory", "aws", "simulated"])
def store(request: pytest.FixtureRequest) -> QuorumStore:
    """A quorum store with nothing in it."""
    if request.param == "memory":
        return MemoryStore()
    if request.param == "simulated":
        return simulated([])
    request.getfixturevalue("aws")
    make_table(QUORUM[0])
    return MotosStore(TABLE, QUORUM[:1])
