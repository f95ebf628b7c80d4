"""What the gate costs per write: one session on a real server with fsync on.

Blocks with and without the gate alternate, so that what else the machine does falls on both alike.
"""

import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Final, LiteralString

import psycopg

from bench.numbers import Ground, Number, Table, Told
from failover.adapters.postgres import Address, ApplicationRoles, PostgresDatabase
from twin.postgres import Credentials, Servers

MASTER: Final = Credentials("master", "benchmark", "bench")
BLOCK_SECONDS: Final = 0.25
SECONDS, QUICK_SECONDS = 30.0, 6.0

SINGLE: LiteralString = "insert into {} (what) values ('tea')"
HUNDRED: LiteralString = "insert into {} (what) select 'tea' from generate_series(1, 100)"
KINDS: tuple[tuple[str, LiteralString, LiteralString], ...] = (
    ("single-row insert", SINGLE, "on"),
    ("100-row insert", HUNDRED, "on"),
    ("single-row insert, not waiting for the disk", SINGLE, "off"),
)


@dataclass(frozen=True, slots=True)
class Paired:
    """Median latencies in milliseconds of each pair of blocks, the plain table's and the gated one's."""

    plain: Sequence[float]
    gated: Sequence[float]

    @property
    def added(self) -> list[float]:
        """What the gate added in each pair, in milliseconds."""
        return [gated - plain for plain, gated in zip(self.plain, self.gated, strict=True)]


def measure(quick: bool, told: Told) -> Table:  # noqa: FBT001
    """Write to a table with the gate and to one without, in turn."""
    seconds, numbers = QUICK_SECONDS if quick else SECONDS, list[Number]()
    with _server() as (version, app):
        for name, statement, durable in KINDS:
            told(f"{name}, {seconds / len(KINDS):.0f} s")
            app.execute(f"set synchronous_commit = {durable}".encode())
            pairs = paired(app, statement, seconds / len(KINDS))
            numbers += [
                Number(f"{name}, without the gate", pairs.plain, "ms"),
                Number(f"{name}, with it", pairs.gated, "ms"),
                Number(f"{name}: what it adds", [each * 1000 for each in pairs.added], "µs"),
            ]
    remark = (
        f"PostgreSQL {version}, fsync on, one session, a transaction per statement. A run is a pair of blocks of "
        f"{BLOCK_SECONDS:g} s, and its figure is the median latency in them."
    )
    return Table("gate", "cost of the gate per write", Ground.ALONE, numbers, (remark,))


def paired(app: psycopg.Connection, statement: LiteralString, seconds: float) -> Paired:
    """Run the statement, a transaction each, on the plain and on the gated table in turn."""
    sides: dict[LiteralString, list[float]] = {"plain": [], "gated": []}
    ends = time.perf_counter() + seconds
    for table in cycle(sides):
        if table == "plain" and time.perf_counter() > ends and sides["gated"]:
            break
        sides[table].append(_block(app, statement.format(table)))
    return Paired(sides["plain"], sides["gated"])


def _block(app: psycopg.Connection, query: LiteralString) -> float:
    """Return the median latency in milliseconds of a block."""
    latencies = list[float]()
    ends = time.perf_counter() + BLOCK_SECONDS
    app.execute(query)  # plans it; not counted
    while not latencies or time.perf_counter() < ends:
        began = time.perf_counter()
        app.execute(query)
        latencies.append(time.perf_counter() - began)
    return statistics.median(latencies) * 1000


@contextmanager
def _server() -> Iterator[tuple[str, psycopg.Connection]]:
    """Yield the version of a server with both tables, and a session of the application on it."""
    with Servers() as servers:
        server = servers.create("bench", "127.0.0.1", _free_port(), MASTER)
        address = Address(server.address, server.port, MASTER.user, MASTER.password, MASTER.database)
        database = PostgresDatabase(address, ApplicationRoles("app-benchmark", "reader-benchmark"))
        with psycopg.connect(_dsn(address, MASTER.user, MASTER.password), autocommit=True) as owner:
            owner.execute("create table gated (id bigint generated always as identity primary key, what text)")
            database.install()
            owner.execute("create table plain (id bigint generated always as identity primary key, what text)")
            # Where an installation may have its event trigger, new tables get the gate as they are made.
            owner.execute("drop trigger if exists lifeboat_gate on plain")
            version = owner.execute("show server_version").fetchone()
        database.admit(1, database.clock().timestamp() + 3600)
        with psycopg.connect(_dsn(address, "app_rw", "app-benchmark"), autocommit=True) as app:
            yield (str(version[0]) if version else "of unknown version"), app


def _dsn(address: Address, user: str, password: str) -> str:
    return psycopg.conninfo.make_conninfo(
        host=address.host, port=address.port, user=user, password=password, dbname=address.database
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
