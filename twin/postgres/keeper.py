"""The twin's end of the keeper process: start programs, signal them, kill them."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from twin.postgres.account import Account
from twin.postgres.errors import PostgresError

PROGRAM = Path(__file__).with_name("keeper_process.py")


class Keeper:
    """Owns ``folder`` and every process started through it; both are gone when the caller is.

    Safe to use from several threads.
    """

    def __init__(self, folder: Path, account: Account) -> None:
        identity = (str(account.uid), str(account.gid)) if account.switches else ("-", "-")
        self._folder = folder
        self._lock = threading.Lock()
        self._numbers = count(1)
        # A session of its own: Ctrl-C in the terminal is for the twin, which then closes the pipe.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM), str(folder), *identity],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def start(
        self, argv: Sequence[str], *, log: Path, data: Path | None = None, env: Mapping[str, str] | None = None
    ) -> int:
        """Start a program and return its process id; ``data`` is the data folder of a server.

        Raises:
            PostgresError: it cannot be executed.
        """
        # TZ and locale are fixed so that no output depends on the machine.
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": str(self._folder)}
        answer = self._ask(
            "start",
            argv=list(argv),
            log=str(log),
            data=str(data) if data else None,
            env={**environment, **(env or {})},
        )
        return int(answer["pid"])

    def run(self, argv: Sequence[str], *, timeout_seconds: float = 60.0, env: Mapping[str, str] | None = None) -> str:
        """Run a program to its end and return what it said.

        Raises:
            PostgresError: it failed, or did not end in time and was killed.
        """
        log = self._folder / f"run-{next(self._numbers)}.log"
        pid = self.start(argv, log=log, env=env)
        code = self.wait(pid, timeout_seconds=timeout_seconds)
        said = log.read_text(errors="replace")
        log.unlink()
        if code != 0:
            how = f"did not end within {timeout_seconds} s" if code is None else f"ended with {code}"
            raise PostgresError(f"{Path(argv[0]).name} {how}; it said:\n{said[-2000:]}")
        return said

    def wait(self, pid: int, *, timeout_seconds: float) -> int | None:
        """Wait for a process to end and return its exit code; at the time limit kill it and return None."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            code = self.poll(pid)
            if code is not None:
                return code
            time.sleep(0.005)
        self.kill(pid)
        return None

    def poll(self, pid: int) -> int | None:
        """Return the exit code of an ended process (once), or None while it runs."""
        code = self._ask("poll", pid=pid)["exit"]
        return None if code is None else int(code)

    def signal(self, pid: int, number: signal.Signals) -> None:
        """Send a signal to one process."""
        self._ask("signal", pid=pid, number=int(number))

    def kill(self, pid: int) -> None:
        """Kill a process and all its children with SIGKILL; they are gone when this returns."""
        self._ask("kill", pid=pid)

    def close(self) -> None:
        """End every process, remove the folder, and wait for it; safe to repeat."""
        with self._lock:
            if self._process.stdin is not None and not self._process.stdin.closed:
                self._process.stdin.close()
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()

    def _ask(self, request: str, **arguments: Any) -> dict[str, Any]:
        message = json.dumps({"do": request, **arguments}).encode() + b"\n"
        with self._lock:
            try:
                assert self._process.stdin is not None and self._process.stdout is not None
                self._process.stdin.write(message)
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except (OSError, ValueError) as exc:
                raise PostgresError(f"the keeper of the PostgreSQL servers is gone: {exc}") from exc
        if not line:
            raise PostgresError("the keeper of the PostgreSQL servers is gone; every server went with it")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PostgresError(f"{request}: {answer['error']}")
        return answer
