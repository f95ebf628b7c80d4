"""Everything that the invariants look at; all times are seconds on one clock, the stage's."""

from dataclasses import dataclass
from typing import NamedTuple

from failover.records import Health, JournalEntry
from failover.topology import Topology


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A write that a client was told is done: where and under which epoch it passed the gate, and when it committed."""

    at: float
    database: str
    region: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion that the database service accepted."""

    at: float
    database: str
    region: str


@dataclass(frozen=True, slots=True)
class Voted:
    """What an observer says of a region from now on, until it says something else, or until its vote is stale.

    A blind observer's vote is ``UNKNOWN`` here, whatever it says.
    """

    at: float
    subject: str
    observer: str
    health: Health
    until: float = float("inf")


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """What users of a region were told of a name; ``regions`` are those that the answers lead to."""

    at: float
    name: str
    client: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a client's write was answered by a region's service: a committed row, or a refusal with its reason."""

    at: float
    client: str
    region: str
    acknowledged: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WorkDone:
    """A piece of a worker's work that was committed: when it began, where it ran, and under which epoch."""

    at: float
    worker: str
    database: str
    region: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Execution:
    """A state machine execution; ``status`` in Step Functions' words. A ``dry_run`` was to return a plan only."""

    name: str
    region: str
    status: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ApiCall:
    """An AWS API call made by a function of the control plane."""

    at: float
    source: str
    target: str
    service: str
    action: str


class Complaint(NamedTuple):
    """An invariant that does not hold: why, and when that came to light."""

    invariant: str
    why: str
    at: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an invariant held, how many things it looked at, and why it did not."""

    holds: bool
    checked: int
    why: str


@dataclass(frozen=True, slots=True)
class Chronicle:
    """One play, as recorded. ``began`` is the stage's zero in the journal's clock (s)."""

    topology: Topology
    began: float
    journal: tuple[JournalEntry, ...]
    acknowledged: tuple[Acknowledged, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    dns: tuple[DnsAnswer, ...] = ()
    executions: tuple[Execution, ...] = ()
    calls: tuple[ApiCall, ...] = ()
    answered: tuple[Answered, ...] = ()
    work: tuple[WorkDone, ...] = ()
    running: bool = False

    def seconds(self, entry: JournalEntry) -> float:
        """When an entry was written, in the stage's seconds."""
        return entry.at.timestamp() - self.began
