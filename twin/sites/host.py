"""The processes of one site's database host: its agent and its two guards, as the files of its setup say."""

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from site_hosts.files import GUARDS
from twin.workload.processes import INHERITED

END_SECONDS: Final = 5.0
RESTART_SECONDS: Final = 1.0
"""``RestartSec`` of the units."""

AGENT: Final = "agent"


class SiteHost:
    """What systemd would start there; safe to use from several threads.

    ``environment`` is that of the units, ``folder`` where the functions' code is unpacked; logs go to ``logs``.
    What ends by itself is started again a second later, as the units say. Everything ends with the twin, which stops
    it; each process has a session of its own. Also a context, from ``start`` to ``close``.
    """

    def __init__(self, site: str, environment: Mapping[str, str], folder: Path, logs: Path) -> None:
        self.site = site
        self._environment, self._folder, self._logs = environment, folder, logs
        self._lock = threading.RLock()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._up = False
        self._dead: set[str] = set()
        self._closing = threading.Event()
        self._tending = threading.Thread(target=self._tend, name=f"units-{site}", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start what does not run, but for guards that were told to be dead."""
        with self._lock:
            self._up = True
            for unit in (AGENT, *_guards()):
                if unit not in self._dead:
                    self._start(unit)
        if self._tending.ident is None:
            self._tending.start()

    def kill(self) -> None:
        """End everything at one blow, as a loss of power does; nothing happens to what does not run."""
        with self._lock:
            self._up = False
            self._end((AGENT, *_guards()))

    def close(self) -> None:
        """End everything for good; safe to repeat."""
        self._closing.set()
        self.kill()

    def stop_guards(self, *, frozen: bool) -> None:
        """Let the guards be dead, or stand still, until ``resume_guards``."""
        with self._lock:
            if frozen:
                self._signal(signal.SIGSTOP)
                return
            self._dead.update(_guards())
            self._end(_guards())

    def resume_guards(self) -> None:
        """Take ``stop_guards`` back."""
        with self._lock:
            self._signal(signal.SIGCONT)
            self._dead.difference_update(_guards())
            if self._up:
                self.start()

    def _tend(self) -> None:
        while not self._closing.wait(RESTART_SECONDS):
            with self._lock:
                if self._up:
                    self.start()

    def _start(self, unit: str) -> None:
        with self._lock:
            running = self._running.get(unit)
            if running is not None and running.poll() is None:
                return
            self._end([unit])
            part = unit.partition("-")[0]
            inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
            with self._log(unit).open("ab") as output:
                self._running[unit] = subprocess.Popen(
                    [sys.executable, "-m", "twin.sites.unit", part],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                    env={**inherited, **self._environment},
                    cwd=self._folder,
                    start_new_session=True,
                )

    def _end(self, units: Iterable[str]) -> None:
        with self._lock:
            for unit in units:
                process = self._running.pop(unit, None)
                if process is None:
                    continue
                process.kill()
                process.wait(END_SECONDS)
                if process.stdin is not None:
                    process.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        for unit in _guards():
            process = self._running.get(unit)
            if process is not None and process.poll() is None:
                process.send_signal(number)

    def _log(self, unit: str) -> Path:
        return self._logs / f"{self.site}-{unit}.log"


def read_units_environment(text: str) -> dict[str, str]:
    """Return the variables of an ``EnvironmentFile`` of systemd, as the setup of a site writes it."""
    pairs = (line.partition("=") for line in text.splitlines() if line)
    return {name: "".join(shlex.split(value)) for name, _, value in pairs}


def _guards() -> list[str]:
    return [f"guard-{number}" for number in range(1, GUARDS + 1)]
