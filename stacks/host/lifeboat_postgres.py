#!/usr/bin/python3
"""``lifeboat-postgres``: what runs on the host of a self-managed server; Ubuntu's own Python, and boto3 for secrets.

``setup`` makes the host what its settings say and may be run again at any time: Systems Manager does so each day.
``rejoin DATABASE HOST PORT`` makes a copy that has diverged a replica of the writer at HOST again; docs/engines.md says
what Lifeboat relies on.
"""

import fcntl
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from stacks.host import files
from stacks.host.following import Following

SETTINGS = Path("/etc/lifeboat/postgres.json")
LOCK = Path("/run/lifeboat-postgres.lock")
BUSY = 75
PGDG = "/usr/share/postgresql-common/pgdg/apt.postgresql.org.sh"
TIMESCALE = "https://packagecloud.io/timescale/timescaledb"
AGENT = "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"


class Host:
    """One host and its settings; ``run`` starts a program and returns what it wrote."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told, self.major, self.name = told, told["major_version"], told["database"].replace("-", "_")
        self.etc = Path(f"/etc/postgresql/{self.major}/main")
        self.data = files.DATA / str(self.major) / "main"

    def run(self, *argv: str, given: str | None = None, user: str | None = None) -> str:
        """Run a program to its end; what it says goes to Systems Manager's log as well."""
        command = ["runuser", "-u", user, "--", *argv] if user else list(argv)
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{argv[0]} ended {done.returncode}: {done.stderr[-2000:] or done.stdout[-2000:]}")
        return done.stdout

    def sql(self, text: str, database: str = "postgres") -> str:
        """Run SQL as PostgreSQL's own superuser, over the local socket."""
        argv = ("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database)
        return self.run(*argv, given=text, user="postgres").strip()

    def service(self, verb: str) -> None:
        """Start, stop or reload the server."""
        self.run("systemctl", verb, f"postgresql@{self.major}-main")

    def secret(self, which: str) -> str:
        """Return a password; secrets are in the host's own region."""
        import boto3

        client = boto3.client("secretsmanager", region_name=self.told["region"])
        return str(
            json.loads(client.get_secret_value(SecretId=self.told["secrets"][which])["SecretString"])["password"]
        )

    # --- setup -------------------------------------------------------------------------------------------

    def setup(self) -> None:
        """Packages, disk, server, roles, backups, in this order; what is there stays."""
        self.install()
        self.mount()
        if not (self.data / "PG_VERSION").exists():
            self.make()
        self.configure()
        self.service("restart" if self.needs_restart() else "reload")
        if not self.in_recovery():
            self.provide()
            self.archive()
        self.watch()

    def install(self) -> None:
        """PostgreSQL's own packages, TimescaleDB's where they are asked for; no cluster is made by itself."""
        common = Path("/etc/postgresql-common/createcluster.conf")
        common.parent.mkdir(parents=True, exist_ok=True)
        common.write_text("create_main_cluster = false\n")
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        self.run("apt-get", "update", "-q")
        self.run("apt-get", "install", "-qy", "postgresql-common", "python3-boto3", "xfsprogs", "curl", "gnupg")
        self.run(PGDG, "-y")
        wanted = [f"postgresql-{self.major}", "pgbackrest"]
        if self.told["timescaledb"]:
            ring = Path("/usr/share/keyrings/timescaledb.asc")
            ring.write_text(self.run("curl", "-fsS", f"{TIMESCALE}/gpgkey"))
            release = self.run("lsb_release", "-cs").strip()
            source = f"deb [signed-by={ring}] {TIMESCALE}/ubuntu {release} main\n"
            Path("/etc/apt/sources.list.d/timescaledb.list").write_text(source)
            self.run("apt-get", "update", "-q")
            wanted.append(f"timescaledb-2-postgresql-{self.major}")
        self.run("apt-get", "install", "-qy", *wanted)

    def mount(self) -> None:
        """The data volume, by its id: device names change from start to start."""
        disk = Path("/dev/disk/by-id") / f"nvme-Amazon_Elastic_Block_Store_{self.told['volume'].replace('-', '')}"
        for _ in range(60):
            if disk.exists():
                break
            time.sleep(5)
        if not self.run("lsblk", "-no", "FSTYPE", str(disk)).strip():
            self.run("mkfs.xfs", "-q", str(disk))
        table = Path("/etc/fstab")
        line = f"{disk} {files.DATA} xfs defaults,noatime,nofail 0 2\n"
        if line not in table.read_text():
            table.write_text(table.read_text() + line)
        if not os.path.ismount(files.DATA):
            self.run("mount", str(files.DATA))
            self.run("chown", "postgres:postgres", str(files.DATA))

    def make(self) -> None:
        """A new cluster where the database was born, elsewhere a copy of the one that it follows."""
        if source := self.told["follows"]:
            self.run("pg_createcluster", str(self.major), "main", "--", "--data-checksums")
            self.run("rm", "-rf", str(self.data))
            Following(self, source, 5432).copy()
        else:
            self.run("pg_createcluster", str(self.major), "main", "--", "--data-checksums")

    def configure(self) -> None:
        """Settings in files of their own, which a base backup does not bring along."""
        (self.etc / "conf.d").mkdir(exist_ok=True)
        (self.etc / "conf.d" / "lifeboat.conf").write_text(files.server_settings(self.told))
        (self.etc / "pg_hba.conf").write_text(files.access(self.told))
        Path("/etc/pgbackrest").mkdir(exist_ok=True)
        Path("/etc/pgbackrest/pgbackrest.conf").write_text(files.backup_settings(self.told))
        self.run("chown", "-R", "postgres:postgres", str(self.etc), "/etc/pgbackrest")

    def needs_restart(self) -> bool:
        """Whether it does not run, or runs with settings that only a start reads."""
        argv = ("pg_lsclusters", "-h")
        if " online" not in self.run(*argv):
            return True
        return self.sql("SELECT count(*) FROM pg_settings WHERE pending_restart") != "0"

    def in_recovery(self) -> bool:
        """Whether the server is a replica, once it answers."""
        for _ in range(60):
            try:
                return self.sql("SELECT pg_is_in_recovery()") == "t"
            except SystemExit:
                time.sleep(2)
        raise SystemExit("the server does not answer")

    def provide(self) -> None:
        """The database, its owner, and the rights that docs/engines.md and docs/gate.md ask for."""
        owner, replication = files.quoted(self.secret("owner")), files.quoted(self.secret("replication"))
        self.sql(files.roles(owner, replication))
        known = f"SELECT 1 FROM pg_database WHERE datname = {files.quoted(self.name)}"  # noqa: S608 - it is quoted
        if not self.sql(known):
            self.sql(f'CREATE DATABASE "{self.name}" OWNER lifeboat_owner')
        self.sql(files.PROMOTES, self.name)
        if self.told["timescaledb"]:
            self.sql("CREATE EXTENSION IF NOT EXISTS timescaledb", self.name)

    def archive(self) -> None:
        """The stanza of the archive, and when the day's backup begins."""
        self.run("pgbackrest", f"--stanza={self.name}", "stanza-create", user="postgres")
        Path("/etc/cron.d/lifeboat-postgres").write_text(files.schedule(self.told))

    def watch(self) -> None:
        """The agent of CloudWatch: disk, memory, and the server's log."""
        if not Path(AGENT).exists():
            architecture = {"aarch64": "arm64"}.get(platform.machine(), "amd64")
            region, package = self.told["region"], Path("/tmp/agent.deb")  # noqa: S108 - root's own, at setup
            place = f"https://amazoncloudwatch-agent-{region}.s3.{region}.amazonaws.com/ubuntu/{architecture}/latest"
            self.run("curl", "-fsSo", str(package), f"{place}/amazon-cloudwatch-agent.deb")
            self.run("dpkg", "-i", str(package))
        settings = Path("/etc/lifeboat/agent.json")
        settings.write_text(json.dumps(files.agent_settings(self.told)))
        self.run(AGENT, "-a", "fetch-config", "-m", "ec2", "-s", "-c", f"file:{settings}")


def main(argv: list[str]) -> int:
    """Do one thing under the lock; exit code 75 while another one is at work."""
    host = Host(json.loads(SETTINGS.read_text()))
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("another one is at work\n")
            return BUSY
        match argv:
            case ["setup"]:
                host.setup()
            case ["rejoin", database, source, port] if database == host.told["database"]:
                Following(host, source, int(port)).rejoin()
            case _:
                sys.stderr.write(f"got {argv}; setup, or rejoin {host.told['database']} HOST PORT\n")
                return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
