"""AWS services that answer what a test says, where an emulator would not."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

Answers = Mapping[str, Callable[..., Any]]

SILENCE = (
    ConnectTimeoutError(endpoint_url="https://loopback"),
    ReadTimeoutError(endpoint_url="https://loopback"),
    EndpointConnectionError(endpoint_url="https://loopback"),
)


def refusal(code: str, status: int = 400, message: str = "told by the service") -> ClientError:
    """A service's error as botocore raises it."""
    told: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, "Operation")


class Service:
    """A client of one service; calls that no answer was given for are the test's mistake."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self._answers[name]


def raising(error: Exception) -> Callable[..., Any]:
    """A call that fails so."""

    def call(**_asked: Any) -> Any:
        raise error

    return call


@contextmanager
def answering(adapter: ModuleType, answers: Answers) -> Iterator[list[tuple[str, str]]]:
    """Give an adapter's module this service; yields the (service, region) pairs that it asked for."""
    asked: list[tuple[str, str]] = []

    def client(service: str, region: str, *_rest: float) -> Service:
        asked.append((service, region))
        return Service(answers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapter, "client", client)
        yield asked
