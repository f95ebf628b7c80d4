"""One execution environment of a function: a forked process that answers one invocation at a time."""

import contextlib
import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from twin.aws.functions.nursery import Nursery

Answer = dict[str, Any]

SHORTEST_SECONDS: Final = 0.001
"""A socket's time-out of 0 means something else."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation; ``event`` is any JSON value."""

    event: Any
    request_id: str
    invoked_function_arn: str
    timeout_seconds: float
    trace_id: str | None


class WorkerEndedError(Exception):
    """The process ended before it answered."""


class OutOfTimeError(Exception):
    """The function's time-out passed."""


class Worker:
    """A worker between its fork and its end."""

    def __init__(self, nursery: Nursery, pid: int, control: socket.socket, log: Path) -> None:
        self.nursery = nursery
        self._pid = pid
        self._control = control
        self._log = log
        self._received = b""

    def ready(self, seconds: float) -> Answer | None:
        """Wait for the handler's import; return its error, or ``None``.

        Raises:
            WorkerEndedError, OutOfTimeError: it never came so far.
        """
        answer = self._answer(time.monotonic() + seconds)
        return answer.get("error")

    def invoke(self, invocation: Invocation) -> tuple[Answer, str]:
        """Run the handler; return ``{"result": JSON}`` or ``{"error": {...}}``, and what it wrote to its log.

        Raises:
            WorkerEndedError: the process ended, by itself or killed.
            OutOfTimeError: no answer within the function's time-out; the process was killed.
        """
        told = {
            "event": invocation.event,
            "request_id": invocation.request_id,
            "invoked_function_arn": invocation.invoked_function_arn,
            "timeout_seconds": invocation.timeout_seconds,
            "trace_id": invocation.trace_id,
        }
        deadline = time.monotonic() + invocation.timeout_seconds
        start = self._log.stat().st_size if self._log.exists() else 0
        try:
            self._control.settimeout(invocation.timeout_seconds)
            self._control.sendall(json.dumps(told).encode() + b"\n")
        except OSError as exc:
            raise WorkerEndedError(self._since(start)) from exc
        try:
            answer = self._answer(deadline)
        except OutOfTimeError as exc:
            self.kill()
            raise OutOfTimeError(self._since(start)) from exc
        except WorkerEndedError as exc:
            raise WorkerEndedError(self._since(start)) from exc
        return answer, self._since(*answer.pop("log"))

    def kill(self) -> None:
        """End the process at once."""
        self.nursery.kill(self._pid)
        self.close()

    def signal(self, number: int) -> None:
        """Send the process a signal, if it still lives."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, number)

    def close(self) -> None:
        """Let the process end by itself."""
        with contextlib.suppress(OSError):
            # Wakes the thread that waits for an answer, which closing alone does not.
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()

    def _answer(self, deadline: float) -> Answer:
        while b"\n" not in self._received:
            try:
                self._control.settimeout(max(deadline - time.monotonic(), SHORTEST_SECONDS))
                data = self._control.recv(1 << 16)
            except TimeoutError as exc:
                raise OutOfTimeError from exc
            except OSError:
                data = b""
            if not data:
                raise WorkerEndedError
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        answer: Answer = json.loads(line)
        return answer

    def _since(self, start: int, end: int | None = None) -> str:
        try:
            with self._log.open("rb") as file:
                file.seek(start)
                return file.read(-1 if end is None else end - start).decode("utf-8", "replace").rstrip("\n")
        except FileNotFoundError:
            return ""
