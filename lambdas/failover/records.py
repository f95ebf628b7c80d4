"""What the quorum store holds: one control item, one item per database, votes, consents and the journal.

Every change of the control item or of a database's item is one conditional write on the ``version`` that
was read, so that of all who decide at the same moment one wins.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Health(StrEnum):
    """An observer's view of a region. ``UNKNOWN`` is never evidence of anything."""

    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    UNKNOWN = "UNKNOWN"


class LeaseState(StrEnum):
    """Whether the writer's region may renew its right to write."""

    GRANTED = "GRANTED"
    REVOKED = "REVOKED"


class Phase(StrEnum):
    """How far a change of writer has come. ``PROMOTING`` is the point of no return."""

    STEADY = "STEADY"
    REVOKED = "REVOKED"
    FENCED = "FENCED"
    WAITED_OUT = "WAITED_OUT"
    PROMOTING = "PROMOTING"
    ADMITTED = "ADMITTED"


class IncidentState(StrEnum):
    """Where an incident stands; a closed one is in the journal only."""

    OPEN = "OPEN"
    WAITING = "WAITING"
    HOLDING = "HOLDING"


@dataclass(frozen=True, slots=True)
class LeaseSighting:
    """For how long one observer, by its own clock alone, has seen a lease not being renewed.

    The clock starts when the answer that first showed ``renewal`` arrived, so the renewal itself is at least
    this old whatever any other clock says.
    """

    database: str
    epoch: int
    renewal: int
    unrenewed_seconds: float


@dataclass(frozen=True, slots=True)
class Vote:
    """One observer's view of one region.

    ``run`` grows with each start of the observer, ``sequence`` with each vote of a run. ``seen`` is the proof
    that the observer itself could see: the neutral places that answered in the same window.
    ``unhealthy_seconds`` is how long the vote has been ``UNHEALTHY`` by the observer's own clock.
    """

    subject: str
    observer: str
    health: Health
    reason: str
    run: int
    sequence: int
    observed_at: datetime
    unhealthy_seconds: float
    seen: tuple[str, ...]
    leases: tuple[LeaseSighting, ...] = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """Operators told the control plane to do nothing; it expires by itself."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """One loss of a region, from opening to closing, owned by one control region for a term.

    ``execution`` is the one execution that joined it in this term.
    """

    id: str
    subject: str
    owner: str
    term: int
    state: IncidentState
    rule: str
    reason: str
    opened_at: datetime
    digest: str
    databases: tuple[str, ...]
    execution: str | None = None
    waiting_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """The control item of a topology.

    ``evacuated`` names each region that gets no traffic and the incident that says so; ``closed`` is the last
    incident that ended, so that a step which repeats its own closing finds it done; ``paged`` keeps, for each
    region, the rule that people were last paged for.
    """

    version: int
    term: int = 0
    pause: Pause | None = None
    incident: Incident | None = None
    evacuated: dict[str, str] = field(default_factory=dict)
    last_failover_at: datetime | None = None
    closed: str | None = None
    paged: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Position:
    """Where the writer's WAL stood (bytes) when its database's own clock said ``at`` (seconds since 1970)."""

    lsn: int
    at: float


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """The right to write of the writer's region; ``positions`` are those of the last renewals, newest last.

    ``lasts_seconds`` is for how long from the newest renewal on the gate may be open, by the database's clock,
    whichever deployment's guard renewed: a topology with a shorter lease takes nothing back that was given.
    """

    state: LeaseState
    renewal: int
    positions: tuple[Position, ...] = ()
    lasts_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class DatabaseRecord:
    """A database's item: who writes under which epoch, and how far a change of writer has come.

    ``final`` is the source's last position, known only when it was fenced.
    """

    name: str
    version: int
    writer: str
    epoch: int
    lease: LeaseRecord
    phase: Phase = Phase.STEADY
    incident: str | None = None
    target: str | None = None
    final: int | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """An operator's recorded word that a database may be promoted although its loss bound is over the RPO."""

    database: str
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of the journal: what happened, under which rule, epoch, term and topology."""

    at: datetime
    region: str
    kind: str
    text: str
    rule: str | None = None
    subject: str | None = None
    database: str | None = None
    incident: str | None = None
    term: int | None = None
    epoch: int | None = None
    digest: str | None = None
    facts: dict[str, str] = field(default_factory=dict)
