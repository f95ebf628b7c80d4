"""The CDK's own command, at the version that this repository pins, in a process that ends with us."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parent.parent
CLI: Final = REPOSITORY / "node_modules" / "aws-cdk" / "bin" / "cdk"
TAIL: Final = 40


class CdkError(Exception):
    """The CDK's command failed, or took too long; the message has its last lines."""


def synth(document: Path, assembly: Path, environment: str | None = None) -> list[str]:
    """Return the arguments that write the cloud assembly of a topology, in an environment."""
    there = ["--context", f"environment={environment}"] if environment else []
    return ["synth", "--quiet", "--output", str(assembly), "--context", f"topology={document}", *there]


def require_cdk() -> None:
    """Raise ``CdkError`` where the command is not there."""
    if not CLI.exists():
        raise CdkError("node_modules is missing, and with it the CDK's command: `make setup` makes it")


def run_cdk(
    arguments: Sequence[str],
    *,
    limit_seconds: float,
    environment: Mapping[str, str] | None = None,
    cwd: Path = REPOSITORY,
    heard: Callable[[str], None] = lambda _line: None,
) -> None:
    """Run the command in a session of its own, so that a time-out ends all of it; ``heard`` gets each line.

    Raises:
        CdkError: it is not there, ended with another code than 0, or was ended after ``limit_seconds``.
    """
    require_cdk()
    process = subprocess.Popen(
        ["node", str(CLI), *arguments],
        cwd=cwd,
        env=_surroundings(environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    timer = threading.Timer(limit_seconds, _end, [process])
    timer.start()
    lines: list[str] = []
    try:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            heard(lines[-1])
        code = process.wait()
    finally:
        timer.cancel()
        _end(process)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if code != 0:
        last = "\n".join(lines[-TAIL:])
        raise CdkError(f"cdk {arguments[0]} ended with {code} (time limit {limit_seconds:.0f} s):\n{last}")


def _surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """The node of our own virtual environment comes first on the path."""
    return {
        **os.environ,
        **environment,
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    }


def _end(process: "subprocess.Popen[str]") -> None:
    """End the command and all that it started; node starts the application, which starts another node."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
