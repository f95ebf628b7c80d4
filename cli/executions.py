"""What becomes of an execution that was started by hand: an incident that it works for, a plan, or a refusal."""

import json
import time
from collections.abc import Iterator
from typing import Any, Final, Protocol

from failover.adapters.aws.machines import Ended
from failover.errors import LifeboatError, TransientError
from failover.ports import QuorumStore

BEGIN_SECONDS: Final = 10.0
"""Opening takes two seconds; where the store's first replica is lost, some more."""

PLAN_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.5


class Executions(Protocol):
    """Where executions run."""

    def ended(self, execution: str) -> Ended | None:
        """Return how one ended, or ``None`` while it runs."""


class ExecutionFailedError(LifeboatError):
    """It was refused, or failed; the text is the step's own."""


class NotBegunError(LifeboatError):
    """Nothing was seen of it in time; it may begin yet."""


def incident_of(executions: Executions, store: QuorumStore, execution: str) -> str:
    """Return the incident that an execution works for, once it does.

    Raises:
        ExecutionFailedError: it was refused.
        NotBegunError: it has done neither in ten seconds.
    """
    why = "it runs, and works for no incident"
    for _ in _looks(BEGIN_SECONDS):
        try:
            ended = executions.ended(execution)
            control = store.control()
        except TransientError as exc:
            why = str(exc)
            continue
        if ended is not None:
            _refuse_failed(ended)
            return str(ended.output.get("incident", {}).get("id", control.closed))
        if control.incident is not None and control.incident.execution == execution:
            return control.incident.id
    raise NotBegunError(f"{execution} has not begun within {BEGIN_SECONDS:.0f} s ({why}); look at `lifeboat status`")


def plan_of(executions: Executions, execution: str) -> Any:
    """Return the plan of a dry run; raises as ``incident_of``."""
    for _ in _looks(PLAN_SECONDS):
        try:
            ended = executions.ended(execution)
        except TransientError:
            continue
        if ended is not None:
            _refuse_failed(ended)
            return ended.output["plan"]
    raise NotBegunError(f"no plan within {PLAN_SECONDS:.0f} s; look at {execution}")


def _looks(seconds: float) -> Iterator[None]:
    until = time.monotonic() + seconds
    while True:
        yield
        if time.monotonic() >= until:
            return
        time.sleep(POLL_SECONDS)


def _refuse_failed(ended: Ended) -> None:
    if ended.error is not None:
        raise ExecutionFailedError(f"{ended.error}: {_words(ended.cause)}")


def _words(cause: str) -> str:
    """A function's error comes as JSON, with its traceback; people are told its text."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause or "it says no cause"
