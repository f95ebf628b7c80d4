"""The Lambda of one twin: puts the pool behind MiniStack's API, and shows what functions logged."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ministack.core import lambda_runtime
from ministack.services import eventbridge, lambda_svc

from twin.aws.functions.assets import Assets
from twin.aws.functions.asynchronous import AsynchronousInvocations
from twin.aws.functions.deaths import Deaths
from twin.aws.functions.execution import Execution
from twin.aws.functions.pool import Pool, WorkerEnvironment
from twin.aws.outages import Outages
from twin.aws.patches import Patches
from twin.aws.rights import Rights
from twin.aws.threads import Threads

PRELOADED: Final = ("boto3", "botocore.httpsession", "aws_lambda_powertools", "aws_xray_sdk.core", "pg8000.native")
"""What nurseries import ahead: what functions of ours have in common and do not write themselves."""


ACCOUNT_CONCURRENCY: Final = 1000


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a function wrote, and the worker that wrote it."""

    worker: str
    text: str


class Functions:
    """Lambda of all regions, between ``install`` and ``close``."""

    def __init__(
        self,
        *,
        surroundings: WorkerEnvironment,
        folder: Path,
        outages: Outages,
        threads: Threads,
        rights: Rights,
        modules: Sequence[str] = PRELOADED,
    ) -> None:
        self._pool = Pool(surroundings=surroundings, modules=modules, logs=folder / "logs")
        self.deaths = Deaths(self.kill_function)
        self._execution = Execution(self._pool, Assets(folder / "assets"), outages.is_down, self.deaths, rights)
        self._asynchronous = AsynchronousInvocations(threads, outages.is_down)
        self._outages = outages

    def install(self, patches: Patches) -> None:
        """Register with MiniStack, in this process."""
        patches.replace(lambda_svc, "_execute_function_warm", self._execution)
        patches.replace(lambda_svc, "invoke_async_with_retry", self._asynchronous)
        patches.replace(lambda_svc, "invalidate_worker", self._invalidate)
        patches.replace(eventbridge, "_dispatch_to_lambda", self._asynchronous.dispatch)
        # A new function is Pending for half a second there; nothing of the twin is to be seen of that.
        patches.replace(lambda_svc, "_LAMBDA_STATE_TRANSITION_DELAY", 0.0)
        # MiniStack derives it from this machine's memory; AWS starts every account with this.
        patches.replace(lambda_svc, "_ACCOUNT_CONCURRENCY_CAP", ACCOUNT_CONCURRENCY)
        self._outages.on_region_down(self.kill_region)

    def kill_region(self, region: str) -> None:
        """Kill every function that runs in a region."""
        self._pool.kill_region(region)
        for key, workers in list(lambda_runtime._workers.items()):
            if key.split(":")[1] == region:
                lambda_runtime.kill_workers(list(workers))

    def kill_function(self, region: str, name: str) -> None:
        """Kill whatever runs of one function now; its next invocation starts it again."""
        self._pool.kill_function(region, name)

    def freeze_function(self, region: str, name: str) -> None:
        """Let whatever runs of one function now stand still in the midst of what it does."""
        self._pool.signal_function(region, name, signal.SIGSTOP)

    def thaw_function(self, region: str, name: str) -> None:
        """Let it go on there."""
        self._pool.signal_function(region, name, signal.SIGCONT)

    def close(self) -> None:
        """Kill every function; safe to repeat."""
        self._pool.close()
        lambda_runtime.reset()

    def warm(self) -> None:
        """Start the nurseries of every region that has functions, so that no first invocation waits for one."""
        for (_, region, _name), function in list(lambda_svc._functions._data.items()):
            self._execution.open_nursery(region, function)

    def log(self, region: str, name: str) -> list[LogLine]:
        """Return what a function wrote, worker by worker, the oldest first."""
        files = sorted(self._pool.log_folder(region, name).glob("*.log"))
        return [
            LogLine(file.stem, line)
            for file in files
            for line in file.read_text("utf-8", errors="replace").splitlines()
        ]

    def _invalidate(
        self, name: str, qualifier: str | None = None, account: str | None = None, region: str | None = None
    ) -> None:
        self._pool.discard(name, region=region, version=qualifier)
        lambda_runtime.invalidate_worker(name, qualifier, account, region)
