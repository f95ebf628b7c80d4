"""The command that makes a site's server follow another writer, run beside it."""

import subprocess
import threading
from collections import deque
from typing import Final

from failover.adapters.aws.self_managed import BUSY, COMMAND
from failover.errors import FatalError, ReplicaNotReadyError, RequestInvalidError
from failover.topology import Names, Topology

WAITS_SECONDS: Final = 25.0
"""Short of what an asker waits; who asks again hears how the same run ended."""

TOLD_CHARACTERS: Final = 500


class SiteHosts:
    """``site_desk.Rejoining``: at most one run for each database, whoever asks how often."""

    def __init__(self, topology: Topology, here: str, command: str = COMMAND, waits_seconds: float = WAITS_SECONDS):
        self._topology, self._here = topology, here
        self._command, self._waits_seconds = command, waits_seconds
        self._runs: dict[str, subprocess.Popen[str]] = {}
        self._lock = threading.Lock()

    def rejoin(self, database: str, writer: str) -> None:
        """Start the command, or look at the run that is under way.

        Raises:
            ReplicaNotReadyError: it has not ended yet; ask again.
            FatalError: it failed; the message has the end of what it said.
            RequestInvalidError: that region holds no copy of the database, or is this one.
        """
        others = [each for each in self._topology.database(database).regions if each != self._here]
        if writer not in others:
            raise RequestInvalidError(f"writer: got {writer!r}; one of: {', '.join(others)}")
        run = self._running(database, writer)
        try:
            said, _ = run.communicate(timeout=self._waits_seconds)
        except subprocess.TimeoutExpired:
            raise ReplicaNotReadyError(f"{self._command} is still at work on {database}") from None
        with self._lock:
            self._runs.pop(database, None)
        if run.returncode == BUSY:
            raise ReplicaNotReadyError(f"{self._command}: an earlier one is still at work on {database}")
        if run.returncode:
            end = "".join(deque(said or "", TOLD_CHARACTERS))
            raise FatalError(f"{self._command} rejoin {database} ended with {run.returncode}: {end}")

    def _running(self, database: str, writer: str) -> subprocess.Popen[str]:
        address = Names(self._topology).database_address(database, writer)
        port = self._topology.database(database).port
        with self._lock:
            if database not in self._runs:
                self._runs[database] = subprocess.Popen(
                    [self._command, "rejoin", database, address, str(port)],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            return self._runs[database]
