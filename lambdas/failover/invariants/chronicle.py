"""Everything that the invariants look at; all times are seconds on one clock, the stage's."""

from collections.abc import Iterator
from dataclasses import dataclass

from failover.records import JournalEntry
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an invariant held, how many things it looked at, and why it did not."""

    holds: bool
    checked: int
    why: str


@dataclass(frozen=True, slots=True)
class Chronicle:
    """One play, as recorded. ``journal`` is ordered; ``began`` is the stage's zero in the journal's clock (s)."""

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

    def entries(self, *kinds: str) -> Iterator[JournalEntry]:
        """The journal's lines of these kinds, in order."""
        return (entry for entry in self.journal if entry.kind in kinds)

    def before(self, entry: JournalEntry, *kinds: str) -> list[JournalEntry]:
        """The lines of these kinds before an entry, of the same incident and database."""
        return [
            each
            for each in self.journal[: self.journal.index(entry)]
            if each.kind in kinds and each.incident == entry.incident and each.database == entry.database
        ]

    def seconds(self, entry: JournalEntry) -> float:
        """When an entry was written, in the stage's seconds."""
        return entry.at.timestamp() - self.began
