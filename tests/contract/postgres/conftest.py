"""A real server whose one database is made anew, gated and closed, for each test."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg
import pytest
from psycopg import sql

from failover.adapters.postgres import Address, ApplicationRoles, PostgresDatabase
from failover.ports import CopyState
from twin.postgres import Credentials, Server, Servers

MASTER = Credentials("master", "master-secret", "first")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Gated:
    """One database on one server, and who may speak to it."""

    server: Server
    name: str
    opened: ExitStack
    roles: ApplicationRoles = field(default_factory=lambda: ApplicationRoles("rw-secret", "ro-secret"))

    @property
    def database(self) -> PostgresDatabase:
        return self.as_user("master", "master-secret")

    def as_user(self, user: str, password: str, timeout_seconds: float = 3.0) -> PostgresDatabase:
        address = Address(self.server.address, self.server.port, user, password, self.name)
        return PostgresDatabase(address, self.roles, timeout_seconds)

    def connect(self, user: str, password: str) -> psycopg.Connection:
        connection = psycopg.connect(
            host=self.server.address,
            port=self.server.port,
            user=user,
            password=password,
            dbname=self.name,
            autocommit=True,
            connect_timeout=5,
        )
        self.opened.callback(connection.close)
        return connection

    def app(self) -> psycopg.Connection:
        return self.connect("app_rw", "rw-secret")

    def owner(self) -> psycopg.Connection:
        return self.connect("master", "master-secret")

    def superuser(self) -> psycopg.Connection:
        connection = self.server.connect(self.name)
        self.opened.callback(connection.close)
        return connection

    def admit(self, epoch: int = 1, seconds: float = 60.0) -> CopyState:
        return self.database.admit(epoch, self.database.clock().timestamp() + seconds)

    def count(self, table: str = "orders") -> int:
        row = self.owner().execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table))).fetchone()
        assert row is not None
        return int(row[0])


OLDER = pytest.param("pginstall", id="postgresql-16", marks=pytest.mark.slow)
"""What self-managed servers may still run; the stacks deploy 18."""


@pytest.fixture(scope="session", params=[pytest.param("pginstall18", id="postgresql-18"), OLDER])
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twin.postgres.programs.INSTALL", request.param)
        made = Servers()
    with made:
        yield made


@pytest.fixture(scope="session")
def server(servers: Servers) -> Server:
    return servers.create("primary", "127.0.0.1", free_port(), MASTER)


@pytest.fixture
def make_gated() -> Iterator[Callable[[Server], Gated]]:
    """Make a database with the gate closed on a server; its connections are closed after the test."""
    with ExitStack() as opened:

        def make(server: Server) -> Gated:
            gated = Gated(server, MASTER.database, opened)
            gated.superuser().execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where usename in ('master', 'app_rw', 'app_ro');"
                "drop schema if exists lifeboat, public, elsewhere, aside cascade;"
                "create schema public authorization pg_database_owner; grant usage on schema public to public"
            )
            gated.owner().execute(
                "create table orders (id bigint generated always as identity primary key, what text);"
                "create table customers (id int primary key);"
                "create table carts (customer int references customers deferrable initially deferred);"
            )
            gated.database.install()
            gated.owner().execute("alter role app_rw login")  # a fence of an earlier test is undone
            return gated

        yield make


@pytest.fixture
def gated(server: Server, make_gated: Callable[[Server], Gated]) -> Gated:
    return make_gated(server)


@pytest.fixture
def replica(servers: Servers, server: Server, gated: Gated) -> Iterator[Gated]:
    """The same database on a streaming replica of its server."""
    made = servers.replicate(server, "replica", "127.0.0.1", free_port())
    with ExitStack() as opened:
        try:
            yield Gated(made, gated.name, opened)
        finally:
            opened.close()
            servers.remove(made)


def refused(error: pytest.ExceptionInfo[psycopg.Error]) -> bool:
    """Whether the gate itself refused."""
    return error.value.sqlstate == "LB001"
