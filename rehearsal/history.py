"""Everything that happened in a play, written down when it is over: the ground of every measurement.

All times are seconds since the play began, by the stage's own clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from failover.records import Health
from rehearsal.facts import Journalled


class Outcome(StrEnum):
    """How a client's write ended; a failed one may still be found in the database, and that is no fault.

    One that is ``UNSENT`` was due, and its client was too busy to send it in time: no word against the product, and
    none for it.
    """

    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Write:
    """One numbered write of a client group.

    ``service`` is the region whose service answered, ``committed_in`` the region whose database acknowledged;
    ``None`` where nothing answered. ``lost`` is an acknowledged write that the last writer does not have. ``due_at`` is
    when its group's rate asked for it; ``None`` where that is when it was sent.
    """

    group: str
    number: int
    sent_at: float
    ended_at: float
    outcome: Outcome
    service: str | None = None
    committed_in: str | None = None
    lost: bool = False
    due_at: float | None = None

    @property
    def due(self) -> float:
        """When it was to be sent, from which its latency counts: what waits to be sent is waited for all the same."""
        return self.sent_at if self.due_at is None else self.due_at


@dataclass(frozen=True, slots=True)
class VoteChange:
    """An observer's vote on a region became another one."""

    at: float
    observer: str
    subject: str
    health: Health


@dataclass(frozen=True, slots=True)
class HealthFlip:
    """A DNS health check changed its mind; ``region`` is the one whose records it decides on, if any."""

    at: float
    check: str
    healthy: bool
    region: str | None = None


@dataclass(frozen=True, slots=True)
class StateSpan:
    """One state of one execution, from entering to leaving it; ``None`` where it was never left."""

    execution: str
    region: str
    state: str
    entered: float
    left: float | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Promotion:
    """One promotion call: when it was asked, whether the service took it, and when PostgreSQL had promoted."""

    at: float
    database: str
    region: str
    accepted: bool
    done_at: float | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was sent."""

    at: float
    region: str
    subject: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an invariant held; ``checked`` says on what, ``why`` what broke it."""

    holds: bool
    checked: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """A whole play.

    ``writes`` are complete: every acknowledged row was looked for before this was made. ``calls`` counts the
    control plane's AWS calls by service, and ``refused`` names those that its own policies did not allow, each once.
    ``invariants`` maps ``I1`` … ``I16`` to what was found. ``virtual`` is a play whose seconds are a model's.
    """

    ended_at: float
    writes: Sequence[Write] = ()
    journal: Sequence[Journalled] = ()
    votes: Sequence[VoteChange] = ()
    health: Sequence[HealthFlip] = ()
    states: Sequence[StateSpan] = ()
    promotions: Sequence[Promotion] = ()
    pages: Sequence[Page] = ()
    calls: Mapping[str, int] = field(default_factory=dict)
    refused: Sequence[str] = ()
    invariants: Mapping[str, Verdict] = field(default_factory=dict)
    virtual: bool = False
