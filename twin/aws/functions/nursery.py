"""This side of a nursery: asks it for workers, and kills it with all that it has."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

PROGRAM: Final = Path(__file__).with_name("nursery_process.py")
ANSWER_SECONDS: Final = 120.0
"""A busy machine takes its time to import what functions need; nobody waits for this where a region is lost."""


class NurseryGoneError(Exception):
    """The nursery was killed, or ended by itself."""


class Nursery:
    """The workers of one region and one code folder."""

    def __init__(self, *, code_folder: Path, environment: Mapping[str, str], modules: Sequence[str], log: Path) -> None:
        self._lock = threading.Lock()
        self._commands, theirs = socket.socketpair()
        self._commands.settimeout(ANSWER_SECONDS)
        self._answers = self._commands.makefile("rb")
        log.parent.mkdir(parents=True, exist_ok=True)
        with theirs, log.open("ab") as output:
            self._process = subprocess.Popen(
                # Unbuffered, so that a log is in the order in which it was written, whichever stream it went to.
                [sys.executable, "-u", str(PROGRAM), str(theirs.fileno()), str(code_folder), *modules],
                env=dict(environment),
                cwd=code_folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[theirs.fileno()],
                # A group of its own: one signal kills the nursery and every worker.
                start_new_session=True,
            )
        self._log = log
        self._answer()

    @property
    def alive(self) -> bool:
        """Whether it can still fork."""
        return self._process.poll() is None

    def spawn(self, told: Mapping[str, Any]) -> tuple[int, socket.socket]:
        """Fork a worker; return its process id and the socket to talk with it.

        Raises:
            NurseryGoneError: the nursery is no more.
        """
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                data = json.dumps({"spawn": told}).encode() + b"\n"
                sent = socket.send_fds(self._commands, [data], [theirs.fileno()])
                self._commands.sendall(data[sent:])
                return self._answer(), ours
            except (OSError, NurseryGoneError) as exc:
                ours.close()
                raise NurseryGoneError(f"no worker could be started; see {self._log}") from exc

    def kill(self, pid: int) -> None:
        """Kill one worker, if it still lives."""
        with self._lock, contextlib.suppress(OSError, NurseryGoneError):
            self._commands.sendall(json.dumps({"kill": pid}).encode() + b"\n")
            self._answer()

    def kill_all(self) -> None:
        """Kill the nursery and every worker at one blow, and wait for the nursery; safe to repeat."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._answers.close()
        self._commands.close()

    def _answer(self) -> int:
        try:
            line = self._answers.readline()
        except (OSError, ValueError) as exc:
            raise NurseryGoneError(f"the nursery does not answer; see {self._log}") from exc
        if not line:
            raise NurseryGoneError(f"the nursery ended; see {self._log}")
        return int(json.loads(line)["pid"])
