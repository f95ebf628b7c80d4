"""Some disasters from end to end, as a user plays them, and nothing left behind, however they end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
LIFEBOAT = Path(sys.executable).parent / "lifeboat"
LIMIT_SECONDS = 280
FIELDS = {
    "scenario",
    "verdict",
    "rto_seconds",
    "rto_parts",
    "rpo",
    "invariants",
    "expectations",
    "timeline",
    "recorded_only_types",
}

pytestmark = [pytest.mark.twin, pytest.mark.timeout(LIMIT_SECONDS + 20)]


def command(scenario: str, folder: Path) -> list[str]:
    files = ["--json", str(folder / "report.json"), "--html", str(folder / "report.html")]
    return [str(LIFEBOAT), "drill", f"drills/{scenario}.yaml", *files]


def surroundings(folder: Path) -> dict[str, str]:
    """All that a drill leaves in a temporary folder, it leaves in this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "POWERTOOLS_"))}
    temporary = folder / "tmp"
    temporary.mkdir(mode=0o755)
    return {**kept, "TMPDIR": str(temporary)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """PostgreSQL's unprivileged user must be able to walk to its data."""
    for each in (tmp_path, *tmp_path.parents):
        if each.owner() == tmp_path.owner() and each != Path("/tmp"):
            each.chmod(0o755)
    return tmp_path


def nothing_is_left(folder: Path) -> None:
    assert list((folder / "tmp").iterdir()) == []
    mine = str(folder)
    for process in psutil.process_iter(["environ"]):
        assert mine not in str((process.info["environ"] or {}).get("TMPDIR", "")), process


@pytest.mark.parametrize(
    "scenario",
    [
        "region-down",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("database-killed", "haven-provider-lost")),
    ],
)
def test_a_drill_holds(scenario: str, folder: Path) -> None:
    told = subprocess.run(
        command(scenario, folder),
        cwd=ROOT,
        env=surroundings(folder),
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    report: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
    assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-2000:]
    assert report.keys() >= FIELDS
    assert report["verdict"] == "held"
    assert report["rpo"]["lost"] == 0
    assert sum(part for part in report["rto_parts"].values() if part) == pytest.approx(report["rto_seconds"], abs=0.01)
    assert "<svg" in (folder / "report.html").read_text("utf-8")
    nothing_is_left(folder)


@pytest.mark.parametrize("stroke", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_a_drill_that_is_interrupted_leaves_nothing(stroke: signal.Signals, folder: Path) -> None:
    process = subprocess.Popen(
        command("region-down", folder),
        cwd=ROOT,
        env=surroundings(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        for line in process.stdout or ():
            if "cdk deploy" in line or time.monotonic() > deadline:
                break
        time.sleep(2)
        process.send_signal(stroke)
        told, _ = process.communicate(timeout=40)
    finally:
        process.kill()
    assert process.returncode not in (0, None)
    assert "Traceback" not in told
    nothing_is_left(folder)
