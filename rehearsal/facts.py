"""What is true on a stage at one moment, as nobody inside it can see it: the ground of every expectation.

All times are seconds since the play began.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from failover.records import IncidentState, JournalEntry


class Gate(StrEnum):
    """A copy's gate, read at the copy itself: does a write of the application pass at this moment?"""

    OPEN = "open"
    CLOSED = "closed"
    DOWN = "down"


class ExecutionState(StrEnum):
    """Where an execution of a state machine stands; ``WAITING`` is one that runs and waits for an operator."""

    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Copy:
    """One region's copy of a database; ``DOWN`` means that its server does not run.

    ``refuses`` is the answer to the newest write that the stage sent straight to this copy as the application
    would, and rolled back if it passed; ``None`` when nothing answered. ``acknowledged_at`` is when a client
    last got an acknowledgement of a write that this copy committed.
    """

    gate: Gate
    in_recovery: bool = False
    refuses: bool | None = None
    acknowledged_at: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The clients of one place, named after the region they are nearest to.

    ``answers`` are the regions at which the product's name points for them in the zone right now, whatever
    their resolvers still remember; ``reached`` is the region whose service answered their newest request.
    """

    answers: tuple[str, ...]
    reached: str | None = None
    acknowledged_at: float | None = None
    failed_at: float | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of a state machine, started since the play began; ``error`` is what it ended with, if any."""

    name: str
    machine: str
    region: str
    state: ExecutionState
    error: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Journalled:
    """One line of the journal and when it was written, by the stage's clock and not by a region's."""

    at: float
    entry: JournalEntry


@dataclass(frozen=True, slots=True)
class Facts:
    """One moment of a stage.

    ``databases`` maps each database with one writer to region to copy. ``incident`` is the state of the open
    incident, ``incidents`` counts those opened so far, ``term`` is the newest one's. ``unprotected`` are the databases
    of which no copy follows the writer. ``promoted`` counts accepted promotion calls per region;
    ``asked`` are the regions whose promotion was called at all. ``calls`` counts the control plane's AWS calls
    per service (``route53``, ``rds``), answered or not. ``journal`` is everything written so far, in the order
    in which the stage learned of it: it only grows at its end. ``disturbed_at`` is the newest fault or heal: the
    player knows it and fills it in.
    """

    at: float
    up: Mapping[str, bool]
    databases: Mapping[str, Mapping[str, Copy]]
    groups: Mapping[str, Group]
    incident: IncidentState | None = None
    incidents: int = 0
    term: int = 0
    unprotected: frozenset[str] = frozenset()
    executions: Sequence[Execution] = ()
    promoted: Mapping[str, int] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    pages: int = 0
    calls: Mapping[str, int] = field(default_factory=dict)
    journal: Sequence[Journalled] = ()
    disturbed_at: float = 0.0


RECENT_SECONDS = 2.0
"""A copy that acknowledged a write no longer ago than this is acknowledging writes."""


def writers(facts: Facts, database: str) -> tuple[str, ...]:
    """Return the regions that write a database: their gate is open and clients get acknowledgements."""
    return tuple(
        region
        for region, copy in facts.databases[database].items()
        if copy.gate is Gate.OPEN
        and copy.acknowledged_at is not None
        and facts.at - copy.acknowledged_at <= RECENT_SECONDS
    )
