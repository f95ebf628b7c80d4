"""All PostgreSQL servers of one twin, in one folder that goes when the twin goes."""

import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from psycopg import sql

from twin.postgres.account import Account
from twin.postgres.errors import PostgresError
from twin.postgres.keeper import Keeper
from twin.postgres.programs import programs
from twin.postgres.server import Server
from twin.postgres.surroundings import REPLICATION_USER, SUPERUSER, Surroundings

# What RDS grants its master users in place of superuser rights (roles of the same names, where it has them). Its role
# rds_replication, which lets them use replication slots, is here the attribute REPLICATION of the user.
PROVISION = """
create role rds_superuser;
grant pg_monitor, pg_signal_backend, pg_checkpoint, pg_read_all_data, pg_write_all_data to rds_superuser;
grant set on parameter session_replication_role to rds_superuser;
"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The master user of a database: not a superuser, but owner of the database, as on RDS."""

    user: str
    password: str
    database: str


class Servers:
    """Makes servers and ends them; use it as a context, or call ``close``."""

    def __init__(self) -> None:
        account = Account.unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="lifeboat-postgres-"))
        try:
            account.own(self._folder)
            if not account.may_run(self._folder):
                raise PostgresError(
                    f"PostgreSQL's user (uid {account.uid}) cannot enter {self._folder}; "
                    "set TMPDIR to a folder that every user can enter, such as /tmp"
                )
            found = programs(account, self._folder / "programs")
            self._keeper = Keeper(self._folder, account)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._around = Surroundings(self._keeper, account, found, secrets.token_hex(16), secrets.token_hex(16))
        self._servers: dict[str, Server] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every server at once and remove all data; safe to repeat."""
        self._keeper.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def create(self, name: str, address: str, port: int, master: Credentials) -> Server:
        """Start a new, empty database with a system identifier of its own.

        Raises:
            PostgresError: the name is in use, or the address and port are not free.
        """
        server = self._place(name, address, port)
        password = self._secret_file(self._around.superuser_password)
        try:
            self._keeper.run(
                [
                    str(self._around.programs / "initdb"),
                    f"--pgdata={server.data}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={password}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-sync",
                    "--no-instructions",
                    # Small segments: base backups and promotions copy whole ones.
                    "--wal-segsize=1",
                ]
            )
            server.start()
            self._provision(server, master)
        except BaseException:
            self.remove(server)
            raise
        finally:
            password.unlink()
        return server

    def replicate(self, source: Server, name: str, address: str, port: int) -> Server:
        """Start a streaming replica of a running server, from a base backup of it.

        Raises:
            PostgresError: the name is in use, the source does not answer, or the address is not free.
        """
        replica = self._place(name, address, port)
        try:
            self._base_backup(source, replica)
            replica.follow(source)
            replica.start()
        except BaseException:
            self.remove(replica)
            raise
        return replica

    def shutdown_position(self, server: Server) -> int:
        """Return where a server's last record begins (bytes), after it was shut down cleanly.

        Raises:
            PostgresError: it runs, or did not come to a clean end.
        """
        told = self._keeper.run([str(self._around.programs / "pg_controldata"), str(server.data)])
        facts = dict(line.partition(":")[::2] for line in told.splitlines())
        if (state := facts["Database cluster state"].strip()) != "shut down":
            raise PostgresError(f"{server.name} was not shut down cleanly: it is {state!r}")
        high, _, low = facts["Latest checkpoint location"].strip().partition("/")
        return (int(high, 16) << 32) + int(low, 16)

    def copy_again(self, server: Server, source: Server) -> None:
        """Replace a stopped server's data by a new base backup; it is ``source``'s replica when it starts.

        Raises:
            PostgresError: it runs, or the source does not answer.
        """
        if server.running:
            raise PostgresError(f"{server.name} is running; stop it before its data are replaced")
        shutil.rmtree(server.data, ignore_errors=True)
        self._base_backup(source, server)
        server.follow(source)

    def rename(self, server: Server, name: str, address: str) -> None:
        """Give a stopped server another name, folder and address; its data stay, and its old name is free.

        Raises:
            PostgresError: it runs, or the name is in use.
        """
        if server.running:
            raise PostgresError(f"{server.name} is running; stop it before it is renamed")
        if name in self._servers:
            raise PostgresError(f"there is a server called {name!r} already; remove it first")
        folder = server.data.parent.rename(self._folder / name)
        self._servers[name] = self._servers.pop(server.name)
        server.name, server.address = name, address
        server.data, server.log = folder / server.data.name, folder / server.log.name

    def remove(self, server: Server) -> None:
        """Kill a server and delete its data; its name is free again."""
        server.kill()
        self._servers.pop(server.name, None)
        shutil.rmtree(server.data.parent, ignore_errors=True)

    def _base_backup(self, source: Server, replica: Server) -> None:
        self._keeper.run(
            [
                str(self._around.programs / "pg_basebackup"),
                f"--dbname=host={source.address} port={source.port} user={REPLICATION_USER}",
                f"--pgdata={replica.data}",
                "--wal-method=stream",
                "--checkpoint=fast",
                "--no-sync",
            ],
            env={"PGPASSWORD": self._around.replication_password},
        )

    def _place(self, name: str, address: str, port: int) -> Server:
        if name in self._servers:
            raise PostgresError(f"there is a server called {name!r} already; remove it first")
        folder = self._folder / name
        folder.mkdir(mode=0o700)
        self._around.account.own(folder)
        server = self._servers[name] = Server(name, address, port, folder, self._around)
        return server

    def _provision(self, server: Server, master: Credentials) -> None:
        user = sql.Identifier(master.user)
        with server.connect() as session:
            session.execute(PROVISION)
            session.execute(
                sql.SQL("create role {} login replication password {}").format(
                    sql.Identifier(REPLICATION_USER), sql.Literal(self._around.replication_password)
                )
            )
            session.execute(
                sql.SQL(
                    "create role {} login createrole createdb replication in role rds_superuser password {}"
                ).format(user, sql.Literal(master.password))
            )
            session.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(master.database), user))

    def _secret_file(self, secret: str) -> Path:
        path = self._folder / f"secret-{secrets.token_hex(4)}"
        path.touch(mode=0o600)
        path.write_text(secret)
        self._around.account.own(path)
        return path
