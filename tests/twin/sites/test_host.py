"""The processes of a site's host: started, started again, dead or frozen as a drill says, and none left behind."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from twin.network.surroundings import REPOSITORY
from twin.sites.host import SiteHost, read_units_environment

PROGRAM = """
import os, sys, time
from pathlib import Path
with Path("said").open("a") as said:
    said.write(f"{sys.argv[1]} {os.getpid()}\\n")
time.sleep(60)
"""
LIMIT_SECONDS = 10.0


class Said:
    """What the processes of a host wrote down when they began: which part, which process."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "said"

    def lines(self) -> list[tuple[str, int]]:
        told = self._file.read_text("utf-8").splitlines() if self._file.exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in told if len(line.split()) == 2]

    def alive(self, part: str) -> list[int]:
        return [pid for each, pid in self.lines() if each == part and _state(pid) not in {"", "Z"}]


@pytest.fixture
def said(tmp_path: Path) -> Said:
    (tmp_path / "runtime" / "site").mkdir(parents=True)
    (tmp_path / "runtime" / "__init__.py").touch()
    (tmp_path / "runtime" / "site" / "__init__.py").touch()
    (tmp_path / "runtime" / "site" / "__main__.py").write_text(PROGRAM, "utf-8")
    return Said(tmp_path)


@pytest.fixture
def host(tmp_path: Path, said: Said) -> Iterator[SiteHost]:
    path = os.pathsep.join((str(tmp_path), str(REPOSITORY)))
    made = SiteHost("frankfurt-ovh", {"PYTHONPATH": path}, tmp_path, tmp_path)
    with made:
        until(lambda: len(said.lines()) == 3)
        yield made
    assert not said.alive("agent"), "a process is left behind"
    assert not said.alive("guard"), "a process is left behind"


def test_an_agent_and_two_guards_run(host: SiteHost, said: Said) -> None:
    assert sorted(part for part, _ in said.lines()) == ["agent", "guard", "guard"]


def test_what_ends_by_itself_is_started_again(host: SiteHost, said: Said) -> None:
    (first,) = said.alive("agent")
    os.kill(first, 9)
    until(lambda: said.alive("agent") not in ([], [first]))


def test_a_lost_site_has_no_process_until_it_is_back(host: SiteHost, said: Said) -> None:
    host.kill()
    assert not said.alive("agent")
    time.sleep(1.5)  # longer than what ends by itself is away
    assert len(said.lines()) == 3
    host.start()
    until(lambda: len(said.alive("guard")) == 2)


def test_dead_guards_stay_dead_and_the_agent_lives(host: SiteHost, said: Said) -> None:
    host.stop_guards(frozen=False)
    time.sleep(1.5)
    assert (len(said.alive("guard")), len(said.alive("agent"))) == (0, 1)
    host.resume_guards()
    until(lambda: len(said.alive("guard")) == 2)


def test_frozen_guards_stand_still_and_go_on(host: SiteHost, said: Said) -> None:
    host.stop_guards(frozen=True)
    until(lambda: {_state(pid) for pid in said.alive("guard")} == {"T"})
    host.resume_guards()
    until(lambda: {_state(pid) for pid in said.alive("guard")} == {"S"})


def test_an_environment_file_is_read_as_the_setup_writes_it() -> None:
    text = "LIFEBOAT_SITE='frankfurt-ovh'\nLIFEBOAT_ENDPOINTS='{\"shared\": \"127.0.0.1:5432\"}'\n"
    assert read_units_environment(text) == {
        "LIFEBOAT_SITE": "frankfurt-ovh",
        "LIFEBOAT_ENDPOINTS": '{"shared": "127.0.0.1:5432"}',
    }


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def _state(pid: int) -> str:
    """Return the process's state as Linux tells it (R, S, T, Z), and nothing for one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return ""
