"""A replica that cannot be reached, whatever the transport calls it, is not the end of the store."""

from typing import Any

import pytest
from botocore import exceptions as botocore
from botocore.parsers import ResponseParserError

from failover.adapters.aws import AwsStore
from failover.adapters.aws import store as adapter
from failover.adapters.aws.clients import client, code_of, unclear
from failover.errors import ChangedMeanwhileError, StoreUnreachableError
from failover.records import Control
from tests.contract.services import Service, raising, refusal
from tests.products import QUORUM

TRANSPORT = [
    botocore.ConnectTimeoutError(endpoint_url="https://loopback"),
    botocore.ReadTimeoutError(endpoint_url="https://loopback"),
    botocore.EndpointConnectionError(endpoint_url="https://loopback"),
    botocore.ConnectionClosedError(endpoint_url="https://loopback"),
    botocore.SSLError(endpoint_url="https://loopback", error=ValueError("handshake")),
    botocore.ProxyConnectionError(proxy_url="https://loopback"),
    botocore.HTTPClientError(error="cut off"),
    botocore.IncompleteReadError(actual_bytes=1, expected_bytes=2),
    botocore.ResponseStreamingError(error="cut off"),
    ResponseParserError("<html>503</html>"),
]
FAULTS = [
    refusal("InternalServerError", 500),
    refusal("ServiceUnavailable", 503),
    refusal("ProvisionedThroughputExceededException"),
    refusal("ThrottlingException"),
    refusal("RequestLimitExceeded"),
    refusal("ResourceNotFoundException"),  # this replica is not there yet, or not any more
    refusal("AccessDeniedException"),  # a policy or a key of this region: the others' may not say the same
    refusal("UnrecognizedClientException"),
]


def replicas(monkeypatch: pytest.MonkeyPatch, first: Exception, second: Any = None) -> list[str]:
    """The first replica fails so, the second answers, or fails too; returns the regions that are asked."""
    asked: list[str] = []
    empty: Any = {"get_item": lambda **_: {}, "put_item": lambda **_: {}}
    failing = {name: raising(first) for name in empty}
    last = {name: raising(second) for name in empty} if second is not None else empty

    def made(service: str, region: str, *_rest: float) -> Service:
        assert service == "dynamodb"
        asked.append(region)
        return Service(failing if region == QUORUM[0] else last)

    monkeypatch.setattr(adapter, "client", made)
    return asked


@pytest.mark.parametrize("error", [*TRANSPORT, *FAULTS], ids=code_of)
def test_the_next_replica_is_asked_and_remembered(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    asked = replicas(monkeypatch, error)
    store = AwsStore("table", QUORUM)
    assert store.control() == Control(version=0)
    assert store.control() == Control(version=0)
    assert asked == [QUORUM[0], QUORUM[1], QUORUM[1]]


@pytest.mark.parametrize("error", [*TRANSPORT, *FAULTS], ids=code_of)
def test_when_none_answers_the_store_is_unreachable_and_says_why(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    replicas(monkeypatch, error, second=error)
    with pytest.raises(StoreUnreachableError, match=f"{QUORUM[2]}: {code_of(error)}"):
        AwsStore("table", QUORUM).control()


@pytest.mark.parametrize("code", ["ConditionalCheckFailedException", "ReplicatedWriteConflictException"])
def test_a_conflict_is_an_answer_and_no_other_replica_is_asked(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    asked = replicas(monkeypatch, refusal(code))
    with pytest.raises(ChangedMeanwhileError):
        AwsStore("table", QUORUM).change_control(Control(version=3), Control(version=3, term=1))
    assert asked == [QUORUM[0]]


@pytest.mark.parametrize("code", ["SerializationException", "ValidationException"])
def test_a_mistake_of_ours_is_not_hidden_as_an_outage(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    asked = replicas(monkeypatch, refusal(code))
    with pytest.raises(botocore.ClientError, match=code):
        AwsStore("table", QUORUM).control()
    assert asked == [QUORUM[0]]


@pytest.mark.parametrize("error", TRANSPORT, ids=code_of)
def test_a_request_that_was_cut_off_may_have_taken_effect(error: Exception) -> None:
    assert unclear(error)


@pytest.mark.parametrize("error", [refusal("ConditionalCheckFailedException"), refusal("Throttling"), ValueError("x")])
def test_a_clear_no_has_taken_no_effect(error: Exception) -> None:
    assert not unclear(error)


def test_a_client_waits_on_no_region_for_longer_than_its_box(aws: None) -> None:
    """One attempt: whoever calls knows better whether to ask again, elsewhere, or look first."""
    config = client("dynamodb", QUORUM[0], 1.5).meta.config
    assert (config.connect_timeout, config.read_timeout) == (1, 1.5)
    assert config.retries["total_max_attempts"] == 1
    assert client("dynamodb", QUORUM[0], 1.5) is client("dynamodb", QUORUM[0], 1.5)
