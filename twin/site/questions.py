"""DNS messages for the one question that the shim asks: a name's IPv4 addresses; stdlib only, as the shim is."""

from __future__ import annotations

import os
import socket
import struct

TYPE_A, CLASS_IN = 1, 1


def query_for(name: str) -> bytes | None:
    """Return the message that asks for a name's addresses, or ``None`` when it cannot be a name."""
    labels = name.rstrip(".").split(".")
    if not name.isascii() or any(not 1 <= len(label) <= 63 for label in labels):
        return None
    question = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
    header = os.urandom(2) + struct.pack("!5H", 0x0100, 1, 0, 0, 0)
    return header + question + struct.pack("!2H", TYPE_A, CLASS_IN)


def addresses_in(message: bytes) -> list[str]:
    """Return the IPv4 addresses of an answer."""
    _, _, questions, answers, _, _ = struct.unpack_from("!6H", message)
    at, found = 12, []
    for _ in range(questions):
        at = _after_name(message, at) + 4
    for _ in range(answers):
        at = _after_name(message, at)
        kind, _, _, length = struct.unpack_from("!2HIH", message, at)
        at += 10
        if kind == TYPE_A:
            found.append(socket.inet_ntoa(message[at : at + length]))
        at += length
    return found


def _after_name(message: bytes, at: int) -> int:
    while message[at]:
        if message[at] & 0xC0:
            return at + 2
        at += message[at] + 1
    return at + 1
