"""The connection that a request came over, so that it can be reset in place of an answer.

ASGI has no word for that: an application that answers nothing gets an HTTP error sent on its behalf.
"""

import asyncio
import socket
import struct
from contextvars import ContextVar
from typing import Final

_TRANSPORT: Final[ContextVar[asyncio.WriteTransport]] = ContextVar("_TRANSPORT")
_DROP_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: closing sends a reset, not an end of file."""


def enter(transport: asyncio.WriteTransport) -> None:
    """Say over which connection all that starts in this context was asked."""
    _TRANSPORT.set(transport)


def reset() -> None:
    """Reset the connection of the request that is being answered."""
    transport = _TRANSPORT.get()
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DROP_AT_ONCE)
    transport.abort()
