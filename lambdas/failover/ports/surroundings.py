"""Time, requests, pages, executions, metrics, and whoever may refuse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from failover.topology import Veto


class Clock(Protocol):
    """One machine's clock."""

    def now(self) -> datetime:
        """The wall clock, in UTC. For telling, never for comparing with another machine's."""

    def elapsed(self) -> float:
        """Seconds of this machine's monotonic clock; only differences mean something."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP endpoint answered; ``status`` 0 means that it could not be reached or not in time."""

    status: int
    body: str
    seconds: float
    failure: str = ""


class Http(Protocol):
    """Requests to several endpoints at once."""

    def get(self, urls: Sequence[str], timeout_seconds: float) -> Mapping[str, Answer]:
        """GET each URL, all in parallel, each within the same time; never raises for an endpoint's fault."""


class Pager(Protocol):
    """Whoever must be woken."""

    def page(self, subject: str, text: str) -> None:
        """Send a page; raises ``TransientError`` when it could not be handed over."""


class Machines(Protocol):
    """The state machines of this control region."""

    def start(self, machine: str, name: str, document: Mapping[str, Any]) -> str:
        """Start an execution and return its id; the same name and input again returns the same execution."""


class Telemetry(Protocol):
    """Metrics and events that wake the decision; losing one loses nothing that a tick does not bring back."""

    def region_seen(self, subject: str, *, unhealthy: bool) -> None:
        """Publish the observer's view of a region as a high-resolution metric."""

    def heartbeat(self, who: str) -> None:
        """Publish that a prober or a guard is alive."""

    def failsafe(self, database: str, refusals: Mapping[str, str]) -> None:
        """Publish that a guard asked for promises, and the reason of each control region that gave none."""

    def lease_refused(self, database: str, reason: str) -> None:
        """Publish that the writer's own copy refused what the store grants it, so that nobody may write."""

    def incident_stands(self, seconds: float) -> None:
        """Publish for how long the open incident has been open, 0 without one."""

    def recovered(self, subject: str, seconds: float) -> None:
        """Publish that an unplanned incident was closed with its users served, so long after it was opened."""

    def loss_bounded(self, database: str, seconds: float) -> None:
        """Publish the loss that could not be ruled out when the database was promoted."""

    def wake(self, subject: str, reason: str) -> None:
        """Publish an event that makes ``decide_failover`` look."""

    def flush(self) -> None:
        """Hand over what was published since the last time."""


class VetoHook(Protocol):
    """Whoever may refuse an incident before it acts."""

    def ask(self, veto: Veto, question: Mapping[str, Any]) -> str | None:
        """Put the question; returns the refusal's reason if a function refuses within its time.

        An event bus answers nothing here: its word is read from the store. Never raises: silence is no veto.
        """
