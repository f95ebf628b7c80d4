"""Being a replica of another host's server: copied, or rewound."""

import sys
from pathlib import Path
from typing import Protocol

from stacks.host.files import DATA, REPLICATION

SECURED = f"user={REPLICATION} sslmode=require channel_binding=require"


class Server(Protocol):
    """What is needed of the host."""

    major: int
    etc: Path
    data: Path

    def run(self, *argv: str, given: str | None = None, user: str | None = None) -> str:
        """Run a program to its end."""

    def service(self, verb: str) -> None:
        """Start or stop the server."""

    def secret(self, which: str) -> str:
        """Return a password."""


class Following:
    """A server, and the one at ``host`` and ``port`` that it follows or shall follow."""

    def __init__(self, server: Server, host: str, port: int) -> None:
        self._server, self._host, self._port = server, host, port
        self._where = f"host={host} port={port} {SECURED}"

    def rejoin(self) -> None:
        """Be its replica again: rewound, or copied anew where that fails."""
        server = self._server
        server.service("stop")
        self._keep_password()
        target, settings = f"--target-pgdata={server.data}", f"--config-file={server.etc / 'postgresql.conf'}"
        try:
            source = f"--source-server={self._where} dbname=postgres"
            server.run(self._program("pg_rewind"), target, settings, source, user="postgres")
        except SystemExit as fault:
            sys.stdout.write(f"not rewound: {fault}\n")
            server.run("rm", "-rf", str(server.data))
            self.copy()
        self._follow()
        server.service("start")

    def copy(self) -> None:
        """Take a base backup of it, and follow from the next start on."""
        self._keep_password()
        options = ("--wal-method=stream", "--checkpoint=fast", f"--pgdata={self._server.data}")
        self._server.run(self._program("pg_basebackup"), *options, f"--dbname={self._where}", user="postgres")
        self._follow()

    def _program(self, name: str) -> str:
        return f"/usr/lib/postgresql/{self._server.major}/bin/{name}"

    def _follow(self) -> None:
        auto, signal = self._server.data / "postgresql.auto.conf", self._server.data / "standby.signal"
        kept = [line for line in auto.read_text().splitlines() if not line.startswith("primary_conninfo")]
        auto.write_text("\n".join([*kept, f"primary_conninfo = '{self._where}'", ""]))
        signal.touch()
        self._server.run("chown", "postgres:postgres", str(auto), str(signal))

    def _keep_password(self) -> None:
        """In the file that libpq reads, and in no argument that others see."""
        file = DATA / ".pgpass"
        file.touch(mode=0o600)
        file.write_text(f"{self._host}:{self._port}:*:{REPLICATION}:{self._server.secret('replication')}\n")
        self._server.run("chown", "postgres:postgres", str(file))
