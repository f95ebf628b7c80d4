"""The parent of every PostgreSQL process of one twin; run by path, alone, with the standard library only.

A server must not survive the twin, not even one that is killed with SIGKILL. A death signal
(``PR_SET_PDEATHSIG``) bound to the twin itself would not do: the kernel sends it when the *thread* that
started the child ends, and servers are started from short-lived threads. So one single-threaded process
starts them all, reads requests (one JSON object a line) from its standard input, and when that closes, or
its parent changes, kills them and removes the folder that it was given.

Arguments: folder, uid, gid (``-`` for the caller's own).
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
IPC_RMID = 0
PATIENCE_SECONDS = 2.0
LIBC = ctypes.CDLL(None, use_errno=True)
KEEPER = os.getpid()


class Terminated(Exception):  # noqa: N818 - not an error: how a signal handler leaves the loop
    """The keeper itself was told to end."""


class Children:
    """The processes that were started here, by process id."""

    def __init__(self, uid: int | None, gid: int | None) -> None:
        self._identity: dict[str, Any] = {} if uid is None else {"user": uid, "group": gid, "extra_groups": []}
        self._kept: dict[int, tuple[subprocess.Popen[bytes], Path | None]] = {}

    def start(self, argv: list[str], log: str, env: dict[str, str], data: str | None = None) -> dict[str, Any]:
        """Start a program, its output appended to ``log``; ``data`` is the data folder it locks."""
        with Path(log).open("ab") as output:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=env,
                cwd="/",
                start_new_session=True,
                preexec_fn=_die_with_keeper,  # noqa: PLW1509 - this process has one thread
                **self._identity,
            )
        self._kept[process.pid] = (process, Path(data) if data else None)
        return {"pid": process.pid}

    def poll(self, pid: int) -> dict[str, Any]:
        """Say how a process ended: ``exit`` is None while it runs; an ended one is then forgotten."""
        process, data = self._kept[pid]
        code = process.poll()
        if code is not None:
            _release(data)
            del self._kept[pid]
        return {"exit": code}

    def signal(self, pid: int, number: int) -> dict[str, Any]:
        """Send a signal to one process; an ended one gets none."""
        self._kept[pid][0].send_signal(number)
        return {}

    def kill(self, pid: int) -> dict[str, Any]:
        """Kill a process and its children at one blow, as a power cut would.

        A backend left alone would go on until it next waits, and could acknowledge one more commit. The
        parent is stopped first, so that it neither restarts children nor forks while they are listed.
        """
        process, data = self._kept.pop(pid)
        if process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            children = _children(pid)
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            process.kill()
            process.wait()
            for child in children:  # Orphans come here (see main), and are zombies until they are waited for.
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(child, 0)
        _release(data)
        return {}

    def end(self) -> None:
        """End them all: asked first, so that they release what they hold, then killed."""
        for process, _ in self._kept.values():
            process.send_signal(signal.SIGQUIT)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and any(process.poll() is None for process, _ in self._kept.values()):
            time.sleep(0.01)
        for pid in list(self._kept):
            self.kill(pid)


def _die_with_keeper() -> None:
    # After the change of user, which would clear it. SIGQUIT is PostgreSQL's immediate shutdown.
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)
    if os.getppid() != KEEPER:
        os._exit(1)


def _children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            # The name in parentheses may hold anything; the parent is the second field after it.
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(folder.name))
    return found


def _release(data: Path | None) -> None:
    """Remove what a server killed with SIGKILL leaves outside its folder, and its lock file."""
    if data is None:
        return
    lock = data / "postmaster.pid"
    with contextlib.suppress(OSError, IndexError, ValueError):
        shared_memory = int(lock.read_text().splitlines()[6].split()[1])
        LIBC.shmctl(shared_memory, IPC_RMID, None)
    lock.unlink(missing_ok=True)


def _serve(children: Children) -> None:
    owner = os.getppid()
    pending = b""
    while os.getppid() == owner:
        ready, _, _ = select.select([0], [], [], 0.5)
        if not ready:
            continue
        received = os.read(0, 65536)
        if not received:
            return
        *lines, pending = (pending + received).split(b"\n")
        for line in lines:
            request = json.loads(line)
            try:
                answer = getattr(children, request.pop("do"))(**request)
            except (OSError, subprocess.SubprocessError) as exc:
                answer = {"error": str(exc)}
            except KeyError as exc:
                answer = {"error": f"process {exc} is not kept here"}
            os.write(1, json.dumps(answer).encode() + b"\n")


def _terminated(_number: int, _frame: object) -> None:
    raise Terminated


def main(folder: str, uid: str, gid: str) -> None:
    """Serve requests until the owner is gone, then leave nothing behind."""
    signal.signal(signal.SIGTERM, _terminated)
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    children = Children(None if uid == "-" else int(uid), None if gid == "-" else int(gid))
    try:
        with contextlib.suppress(Terminated, BrokenPipeError):
            _serve(children)
    finally:
        children.end()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
