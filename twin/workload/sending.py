"""One request of a client: a new connection over TLS to where the name leads, and 2 s for all of it.

A new connection each time, so that a client follows DNS as soon as its resolver does. What keeps connections
to a dead region for longer fails over later, by its own fault.
"""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, Final

from twin.network.cuts import Cut

TIMEOUT_SECONDS: Final = 2.0
HTTPS: Final = 443

Between = Callable[[str, str], Cut | None]
"""How a connection from one address to another fails now (``NetworkState.between``)."""


class NoAnswerError(Exception):
    """No answer of a service within the time limit."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The status of an answer, and the JSON object that came with it."""

    status: int
    told: dict[str, Any]


class Sender:
    """Sends the requests of one client from its source address; safe to use from several threads.

    ``authority`` is the PEM file of the only authority that it trusts, ``port`` HTTPS's on the twin.
    """

    def __init__(self, source: str, port: int, authority: Path, between: Between) -> None:
        self._source = source
        self._port = port
        self._between = between
        self._trust = ssl.create_default_context(cafile=str(authority))

    def post(self, name: str, addresses: Iterable[str], path: str, request: object, deadline: float) -> Reply:
        """Send JSON to the first of the addresses that takes a connection for ``name``.

        ``deadline`` is by ``time.monotonic``.

        Raises:
            NoAnswerError: no address took it, or the answer did not come in time, or is none.
        """
        connection = HTTPSConnection(name, context=self._trust)
        try:
            connection.sock = self._connected(name, addresses, deadline)
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            connection.request("POST", path, json.dumps(request), headers)
            connection.sock.settimeout(_left(deadline))
            answer = connection.getresponse()
            told = json.loads(answer.read())
        except (OSError, HTTPException, ValueError) as exc:
            raise NoAnswerError(f"{type(exc).__name__}: {exc}") from exc
        finally:
            connection.close()
        return Reply(answer.status, told if isinstance(told, dict) else {})

    def _connected(self, name: str, addresses: Iterable[str], deadline: float) -> ssl.SSLSocket:
        fault: OSError = ConnectionError(f"{name}: no address")
        for address in addresses:
            try:
                raw = self._reached(address, deadline)
            except OSError as exc:
                fault = exc
                continue
            with raw:  # wrapping detaches it, so that this closes it only when the handshake fails
                return self._trust.wrap_socket(raw, server_hostname=name)
        raise fault

    def _reached(self, address: str, deadline: float) -> socket.socket:
        match self._between(self._source, address):
            case Cut.REFUSED:
                raise ConnectionRefusedError(f"{address}: the network refuses it")
            case Cut.DROPPED:
                time.sleep(_left(deadline))
                raise TimeoutError(f"{address}: the network drops it")
        reached = socket.create_connection((address, self._port), _left(deadline), (self._source, 0))
        reached.settimeout(_left(deadline))
        return reached


def _left(deadline: float) -> float:
    # A socket takes a time limit of 0 for "do not block", which is another kind of error.
    return max(0.001, deadline - time.monotonic())
