"""Requests to HTTP APIs by the name that a client uses, forwarded to the functions behind them."""

import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ministack.services import apigateway_v1

from twin.aws.errors import NotEmulatedError

DEFAULT_HOST: Final = re.compile(r"^([a-z0-9]+)\.execute-api\.([a-z0-9-]+)\.amazonaws\.com$")
ANSWER_SECONDS: Final = 30.0
"""API Gateway's own limit for an HTTP API's integration."""
_HOP: Final = frozenset({"connection", "transfer-encoding", "keep-alive", "content-length"})


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What an HTTP API answered; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpApis:
    """The data plane of API Gateway's HTTP APIs."""

    def __init__(self, gateway: tuple[str, int], account: str) -> None:
        self._gateway = gateway
        self._account = account

    def region_of(self, host: str) -> str:
        """Return the region in which a custom domain or a default host is.

        Raises:
            NotEmulatedError: nothing is deployed under the name.
        """
        if default := DEFAULT_HOST.match(host):
            return default.group(2)
        for (account, region, name), _ in list(apigateway_v1._domain_names._data.items()):
            if name == host and account == self._account:
                return str(region)
        raise NotEmulatedError(f"{host}: no API Gateway of the twin answers for this name")

    def invoke(
        self, host: str, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> ApiAnswer:
        """Send one request, and return the answer.

        Raises:
            NotEmulatedError: nothing is deployed under the name.
            OSError, http.client.HTTPException: no answer.
        """
        self.region_of(host)
        given = {name: value for name, value in (headers or {}).items() if name.lower() not in {*_HOP, "host"}}
        if default := DEFAULT_HOST.match(host):
            # MiniStack knows its APIs by a host of its own, or by this path.
            path = f"/_aws/execute-api/{default.group(1)}/$default{path}"
            host = "localhost"
        connection = http.client.HTTPConnection(*self._gateway, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, body=body, headers={**given, "host": host})
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders() if name.lower() not in _HOP}
            return ApiAnswer(answer.status, told, answer.read())
        finally:
            connection.close()
