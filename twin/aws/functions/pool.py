"""The workers of all functions: leased to one invocation at a time, kept warm, killed with their region."""

import os
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from twin.aws.functions.nursery import Nursery, NurseryGoneError
from twin.aws.functions.worker import OutOfTimeError, Worker

WorkerEnvironment = Callable[[str], Mapping[str, str]]
INIT_SECONDS: Final = 10.0
"""How long AWS lets an init take ("Lambda runtime environment", init phase)."""

SECOND_INIT_SECONDS: Final = 30.0
"""One that took longer is begun again, and may then take as long as an invocation of the function; not longer here."""

STARTING: Final = threading.BoundedSemaphore(os.cpu_count() or 1)
"""So many handlers are imported at once: a minute's first pings start hundreds, and all of them together would take
longer than any may."""


class InitError(Exception):
    """The handler could not be imported; ``told`` is the error as the runtime tells it."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["errorMessage"])
        self.told = told


@dataclass(frozen=True, slots=True)
class Deployed:
    """One version of one function in one region, as it is deployed now."""

    region: str
    name: str
    version: str
    revision: str
    code_folder: Path
    handler: str
    environment: Mapping[str, str]


class Pool:
    """Leases workers; safe to use from several threads.

    Args:
        surroundings: the environment of everything that runs in a region.
        modules: what a nursery imports ahead, where it is there.
        logs: the folder for functions' logs.
    """

    def __init__(self, *, surroundings: WorkerEnvironment, modules: Sequence[str], logs: Path) -> None:
        self._surroundings = surroundings
        self._modules = tuple(modules)
        self._logs = logs
        self._lock = threading.Lock()
        self._idle: dict[Deployed, list[Worker]] = {}
        self._busy: dict[tuple[str, str], set[Worker]] = {}
        self._nurseries: dict[tuple[str, Path], Nursery] = {}
        self._opening: dict[tuple[str, Path], threading.Lock] = {}
        self._losses: dict[str, int] = {}
        self._closed = False

    def lease(self, deployed: Deployed) -> Worker:
        """Return an idle worker, or a new one whose handler is imported.

        Raises:
            InitError: the handler cannot be imported.
            NurseryGoneError, WorkerEndedError, OutOfTimeError: it was killed, ended, or took too long.
        """
        worker = self._warm(deployed)
        if worker is not None:
            return worker
        with STARTING:
            return self._warm(deployed) or self._started(deployed)

    def _warm(self, deployed: Deployed) -> Worker | None:
        with self._lock:
            idle = self._idle.get(deployed)
            return self._leased(deployed, idle.pop()) if idle else None

    def _started(self, deployed: Deployed) -> Worker:
        stream = f"{time.strftime('%Y-%m-%dT%H-%M-%S', time.gmtime())}-{uuid.uuid4().hex[:8]}"
        log = self.log_folder(deployed.region, deployed.name) / f"{stream}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        nursery = self.open_nursery(deployed.region, deployed.code_folder)
        environment = {
            **self._surroundings(deployed.region),
            **deployed.environment,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        }
        told = {"handler": deployed.handler, "environment": environment, "log": str(log)}
        try:
            worker, error = self._begun(nursery, told, log, INIT_SECONDS)
        except OutOfTimeError:
            worker, error = self._begun(nursery, told, log, SECOND_INIT_SECONDS)
        if error is not None:
            worker.close()
            raise InitError(error)
        with self._lock:
            return self._leased(deployed, worker)

    @staticmethod
    def _begun(
        nursery: Nursery, told: Mapping[str, Any], log: Path, seconds: float
    ) -> tuple[Worker, dict[str, Any] | None]:
        worker = Worker(nursery, *nursery.spawn(told), log)
        try:
            return worker, worker.ready(seconds)
        except BaseException:
            worker.kill()
            raise

    def _leased(self, deployed: Deployed, worker: Worker) -> Worker:
        self._busy.setdefault((deployed.region, deployed.name), set()).add(worker)
        return worker

    def ended(self, deployed: Deployed, worker: Worker) -> None:
        """Forget a worker that was leased and cannot be used again."""
        with self._lock:
            self._busy.get((deployed.region, deployed.name), set()).discard(worker)
        worker.close()

    def kill_function(self, region: str, name: str) -> None:
        """Kill whatever runs of one function now."""
        with self._lock:
            workers = list(self._busy.pop((region, name), ()))
            for key in [key for key in self._idle if (key.region, key.name) == (region, name)]:
                workers += self._idle.pop(key)
        for worker in workers:
            worker.kill()

    def signal_function(self, region: str, name: str, number: int) -> None:
        """Send a signal to whatever runs of one function now."""
        with self._lock:
            workers = list(self._busy.get((region, name), ()))
        for worker in workers:
            worker.signal(number)

    def release(self, deployed: Deployed, worker: Worker) -> None:
        """Take a worker back that can be used again."""
        with self._lock:
            self._busy.get((deployed.region, deployed.name), set()).discard(worker)
            if worker.nursery is self._nurseries.get((deployed.region, deployed.code_folder)):
                self._idle.setdefault(deployed, []).append(worker)
                return
        worker.close()

    def discard(self, name: str, *, region: str | None = None, version: str | None = None) -> None:
        """End the idle workers of a function that was changed or deleted."""
        with self._lock:
            gone = [
                key
                for key in self._idle
                if key.name == name and region in (None, key.region) and version in (None, key.version)
            ]
            workers = [worker for key in gone for worker in self._idle.pop(key)]
        for worker in workers:
            worker.close()

    def kill_region(self, region: str) -> None:
        """Kill every process of a region's functions at one blow."""
        with self._lock:
            self._losses[region] = self._losses.get(region, 0) + 1
            gone = [self._nurseries.pop(key) for key in list(self._nurseries) if key[0] == region]
            idle = [worker for key in list(self._idle) if key.region == region for worker in self._idle.pop(key)]
        for nursery in gone:
            nursery.kill_all()
        for worker in idle:
            worker.close()

    def close(self) -> None:
        """Kill every process, and start no more; safe to repeat."""
        with self._lock:
            self._closed = True
            regions = {region for region, _ in self._nurseries}
        for region in regions:
            self.kill_region(region)

    def log_folder(self, region: str, name: str) -> Path:
        """Where a function's workers write, each to a file of its own."""
        return self._logs / region / name

    def open_nursery(self, region: str, code_folder: Path) -> Nursery:
        """Return the nursery of a region's code, started if need be."""
        key = (region, code_folder)
        with self._lock:
            opening = self._opening.setdefault(key, threading.Lock())
        with opening:
            with self._lock:
                nursery, losses = self._nurseries.get(key), self._losses.get(region, 0)
            if nursery is not None and nursery.alive:
                return nursery
            if nursery is not None:
                nursery.kill_all()
            environment = {**self._surroundings(region), "LAMBDA_TASK_ROOT": str(code_folder)}
            log = self._logs / region / "nursery.log"
            nursery = Nursery(code_folder=code_folder, environment=environment, modules=self._modules, log=log)
            with self._lock:
                if not self._closed and losses == self._losses.get(region, 0):
                    self._nurseries[key] = nursery
                    return nursery
            # The region was lost, or the twin stopped, while it started.
            nursery.kill_all()
            raise NurseryGoneError(f"{region} was lost while its functions started")


__all__ = ["Deployed", "InitError", "NurseryGoneError", "Pool", "WorkerEnvironment"]
