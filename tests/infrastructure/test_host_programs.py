"""What runs on a host of one's own: how it becomes a replica again, and how it says that it is busy."""

import fcntl
import json
from pathlib import Path
from typing import Any

import pytest

from stacks.host import files, following, lifeboat_postgres
from stacks.host.following import Following

TOLD: dict[str, Any] = {"database": "telemetry-ie", "major_version": 18, "secrets": {}, "region": "eu-west-1"}


class Server:
    """A host whose programs do nothing, or fail, and are remembered."""

    major = 18

    def __init__(self, folder: Path, fails: str = "") -> None:
        self.etc, self.data, self._fails = folder / "etc", folder / "data", fails
        self.data.mkdir()
        (self.data / "postgresql.auto.conf").write_text("work_mem = '8MB'\nprimary_conninfo = 'host=old'\n")
        self.ran: list[str] = []

    def run(self, *argv: str, given: str | None = None, user: str | None = None) -> str:
        name = Path(argv[0]).name
        self.ran.append(name)
        if name == self._fails:
            raise SystemExit(f"{name} ended 1")
        return ""

    def service(self, verb: str) -> None:
        self.ran.append(verb)

    def secret(self, which: str) -> str:
        return f"{which}-password"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The home of PostgreSQL's user."""
    monkeypatch.setattr(following, "DATA", tmp_path)
    return tmp_path


def test_a_copy_that_diverged_is_rewound_between_a_stop_and_a_start(tmp_path: Path) -> None:
    server = Server(tmp_path)
    Following(server, "telemetry.eu-west-1.database.fleet.example", 5432).rejoin()
    done = [each for each in server.ran if each != "chown"]
    assert done == ["stop", "pg_rewind", "start"]
    settings = (server.data / "postgresql.auto.conf").read_text()
    assert "work_mem = '8MB'" in settings
    assert settings.count("primary_conninfo") == 1
    assert "host=telemetry.eu-west-1.database.fleet.example port=5432 user=lifeboat_replication" in settings
    assert "sslmode=require channel_binding=require" in settings
    assert (server.data / "standby.signal").exists()


def test_what_cannot_be_rewound_is_copied_anew(tmp_path: Path) -> None:
    server = Server(tmp_path, fails="pg_rewind")
    Following(server, "h", 5432).rejoin()
    done = [each for each in server.ran if each != "chown"]
    assert done == ["stop", "pg_rewind", "rm", "pg_basebackup", "start"]


def test_a_copy_that_fails_starts_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path, fails="pg_basebackup")
    with pytest.raises(SystemExit):
        Following(server, "h", 5432).copy()
    assert not (server.data / "standby.signal").exists()


def test_the_password_is_in_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    Following(Server(tmp_path), "h", 5432).copy()
    file = tmp_path / ".pgpass"
    assert file.read_text() == "h:5432:*:lifeboat_replication:replication-password\n"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    settings = tmp_path / "postgres.json"
    settings.write_text(json.dumps(TOLD))
    monkeypatch.setattr(lifeboat_postgres, "SETTINGS", settings)
    monkeypatch.setattr(lifeboat_postgres, "LOCK", tmp_path / "lock")
    return tmp_path


def test_a_second_one_says_that_one_is_at_work(program: Path) -> None:
    with (program / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert lifeboat_postgres.main(["rejoin", "telemetry-ie", "h", "5432"]) == 75


@pytest.mark.parametrize("argv", [[], ["rejoin", "telemetry-fr", "h", "5432"], ["drop"]])
def test_what_it_does_not_know_is_a_wrong_use(
    program: Path, argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert lifeboat_postgres.main(argv) == 2
    assert "setup, or rejoin telemetry-ie HOST PORT" in capsys.readouterr().err


def test_a_password_is_a_literal_whatever_is_in_it() -> None:
    assert files.quoted("it's") == "'it''s'"
    assert "PASSWORD 'a''b'" in files.roles(files.quoted("a'b"), files.quoted("c"))


def test_the_log_and_the_disk_are_watched() -> None:
    told = files.agent_settings(TOLD | {"log_group": "/lifeboat/fleet/postgres/telemetry-ie"})
    (log,) = told["logs"]["logs_collected"]["files"]["collect_list"]
    assert log["log_group_name"] == "/lifeboat/fleet/postgres/telemetry-ie"
    assert told["metrics"]["metrics_collected"]["disk"]["resources"] == ["/var/lib/postgresql"]
