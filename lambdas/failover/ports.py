"""What the domain needs of the world. Memory and AWS adapters fulfil each port under one contract suite.

Time, ids and chance come in through ports as well, so that the simulator can own them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from failover.records import Consent, Control, DatabaseRecord, JournalEntry, Vote


class Clock(Protocol):
    """One machine's clock."""

    def now(self) -> datetime:
        """The wall clock, in UTC. For telling, never for comparing with another machine's."""

    def elapsed(self) -> float:
        """Seconds of this machine's monotonic clock; only differences mean something."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class QuorumStore(Protocol):
    """The linearizable store; every call raises ``StoreUnreachableError`` when no replica answers."""

    def control(self) -> Control:
        """Read the control item strongly."""

    def change_control(self, seen: Control, wanted: Control) -> Control:
        """Replace the control item if it still is the one seen; returns it with its new version.

        Raises:
            ChangedMeanwhileError: somebody else was faster.
        """

    def database(self, name: str) -> DatabaseRecord:
        """Read a database's item strongly; ``NotInitialisedError`` when it has none."""

    def change_database(self, seen: DatabaseRecord, wanted: DatabaseRecord) -> DatabaseRecord:
        """Replace a database's item if it still is the one seen; raises ``ChangedMeanwhileError``."""

    def initialise(self, databases: Sequence[DatabaseRecord]) -> bool:
        """Write the control item and the databases' items where there are none; False when all were there."""

    def votes(self) -> Sequence[Vote]:
        """Read every vote strongly."""

    def cast(self, vote: Vote) -> None:
        """Write a vote; raises ``ChangedMeanwhileError`` when a newer run of the same observer has voted."""

    def consent(self, database: str) -> Consent | None:
        """Read an operator's consent to losing data of a database."""

    def record_consent(self, consent: Consent) -> None:
        """Write an operator's consent."""

    def withdraw_consent(self, database: str) -> None:
        """Forget a consent; nothing happens when there is none."""

    def append(self, entry: JournalEntry) -> None:
        """Add a line to the journal."""

    def journal(self) -> Sequence[JournalEntry]:
        """Read the journal, oldest first."""


@dataclass(frozen=True, slots=True)
class CopyState:
    """What a copy of a database says of itself.

    ``position`` is the WAL position in bytes that this copy has written or, as a replica, received.
    ``gate_open`` says whether a write would pass at ``clock`` (the database's own, seconds since 1970).
    """

    in_recovery: bool
    identity: str
    position: int
    clock: float
    gate_epoch: int
    gate_open: bool
    gate_fenced: bool


class DatabaseAgent(Protocol):
    """The functions beside the databases; each call raises ``DatabaseUnreachableError`` when none answers."""

    def install(self, database: str, region: str) -> CopyState:
        """Install the gate, closed, and the application's roles; safe to repeat."""

    def describe(self, database: str, region: str) -> CopyState:
        """Ask a copy for its state."""

    def fence(self, database: str, region: str, epoch: int) -> CopyState:
        """Shut the gate, end the application's sessions and read both back.

        Raises:
            EpochRefusedError: the gate knows a newer epoch.
        """

    def admit(self, database: str, region: str, epoch: int, valid_until: float) -> CopyState:
        """Open the gate of a promoted copy for an epoch until ``valid_until`` of its own clock.

        Raises:
            GateRefusedError: it is in recovery.
            EpochRefusedError: the gate knows a newer epoch.
        """


class DatabaseCopy(Protocol):
    """One copy of a database, spoken to in SQL from inside its own region.

    Every call raises ``DatabaseUnreachableError`` when it does not answer in time; otherwise as
    ``DatabaseAgent``.
    """

    def install(self) -> CopyState:
        """Install the gate, closed, and the application's roles; safe to repeat."""

    def describe(self) -> CopyState:
        """Its state; ``clock`` is read by the database itself."""

    def fence(self, epoch: int) -> CopyState:
        """Shut the gate, end the application's sessions and read both back."""

    def admit(self, epoch: int, valid_until: float) -> CopyState:
        """Open the gate for an epoch until a time of the database's own clock."""

    def extend(self, epoch: int, valid_until: float) -> None:
        """Extend the gate of the epoch that it is open for; never opens one.

        Raises:
            GateRefusedError: it is fenced, belongs to another server, or is in recovery.
            EpochRefusedError: the gate's epoch is another one.
        """


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """What the database service says of a copy; ``source`` is what it replicates from, if anything."""

    status: str
    source: str | None


class ReplicaService(Protocol):
    """The database service's control plane in the copy's own region."""

    def describe(self, database: str, region: str) -> ReplicaState:
        """Raises ``DatabaseUnreachableError`` when the service does not answer."""

    def promote(self, database: str, region: str) -> None:
        """Ask for a promotion; that it was accepted does not mean that it is done.

        Raises:
            PromotionRefusedError: the service says no for now.
            PromotionNotDoneError: no clear answer came; it may have been accepted.
        """


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

    def wake(self, subject: str, reason: str) -> None:
        """Publish an event that makes ``decide_failover`` look."""

    def flush(self) -> None:
        """Hand over what was published since the last time."""


class LastKnown(Protocol):
    """A control region's own copy of what it last read, for the day when the store does not answer.

    Each call raises a ``TransientError`` when the copy cannot be reached.
    """

    def remember(self, evacuated: Mapping[str, str]) -> None:
        """Keep the evacuations."""

    def evacuated(self) -> Mapping[str, str]:
        """The evacuations last kept; empty when none were."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a step may touch; ``here`` is the region it runs in."""

    here: str
    clock: Clock
    store: QuorumStore
    agent: DatabaseAgent
    replicas: ReplicaService
    http: Http
    pager: Pager
    machines: Machines
    telemetry: Telemetry
