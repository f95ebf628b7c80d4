"""The region as a gateway asks it: one HTTP request, in a bounded time."""

import http.client
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from edge_gateway.messages import Answer, OutOfReachError

HOP_BY_HOP = frozenset(
    {"connection", "host", "keep-alive", "content-length", "te", "trailer", "transfer-encoding", "upgrade"}
)


class Region:
    """The product's own name, wherever it leads: after a failover that is another region."""

    def __init__(self, upstream: str, timeout_seconds: float) -> None:
        url = urlsplit(upstream)
        self._host, self._port = url.hostname or "", url.port
        self._timeout_seconds = timeout_seconds
        self._tls = ssl.create_default_context() if url.scheme == "https" else None

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Ask; raises ``OutOfReachError`` when there is no whole answer."""
        connection = self._connection()
        passed = {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}
        try:
            connection.request(method, path, body, passed)
            answer = connection.getresponse()
            told = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
            return Answer(answer.status, answer.read(), told)
        except (OSError, http.client.HTTPException) as exc:
            raise OutOfReachError(f"{type(exc).__name__}: {exc}") from exc
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        # A new one each time: a kept one would lead to the old region after the name has moved.
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout_seconds, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_seconds)
