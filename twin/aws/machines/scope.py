"""What a part of an execution may still do: go on, wait while its region is lost, or end."""

import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from twin.aws.threads import GLANCE_SECONDS, Threads

SLICE_SECONDS: Final = 0.1


class AbandonedError(Exception):
    """Nobody waits for this part any more: its execution was stopped, or a sibling failed."""


class MachineTimeoutError(Exception):
    """The machine's ``TimeoutSeconds`` passed."""


class Scope:
    """An execution, or one branch of it.

    Step Functions keeps executions through the loss of a region: they stand still, and go on when it comes
    back; what was under way then is seen to have failed.
    """

    def __init__(
        self,
        execution: dict[str, Any],
        region: str,
        threads: Threads,
        is_down: Callable[[str], bool],
        *,
        deadline: float | None = None,
        parent: "Scope | None" = None,
    ) -> None:
        self.execution = execution
        self.region = region
        self._redrives = redrives(execution)
        self._threads = threads
        self._is_down = is_down
        self._deadline = deadline
        self._parent = parent
        self._failed = False

    def branch(self) -> "Scope":
        """Return the scope of one branch, which ends with this one."""
        return Scope(self.execution, self.region, self._threads, self._is_down, deadline=self._deadline, parent=self)

    def abandon(self) -> None:
        """Let every branch end as soon as it looks."""
        self._failed = True

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits for this part any more."""
        if self._failed or self.execution["status"] != "RUNNING" or redrives(self.execution) != self._redrives:
            return True
        return self._parent is not None and self._parent.abandoned

    def check(self) -> None:
        """Stand still while the region is lost; then say whether to go on.

        Raises:
            AbandonedError: end.
            MachineTimeoutError: the execution timed out.
            StoppingError: the twin stops.
        """
        if self._threads.stopping:
            self._threads.sleep(0)
        if self._is_down(self.region):
            self._threads.wait_until(lambda: self.abandoned or not self._is_down(self.region))
        if self.abandoned:
            raise AbandonedError
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise MachineTimeoutError

    def sleep(self, seconds: float) -> None:
        """Wait so long, in the time of the world; raises as ``check`` does."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check()
            self._threads.sleep(min([left, SLICE_SECONDS, *self._left()]))
        self.check()

    def run(self, work: Callable[[], Any], seconds: float | None) -> "Outcome":
        """Run ``work`` in a thread of its own for at most so long; raises as ``check`` does."""
        outcome = Outcome()
        end = None if seconds is None else time.monotonic() + seconds
        self._threads.start("twin-aws-task", outcome.fill, work)
        while not outcome.done.wait(min([SLICE_SECONDS, *self._left(), *([] if end is None else [_left(end)])])):
            outcome.interrupted |= self._is_down(self.region)
            self.check()
            if end is not None and time.monotonic() >= end:
                outcome.late = True
                return outcome
        outcome.interrupted |= self._is_down(self.region)
        self.check()
        return outcome

    def wait_for(self, condition: Callable[[], bool], end: float | None) -> bool:
        """Wait until something holds or a time (``time.monotonic``) passes; raises as ``check`` does."""
        while not condition():
            if end is not None and time.monotonic() >= end:
                return False
            self.check()
            self._threads.sleep(GLANCE_SECONDS)
        return True

    def _left(self) -> list[float]:
        return [] if self._deadline is None else [_left(self._deadline)]


class Outcome:
    """What became of a task: a value or an exception, or that it ``late`` or ``interrupted`` has neither."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.value: Any = None
        self.error: BaseException | None = None
        self.late = False
        self.interrupted = False

    def fill(self, work: Callable[[], Any]) -> None:
        """Run the work and keep what comes of it."""
        try:
            self.value = work()
        except Exception as exc:  # noqa: BLE001  (raised again by whoever waits)
            self.error = exc
        finally:
            self.done.set()


def redrives(execution: dict[str, Any]) -> int:
    """Return how often an execution was redriven: what ran before is not to go on beside what runs now."""
    return int(execution.get("redriveCount", 0))


def _left(end: float) -> float:
    return max(0.0, end - time.monotonic())


CURRENT: Final[ContextVar[Scope]] = ContextVar("CURRENT")
"""The scope in which this thread works."""
