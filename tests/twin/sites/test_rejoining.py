"""``lifeboat-postgres rejoin`` on a site's host, as the twin carries it out: whom it finds, and what it answers."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from twin.postgres import PostgresError, Servers
from twin.sites.commands import write_programs
from twin.sites.rejoining import Rejoining

HETZNER, OVH = "frankfurt-hetzner", "frankfurt-ovh"


@dataclass
class FakeServer:
    """A server that remembers what was done to it."""

    done: list[str] = field(default_factory=list)
    fails: bool = False

    def stop(self) -> None:
        self.done.append("stop")

    def start(self) -> None:
        self.done.append("start")

    def rewind(self, source: "FakeServer") -> None:
        if self.fails:
            raise PostgresError("no common ancestor")
        self.done.append("rewind")


class FakeServers:
    """Copies as a base backup does."""

    def copy_again(self, server: FakeServer, source: FakeServer) -> None:
        server.done.append("copy again")


class Stage:
    """Two sites with a server each; ``lost`` are those that do not answer."""

    def __init__(self) -> None:
        self.servers = {HETZNER: FakeServer(), OVH: FakeServer()}
        self.lost: set[str] = set()
        self.rejoining = Rejoining(
            cast(Servers, FakeServers()),
            cast(Any, lambda site, _database: None if site in self.lost else self.servers.get(site)),
            lambda address: address.split(".")[1],
        )


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    with made.rejoining:
        yield made


COMMAND = ("rejoin", "home-eu", f"home-eu.{OVH}.database.haven.example", "5433")


def test_a_server_is_stopped_rewound_and_started(stage: Stage) -> None:
    assert stage.rejoining.do(HETZNER, *COMMAND) == (0, "rewound")
    assert stage.servers[HETZNER].done == ["stop", "rewind", "start"]
    assert stage.servers[OVH].done == []


def test_one_that_cannot_be_rewound_is_copied_again(stage: Stage) -> None:
    stage.servers[HETZNER].fails = True
    assert stage.rejoining.do(HETZNER, *COMMAND) == (0, "copied again")
    assert stage.servers[HETZNER].done == ["stop", "copy again", "start"]


def test_a_writer_that_is_lost_is_not_followed_and_the_server_is_left_as_it_is(stage: Stage) -> None:
    stage.lost.add(OVH)
    code, said = stage.rejoining.do(HETZNER, *COMMAND)
    assert (code, said) == (1, f"home-eu.{OVH}.database.haven.example does not answer")
    assert stage.servers[HETZNER].done == []


def test_another_command_is_none_of_the_twins(stage: Stage) -> None:
    code, said = stage.rejoining.do(HETZNER, "backup", "home-eu")
    assert code == 127
    assert "knows rejoin only" in said


def test_the_program_on_the_hosts_path_does_it(stage: Stage, tmp_path: Path) -> None:
    write_programs(tmp_path / "bin")
    ran = subprocess.run(
        [str(tmp_path / "bin" / "lifeboat-postgres"), *COMMAND],
        env={"LIFEBOAT_SITE": HETZNER, "LIFEBOAT_TWIN_HOSTS": stage.rejoining.address},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, "rewound\n"), json.dumps(ran.stderr)
