"""One drill as a person runs it: ``lifeboat drill`` in a process of its own, on a twin of its own."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.numbers import MeasurementError
from bench.surroundings import ROOT

LIMIT_SECONDS: Final = 300
ENDING_SECONDS: Final = 60
"""How long the command may take to take its twin down after it was told to end."""

TAIL: Final = 15


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill: its report.json, and the seconds from starting the command to its end."""

    report: Mapping[str, Any]
    seconds: float

    @property
    def held(self) -> bool:
        """Whether every expectation held."""
        return bool(self.report["verdict"] == "held")


def drill(scenario: Path) -> Drill:
    """Play a scenario; one whose expectations broke is a drill like any other.

    Raises:
        MeasurementError: the command wrote no report, or took too long.
    """
    with tempfile.TemporaryDirectory(prefix="lifeboat-bench-") as folder:
        report, said = Path(folder) / "report.json", Path(folder) / "said.txt"
        began = time.monotonic()
        with said.open("wb") as output:
            _run(
                [str(Path(sys.executable).with_name("lifeboat")), "drill", str(scenario), "--json", str(report)], output
            )
        seconds = time.monotonic() - began
        if not report.is_file():
            last = "\n".join(said.read_text("utf-8", errors="replace").splitlines()[-TAIL:])
            raise MeasurementError(
                f"lifeboat drill {scenario} wrote no report in {seconds:.0f} s; it said last:\n{last}"
            )
        return Drill(json.loads(report.read_text("utf-8")), seconds)


def _run(command: list[str], output: Any) -> None:
    """Run the command to its end; ended early, it is let to take its twin down."""
    try:
        # In a session of its own: it is told to end once, by us, and not a second time by the terminal.
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as exc:
        raise MeasurementError(f"{command[0]} cannot be run: {exc.strerror}; `make setup` installs it") from exc
    try:
        process.wait(LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        pass  # no report will be there
    finally:
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDING_SECONDS)
            process.kill()
            process.wait()
