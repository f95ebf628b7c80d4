"""Each port's suite runs on its memory adapter and on its AWS adapter, the latter against moto."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from failover.adapters.aws import AwsStore
from failover.adapters.aws.clients import client
from failover.adapters.memory import MemoryStore
from failover.ports import QuorumStore
from tests.products import QUORUM

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


@pytest.fixture(params=["memory", "aws"])
def store(request: pytest.FixtureRequest) -> QuorumStore:
    """A quorum store with nothing in it."""
    if request.param == "memory":
        return MemoryStore()
    request.getfixturevalue("aws")
    make_table(QUORUM[0])
    return MotosStore(TABLE, QUORUM[:1])
