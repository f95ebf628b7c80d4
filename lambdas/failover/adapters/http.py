"""Requests to several HTTPS endpoints at once, each in a thread and a time limit of its own."""

import http.client
import socket
import ssl
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from urllib.parse import urlsplit

from failover.ports import Answer, Clock

BODY_BYTES = 65536


class ParallelHttp:
    """``ports.Http`` on the standard library: a new connection for each request, as a user's would be."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def get(self, urls: Sequence[str], timeout_seconds: float) -> Mapping[str, Answer]:
        """GET each URL in parallel; what cannot be reached in time answers with status 0 and a reason."""
        if not urls:
            return {}
        with ThreadPoolExecutor(len(urls)) as threads:
            return dict(zip(urls, threads.map(lambda url: self._get(url, timeout_seconds), urls), strict=True))

    def _get(self, url: str, timeout_seconds: float) -> Answer:
        started = self._clock.elapsed()
        parts = urlsplit(url)
        connection = http.client.HTTPSConnection(parts.netloc, timeout=timeout_seconds, context=_trust())
        try:
            connection.request("GET", parts.path or "/", headers={"User-Agent": "lifeboat-observer"})
            response = connection.getresponse()
            body = response.read(BODY_BYTES).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException, socket.gaierror) as exc:
            return Answer(0, "", self._clock.elapsed() - started, f"{type(exc).__name__}: {exc}")
        finally:
            connection.close()
        seconds = self._clock.elapsed() - started
        if seconds > timeout_seconds:
            return Answer(0, "", seconds, f"answered after {seconds:.1f} s")
        return Answer(response.status, body, seconds)


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
