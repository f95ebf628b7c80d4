"""Two countries' servers that share a table; between them a wire on which everything is heard."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace

import psycopg
import pytest
from psycopg import sql

from failover.adapters.postgres import Address
from failover.adapters.postgres.sharing import PUBLISHER, PostgresSharing
from failover.sharing import End, SharedTable, Sharing
from tests.contract.postgres.conftest import free_port
from twin.postgres import Credentials, Server, Servers

IRELAND, FRANCE = End("telemetry-ie", "eu-west-1"), End("telemetry-fr", "eu-west-3")
SECRET = "publisher-secret"

READINGS = SharedTable(
    "readings",
    key=("vehicle", "taken_at"),
    columns=("home", "vehicle", "taken_at", "speed", "shared"),
    personal=("driver", "plate"),
    home="home",
    where={"shared": True},
)
TABLE = """
create table readings (home text not null, vehicle text not null, taken_at int not null, speed int,
    shared boolean not null default true, driver text, plate text, primary key (vehicle, taken_at))
"""


class Wire:
    """A relay in front of a server, which keeps every byte that the server sends."""

    def __init__(self, server: Server) -> None:
        self._server, self.heard = server, bytearray()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for each in (self._listener, *self._open):
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                asks, _ = self._listener.accept()
                self._open.append(asks)
                try:
                    answers = socket.create_connection((self._server.address, self._server.port))
                except OSError:  # the server is down: as refused as without the wire
                    asks.close()
                    continue
                self._open.append(answers)
                threading.Thread(target=self._pass_on, args=(asks, answers, None), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(answers, asks, self.heard), daemon=True).start()

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket, kept: bytearray | None) -> None:
        with suppress(OSError):
            while told := source.recv(65536):
                if kept is not None:
                    kept += told
                target.sendall(told)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@dataclass
class Country:
    """One end: its server, a new database on it, and the wire that others reach it by."""

    end: End
    server: Server
    wire: Wire
    opened: ExitStack
    find: Callable[[End], Address] = field(repr=False)

    @property
    def name(self) -> str:
        return self.end.database.replace("-", "_")

    @property
    def sharing(self) -> PostgresSharing:
        address = Address(self.server.address, self.server.port, "master", "master-secret", self.name)
        return PostgresSharing(address, self.end, self.find)

    def run(self, statement: str, *arguments: object) -> list[tuple[object, ...]]:
        with psycopg.connect(
            host=self.server.address,
            port=self.server.port,
            user="master",
            password="master-secret",
            dbname=self.name,
            autocommit=True,
        ) as session:
            done = session.execute(statement.encode(), arguments or None)
            return done.fetchall() if done.description else []

    def drive(self, taken_at: int, *, shared: bool = True) -> None:
        """A reading of this country's one vehicle, with its driver."""
        self.run(
            "insert into readings values (%s, %s, %s, 50, %s, 'Driver-of-' || %s, 'PLATE-' || %s)",
            *(self.end.region, f"vehicle-{self.end.region}", taken_at, shared, self.end.region, self.end.region),
        )

    def rows(self, of: "Country") -> list[int]:
        """When the readings of a country were taken that are here."""
        found = self.run("select taken_at from readings where home = %s order by 1", of.end.region)
        return [int(str(row[0])) for row in found]

    def personal(self) -> set[object]:
        """Everything personal that is here."""
        return {value for row in self.run("select driver, plate from readings") for value in row} - {None}


@dataclass
class Pair:
    """Ireland and France, and what they share."""

    ireland: Country
    france: Country
    sharing: Sharing

    def install(self) -> None:
        for each in (self.ireland, self.france):
            assert each.sharing.publish(self.sharing).wrong == ()
        for each in (self.ireland, self.france):
            assert each.sharing.subscribe(self.sharing).wrong == ()

    def settled(self) -> bool:
        """Whether every first copy has ended: after it tables follow their publisher's log."""
        unsettled = "select 1 from pg_subscription_rel where srsubstate <> 'r'"
        return not any(country.run(unsettled) for country in (self.ireland, self.france))

    def wrong(self) -> list[str]:
        return [
            *self.ireland.sharing.look(self.sharing).wrong,
            *self.france.sharing.look(self.sharing).wrong,
        ]

    def sharing_of(self, **changes: object) -> "Pair":
        table = replace(self.sharing.tables[0], **changes)  # type: ignore[arg-type]
        return Pair(self.ireland, self.france, replace(self.sharing, tables=(table,)))


def until(holds: Callable[[], object], what: str = "it") -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come true within 60 s"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def two_servers(servers: Servers) -> Iterator[tuple[Server, Server]]:
    made = [
        servers.create(name, "127.0.0.1", free_port(), Credentials("master", "master-secret", "first"))
        for name in ("sharing-ie", "sharing-fr")
    ]
    for each in made:
        with each.connect() as session:
            session.execute("grant pg_create_subscription to master")
    yield made[0], made[1]
    for each in made:
        servers.remove(each)


@pytest.fixture
def pair(two_servers: tuple[Server, Server]) -> Iterator[Pair]:
    with ExitStack() as opened:
        wires = [Wire(each) for each in two_servers]
        found: dict[End, Address] = {}
        countries = []
        for end, server, wire in zip((IRELAND, FRANCE), two_servers, wires, strict=True):
            opened.callback(wire.close)
            name = end.database.replace("-", "_")
            server.start()
            with server.connect() as session:
                session.execute(sql.SQL("create database {} owner master").format(sql.Identifier(name)))
            opened.callback(_drop, server, name)
            found[end] = Address("127.0.0.1", wire.port, PUBLISHER, SECRET, name)
            country = Country(end, server, wire, opened, found.__getitem__)
            country.run(TABLE)
            countries.append(country)
        made = Pair(countries[0], countries[1], Sharing("telemetry", (IRELAND, FRANCE), (IRELAND, FRANCE), (READINGS,)))
        opened.callback(_part, made)
        yield made


def _part(pair: Pair) -> None:
    """No subscription is left to fill the log: each is cut off from its slot, and dropped."""
    for country in (pair.ireland, pair.france):
        country.server.start()
        with country.server.connect(country.name) as session:
            for (name,) in session.execute("select subname from pg_subscription").fetchall():
                named = sql.Identifier(name)
                session.execute(sql.SQL("alter subscription {} disable").format(named))
                session.execute(sql.SQL("alter subscription {} set (slot_name = none)").format(named))
                session.execute(sql.SQL("drop subscription {}").format(named))


def _drop(server: Server, name: str) -> None:
    with server.connect() as session:
        session.execute(
            "select pg_terminate_backend(active_pid) from pg_replication_slots where database = %s and active", (name,)
        )
        deadline = time.monotonic() + 10
        while session.execute(
            "select 1 from pg_replication_slots where database = %s and active", (name,)
        ).fetchone() and (time.monotonic() < deadline):
            time.sleep(0.02)
        session.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = %s", (name,)
        )
        session.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
