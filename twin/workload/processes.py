"""The process of one region's service: started, killed, started again."""

import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Final

from twin.errors import TwinError
from twin.network.surroundings import REPOSITORY
from twin.workload.settings import VARIABLE, ServiceSettings

START_SECONDS: Final = 15.0
END_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.03
INHERITED: Final = ("PATH", "HOME", "LANG", "TMPDIR", "TZ")
"""What else a service gets of its parent's environment: nothing that could point it out of the twin."""


class ServiceError(TwinError):
    """A service ended or did not answer in time after its start."""


class ServiceProcess:
    """The service of one region; safe to use from several threads.

    ``surroundings`` are those of ``twin.network.surroundings`` at the region's vantage. What it says goes to
    the end of the file ``log``. It ends when this process ends, however that happens.
    """

    def __init__(self, settings: ServiceSettings, surroundings: Mapping[str, str], log: Path) -> None:
        self.region = settings.region
        self._settings = settings
        self._surroundings = surroundings
        self._log = log
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        with self._lock:
            return self._process is not None and self._process.poll() is None

    def start(self, timeout_seconds: float = START_SECONDS) -> None:
        """Start it and wait until it answers; nothing happens when it runs.

        Raises:
            ServiceError: it ended, or did not answer in time; the end of its log is in the message.
        """
        with self._lock:
            if self.running:
                return
            self.kill()
            with self._log.open("ab") as output:
                # A session of its own: Ctrl-C in the terminal is for the twin, which then ends its services.
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "twin.workload.service"],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                    env=self._environment(),
                    cwd=REPOSITORY,
                    start_new_session=True,
                )
            deadline = time.monotonic() + timeout_seconds
            while not self._answers():
                if not self.running or time.monotonic() > deadline:
                    self.kill()
                    where = f"{self._settings.address}:{self._settings.port}"
                    raise ServiceError(f"the service of {self.region} at {where} did not start:\n{self._tail()}")
                time.sleep(POLL_SECONDS)

    def kill(self) -> None:
        """End it at one blow; its connections are reset. Nothing happens when it does not run."""
        with self._lock:
            if self._process is None:
                return
            self._process.kill()
            self._process.wait(END_SECONDS)
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process = None

    def restart(self) -> None:
        """Kill it and start it again."""
        with self._lock:
            self.kill()
            self.start()

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        path = os.pathsep.join((self._surroundings["PYTHONPATH"], str(REPOSITORY), str(REPOSITORY / "lambdas")))
        return {**inherited, **self._surroundings, "PYTHONPATH": path, VARIABLE: self._settings.as_json()}

    def _answers(self) -> bool:
        # Trusted by its authority alone: it is asked at its address, which no certificate names.
        trust = ssl.create_default_context(cafile=self._surroundings["SSL_CERT_FILE"])
        trust.check_hostname = False
        connection = HTTPSConnection(self._settings.address, self._settings.port, timeout=1.0, context=trust)
        try:
            connection.request("GET", "/health/live")
            told = json.loads(connection.getresponse().read())
            # Another process may have the address, and answer while this one is about to find that out.
            return self._process is not None and bool(told["process"] == self._process.pid)
        except (OSError, HTTPException, ValueError):
            return False
        finally:
            connection.close()

    def _tail(self) -> str:
        return self._log.read_text(errors="replace")[-2000:] if self._log.exists() else "(no log)"
