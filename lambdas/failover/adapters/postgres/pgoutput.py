"""PostgreSQL's own logical replication messages, as its plugin ``pgoutput`` writes them (protocol version 1).

Source: PostgreSQL's documentation, "Logical Replication Message Formats". The plugin is part of every server, also
of RDS's.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""PostgreSQL's zero of time."""

CHANGES: Final = {"I": "INSERT", "U": "UPDATE", "D": "DELETE", "T": "TRUNCATE"}
UNCHANGED: Final = object()
"""A large value that an update did not touch is not in its record."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table as it was when it was changed."""

    name: str
    columns: tuple[str, ...]


@dataclass(slots=True)
class Decoder:
    """Reads messages in their order; a transaction's own are between its begin and its commit."""

    relations: dict[int, Relation] = field(default_factory=dict)
    xid: int = 0
    commit_lsn: int = 0
    committed_at: datetime = EPOCH

    def read(self, message: bytes) -> Iterator[dict[str, Any]]:
        """Take in one message; yields the changed row, or the truncated tables, if it is about any."""
        kind, rest = chr(message[0]), _Reader(message, 1)
        match kind:
            case "B":
                self.commit_lsn, microseconds, self.xid = rest.take("!QqI")
                self.committed_at = EPOCH + timedelta(microseconds=microseconds)
            case "R":
                self._relation(rest)
            case "T":
                count, _options = rest.take("!iB")
                for _ in range(count):
                    yield self._change(kind, *rest.take("!I"))
            case "I" | "U" | "D":
                yield self._row(kind, rest)

    def _relation(self, rest: "_Reader") -> None:
        (oid,) = rest.take("!I")
        schema, table = rest.text(), rest.text()
        _identity, count = rest.take("!BH")
        columns = []
        for _ in range(count):
            rest.take("!B")
            columns.append(rest.text())
            rest.take("!Ii")
        self.relations[oid] = Relation(f"{schema}.{table}", tuple(columns))

    def _row(self, kind: str, rest: "_Reader") -> dict[str, Any]:
        (oid,) = rest.take("!I")
        found = self._change(kind, oid)
        columns = self.relations[oid].columns
        while not rest.ended:
            what = chr(*rest.take("!B"))
            values = dict(zip(columns, rest.tuple(), strict=True))
            if what == "K":  # only the key of the row that was; the other columns are sent as nulls
                found["key"] = {name: value for name, value in values.items() if value is not None}
            elif what == "O":
                found["key"] = values
            else:
                found["columns"] = {name: value for name, value in values.items() if value is not UNCHANGED}
                found["unchanged"] = [name for name, value in values.items() if value is UNCHANGED]
        return found

    def _change(self, kind: str, oid: int) -> dict[str, Any]:
        return {
            "commit_lsn": f"{self.commit_lsn >> 32:X}/{self.commit_lsn & 0xFFFFFFFF:X}",
            "commit_time": self.committed_at.isoformat(),
            "xid": self.xid,
            "table": self.relations[oid].name,
            "kind": CHANGES[kind],
        }


class _Reader:
    """A message from an offset on."""

    def __init__(self, message: bytes, offset: int) -> None:
        self._message, self._offset = message, offset

    @property
    def ended(self) -> bool:
        return self._offset >= len(self._message)

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self._message, self._offset)
        self._offset += struct.calcsize(form)
        return values

    def text(self) -> str:
        """A string that ends with a zero byte; an empty schema means pg_catalog."""
        end = self._message.index(0, self._offset)
        text, self._offset = self._message[self._offset : end].decode(), end + 1
        return text

    def tuple(self) -> list[Any]:
        (count,) = self.take("!H")
        return [self._value() for _ in range(count)]

    def _value(self) -> Any:
        kind = chr(*self.take("!B"))
        if kind == "n":
            return None
        if kind == "u":
            return UNCHANGED
        (length,) = self.take("!i")
        text = self._message[self._offset : self._offset + length].decode()
        self._offset += length
        return text
