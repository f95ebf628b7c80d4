"""The process of a service: it starts, is killed, and never outlives its parent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.twin.workload.world import US, World, eventually, placed, service
from twin.network.surroundings import REPOSITORY
from twin.workload.processes import ServiceError, ServiceProcess
from twin.workload.settings import ServiceSettings, SettingsError

pytestmark = pytest.mark.twin

PARENT = """
import sys, threading, time
from pathlib import Path
from twin.workload.processes import ServiceProcess
from twin.workload.settings import ServiceSettings
settings, around, log = ServiceSettings.parse(sys.argv[1]), eval(sys.argv[2]), Path(sys.argv[3])
process = ServiceProcess(settings, around, log)
thread = threading.Thread(target=process.start)
thread.start(); thread.join()
time.sleep(0.7)
print(process._process.pid if process.running else "gone", flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A service needs neither a database nor DNS to start."""
    with placed(tmp_path_factory.mktemp("bare")) as world:
        yield world


@pytest.fixture
def process(bare: World, tmp_path: Path) -> Iterator[ServiceProcess]:
    process = service(bare, US, tmp_path)
    process.start()
    yield process
    process.kill()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_service_outlives_the_thread_that_started_it_but_not_its_parent(bare: World, tmp_path: Path) -> None:
    made = service(bare, US, tmp_path)
    arguments = [made._settings.as_json(), repr(dict(made._surroundings)), str(tmp_path / "child.log")]
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'lambdas'}"}
    command = [sys.executable, "-c", PARENT, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    eventually(lambda: not alive(pid), 3.0)


def test_a_killed_service_answers_nobody_and_starts_again(bare: World, process: ServiceProcess) -> None:
    assert bare.get(US, "/health/live").told["region"] == US
    process.kill()
    assert not process.running
    with pytest.raises(ConnectionRefusedError):
        bare.get(US, "/health/live")
    process.restart()
    assert bare.get(US, "/health/live").status == 200


def test_a_service_that_cannot_start_says_why(bare: World, process: ServiceProcess, tmp_path: Path) -> None:
    second = service(bare, US, tmp_path)
    with pytest.raises(ServiceError, match="Address already in use"):
        second.start()
    assert not second.running
    assert process.running


def test_a_region_without_any_database_is_unhealthy_in_time(bare: World, process: ServiceProcess) -> None:
    status, parts = bare.parts(US)
    assert (status, parts["database_read"], parts["database_write"]) == (503, "unhealthy", "absent")


def test_a_service_sees_nothing_of_its_parents_credentials(
    bare: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("PGHOST", "db.example.com")
    assert not {"AWS_PROFILE", "PGHOST"} & service(bare, US, tmp_path)._environment().keys()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"region": "us-east-1", "colour": "red"}'])
def test_settings_that_are_none_are_refused_with_their_form(text: str) -> None:
    with pytest.raises(SettingsError, match="LIFEBOAT_TWIN_SERVICE"):
        ServiceSettings.parse(text)


def test_a_service_without_a_copy_of_its_own_is_refused() -> None:
    settings = ServiceSettings("us-east-1", "127.0.1.2", 443, "c", "k", {"eu-west-1": "x"}, "orders", "a", "b")
    with pytest.raises(SettingsError, match="us-east-1 is not among eu-west-1"):
        ServiceSettings.parse(settings.as_json())
    assert "app_rw_password" not in repr(settings)
