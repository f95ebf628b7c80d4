"""The checkers at work: each probes each endpoint at its own moments, in one thread of its own.

The configuration is read again every half second, so that checks made, changed or deleted while the twin
runs are taken up; the statuses answer at any time from any thread.
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self

from twin.dns.health.configuration import HealthCheck
from twin.dns.health.probe import Network, Verdict, probe
from twin.dns.health.statuses import AlarmState, HealthChange, Report, Statuses
from twin.network.addresses import CHECKERS

DEFAULT_CHECKERS: Final = 3
"""Route 53 has about 16; three are enough for no single one to decide, and cost a laptop little."""
READ_AGAIN_SECONDS: Final = 0.5

Configurations = Callable[[], Mapping[str, Mapping[str, Any]]]


class HealthCheckers:
    """Probes the endpoints of all health checks and knows the status of each.

    ``configurations`` gives each check's ``HealthCheckConfig`` by id, now; ``told`` hears of each change,
    and must return at once; ``now`` is in Unix seconds. A check that is not emulated is healthy, and in
    ``not_emulated`` with the reason.
    """

    def __init__(
        self,
        configurations: Configurations,
        network: Network,
        alarm_state: AlarmState,
        *,
        checkers: int = DEFAULT_CHECKERS,
        told: Callable[[HealthChange], None] = lambda _: None,
        chance: random.Random | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.not_emulated: dict[str, str] = {}
        self._configurations = configurations
        self._network = network
        self._numbers = range(1, checkers + 1)
        self._told = told
        self._chance = chance or random.Random()  # noqa: S311  (spreads probes over time)
        self._now = now
        self._statuses = Statuses(checkers, alarm_state)
        self._checks: dict[str, HealthCheck] = {}
        self._changes: list[HealthChange] = []
        self._failure: BaseException | None = None
        self._lock = threading.RLock()
        self._end: Callable[[], object] = lambda: None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="twin-health-checkers", daemon=True)
        self._tasks: dict[tuple[str, int], asyncio.Task[None]] = {}

    def start(self) -> Self:
        """Read the configuration and begin to probe."""
        self._read()
        self._thread.start()
        self._begun.wait()
        return self

    def stop(self) -> None:
        """Stop probing; statuses stay as they are."""
        if self._thread.is_alive():
            with suppress(RuntimeError):  # the loop ended by itself in this moment
                self._end()
            self._thread.join(timeout=5.0)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def healthy(self, check: str) -> bool:
        """Return a check's status; one that was made since the last reading is read first.

        Raises:
            RuntimeError: the checkers died; a status that nobody looks after is no status.
        """
        if self._failure is not None:
            raise RuntimeError("the health checkers died; their status is no longer true") from self._failure
        with self._lock:
            if check not in self._checks and check not in self.not_emulated:
                self._read()
            return self._statuses.healthy(check)

    def changes(self) -> tuple[HealthChange, ...]:
        """Return every change of status since the start, in order."""
        with self._lock:
            return tuple(self._changes)

    def status(self, check: str) -> list[dict[str, Any]]:
        """Return ``GetHealthCheckStatus``'s ``HealthCheckObservations``: each checker's last result."""
        with self._lock:
            reports = self._statuses.reports(check)
        return [
            {
                "IPAddress": f"{CHECKERS}.{number}",
                "StatusReport": {
                    "Status": report.reason,
                    "CheckedTime": datetime.fromtimestamp(report.at, UTC).isoformat(),
                },
            }
            for number, report in sorted(reports.items())
        ]

    def _read(self) -> None:
        with self._lock:
            checks, refused = {}, {}
            for check, document in self._configurations().items():
                try:
                    checks[check] = HealthCheck.parse(document)
                except ValueError as exc:
                    refused[check] = str(exc)
            self._checks, self.not_emulated = checks, refused
            self._statuses.replace(checks)
            self._tell()

    def _tell(self) -> None:
        for change in self._statuses.changes(self._now()):
            self._changes.append(change)
            self._told(change)

    def _run(self) -> None:
        try:
            asyncio.run(self._keep_up())
        except asyncio.CancelledError:
            return
        except BaseException as exc:
            self._failure = exc
            raise
        finally:
            self._begun.set()

    async def _keep_up(self) -> None:
        loop, this = asyncio.get_running_loop(), asyncio.current_task()
        if this is not None:
            self._end = lambda: loop.call_soon_threadsafe(this.cancel)
        self._begun.set()
        while True:
            self._read()
            probed = {check: each.interval_seconds for check, each in self._checks.items() if each.is_probed}
            wanted = {(check, number) for check in probed for number in self._numbers}
            for key in [key for key in self._tasks if key not in wanted]:
                self._tasks.pop(key).cancel()
            for key in [key for key, task in self._tasks.items() if task.done()]:
                self._tasks.pop(key).result()
            for check, number in wanted - self._tasks.keys():
                first = self._chance.uniform(0, probed[check])
                self._tasks[check, number] = loop.create_task(self._check(check, number, first))
            await asyncio.sleep(READ_AGAIN_SECONDS)

    async def _check(self, check: str, number: int, first: float) -> None:
        """Probe one endpoint for ever; the interval runs from an answer to the next request."""
        await asyncio.sleep(first)
        while (configured := self._checks.get(check)) is not None:
            self._take(check, number, await probe(check, configured, f"{CHECKERS}.{number}", self._network))
            await asyncio.sleep(configured.interval_seconds)

    def _take(self, check: str, number: int, verdict: Verdict) -> None:
        with self._lock:
            self._statuses.seen(check, number, Report(self._now(), verdict.passed, verdict.reason))
            self._tell()
