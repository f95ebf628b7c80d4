"""What the gate costs per write, on a real server with fsync on: ``python -m bench.gate_cost [SECONDS]``.

Blocks with and without the gate alternate, so that what else the machine does falls on both alike.
"""

import os
import platform
import socket
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import LiteralString

import psycopg

from failover.adapters.postgres import Address, ApplicationRoles, PostgresDatabase
from twin.postgres import Credentials, Servers

MASTER = Credentials("master", "benchmark", "bench")
BLOCK_SECONDS = 0.25
SECONDS = 30.0

SINGLE: LiteralString = "insert into {} (what) values ('tea')"
HUNDRED: LiteralString = "insert into {} (what) select 'tea' from generate_series(1, 100)"
KINDS: tuple[tuple[str, LiteralString, LiteralString], ...] = (
    ("single-row insert", SINGLE, "on"),
    ("100-row insert", HUNDRED, "on"),
    ("single-row insert, not waiting for the disk", SINGLE, "off"),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Latencies of one side, in seconds."""

    latencies: Sequence[float]

    @property
    def per_second(self) -> float:
        """Transactions per second of one session."""
        return len(self.latencies) / sum(self.latencies)

    @property
    def median_ms(self) -> float:
        """The median latency in milliseconds."""
        return statistics.median(self.latencies) * 1000

    @property
    def p95_ms(self) -> float:
        """The 95th percentile of the latency in milliseconds."""
        return statistics.quantiles(self.latencies, n=20)[-1] * 1000


def measure(app: psycopg.Connection, statement: LiteralString, seconds: float) -> tuple[Measured, Measured]:
    """Run the statement, a transaction each, on the plain and on the gated table in turn."""
    sides: dict[LiteralString, list[float]] = {"plain": [], "gated": []}
    ends = time.perf_counter() + seconds
    for table in cycle(sides):
        if time.perf_counter() > ends and all(sides.values()):
            break
        query = statement.format(table)
        block_ends = time.perf_counter() + BLOCK_SECONDS
        app.execute(query)  # plans it; not counted
        while (began := time.perf_counter()) < block_ends:
            app.execute(query)
            sides[table].append(time.perf_counter() - began)
    return Measured(sides["plain"]), Measured(sides["gated"])


def main(seconds: float = SECONDS) -> None:
    """Print the machine and the table."""
    with Servers() as servers:
        server = servers.create("bench", "127.0.0.1", _free_port(), MASTER)
        address = Address(server.address, server.port, MASTER.user, MASTER.password, MASTER.database)
        database = PostgresDatabase(address, ApplicationRoles("app-benchmark", "reader-benchmark"))
        with psycopg.connect(_dsn(address, MASTER.user, MASTER.password), autocommit=True) as owner:
            owner.execute("create table gated (id bigint generated always as identity primary key, what text)")
            database.install()
            owner.execute("create table plain (id bigint generated always as identity primary key, what text)")
            version = owner.execute("show server_version").fetchone()
        database.admit(1, database.clock().timestamp() + 3600)
        _say(f"machine: {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {_processor()}")
        _say(f"server: PostgreSQL {version[0] if version else '?'}, fsync on, one session; {seconds:.0f} s in all")
        _say(f"{'':44} {'tx/s':>14} {'median ms':>16} {'p95 ms':>16}   ratio of medians")
        with psycopg.connect(_dsn(address, "app_rw", "app-benchmark"), autocommit=True) as app:
            for name, statement, durable in KINDS:
                app.execute(f"set synchronous_commit = {durable}".encode())
                plain, gated = measure(app, statement, seconds / len(KINDS))
                _say(
                    f"{name:44} {plain.per_second:6.0f} → {gated.per_second:5.0f} "
                    f"{plain.median_ms:7.3f} → {gated.median_ms:6.3f} {plain.p95_ms:7.3f} → {gated.p95_ms:6.3f}   "
                    f"{gated.median_ms / plain.median_ms:.2f} ({(gated.median_ms - plain.median_ms) * 1000:+.0f} µs)"
                )
        _say("left of each arrow without the gate, right with it")


def _dsn(address: Address, user: str, password: str) -> str:
    return psycopg.conninfo.make_conninfo(
        host=address.host, port=address.port, user=user, password=password, dbname=address.database
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text("utf-8").splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "processor unknown"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
