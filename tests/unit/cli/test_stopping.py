"""What is ended by a signal keeps what it has played, says nothing of its processes, and leaves none behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]
LIFEBOAT = [sys.executable, "-c", "from cli.main import run; run()"]
CAMPAIGN = ("simulate", "--minutes", "5", "--jobs", "2", "--faults", "clock_skew", "--json", "it.json")
PLAN = ("plan", str(ROOT / "topologies" / "quickstart.yaml"), "--jobs", "2", "--plays", "2000")
Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Starts the command in a group of its own, and waits until it plays on two processes."""
    begun: list[subprocess.Popen[str]] = []

    def started(*words: str) -> "subprocess.Popen[str]":
        path = os.pathsep.join([str(ROOT), str(ROOT / "lambdas"), os.environ.get("PYTHONPATH", "")])
        process = subprocess.Popen(
            [*LIFEBOAT, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        begun.append(process)
        waited(lambda: len(workers(process)) == 2 and all(each.cpu_times().user > 0.5 for each in workers(process)))
        return process

    yield started
    for each in begun:
        each.kill()
        each.communicate()


def workers(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    return psutil.Process(process.pid).children()


def waited(until: Callable[[], bool], seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < ends
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("to", "number"),
    [(os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)],
    ids=["Ctrl-C in a terminal", "SIGTERM to the command"],
)
def test_a_campaign_is_told_and_written_as_far_as_it_came(
    begin: Begin, tmp_path: Path, to: Callable[[int, int], None], number: signal.Signals
) -> None:
    process = begin(*CAMPAIGN)
    playing = workers(process)
    to(process.pid, number)
    said, wrong = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    told = json.loads((tmp_path / "it.json").read_text("utf-8"))
    assert told["schedules"] == told["next_seed"] >= 1
    assert "virtual time" in said
    assert wrong.strip().splitlines() == ["wrote it.json"]
    assert not any(each.is_running() for each in playing)


def test_a_plan_that_is_interrupted_says_nothing_of_its_processes(begin: Begin) -> None:
    process = begin(*PLAN)
    os.killpg(process.pid, signal.SIGINT)
    _, wrong = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Process" not in wrong
    assert "Traceback" not in wrong


@pytest.mark.parametrize("words", [CAMPAIGN, PLAN], ids=["campaign", "plan"])
def test_processes_end_with_a_command_that_is_killed(begin: Begin, words: tuple[str, ...]) -> None:
    process = begin(*words)
    playing = workers(process)
    process.kill()
    waited(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in playing), 20.0)
