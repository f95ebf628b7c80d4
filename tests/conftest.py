"""What every test stands on: loopback only, no credentials, no tracing daemon."""

import os
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

os.environ.update(
    AWS_ACCESS_KEY_ID="111122223333",
    AWS_SECRET_ACCESS_KEY="twin",
    AWS_REGION="eu-west-1",
    AWS_DEFAULT_REGION="eu-west-1",
    AWS_EC2_METADATA_DISABLED="true",
    POWERTOOLS_TRACE_DISABLED="true",
    POWERTOOLS_SERVICE_NAME="lifeboat",
    POWERTOOLS_METRICS_NAMESPACE="Lifeboat",
    HYPOTHESIS_STORAGE_DIRECTORY=".hypothesis",
    CDK_VALIDATION="false",  # `make checks` has it
)
os.environ.pop("LIFEBOAT_TOPOLOGY", None)  # whoever runs the tests may have named a product of theirs


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """No test reaches any address but loopback: a try is refused, and fails the test even if it is swallowed."""
    strays: list[Any] = []
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(str(address[0])):
            strays.append(address)
            raise PermissionError(f"tests stay on loopback; this one went to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield strays
    assert not strays, f"tests stay on loopback; this one went to {strays}"


@pytest.fixture(autouse=True)
def wired_to_aws() -> Iterator[None]:
    """A test that simulated leaves the handlers to the next one as it found them."""
    yield
    if (wired := sys.modules.get("simulator.world.wired")) is not None:
        wired.give_back()


def _is_loopback(host: str) -> bool:
    return host.startswith("127.") or host in ("localhost", "::1")
