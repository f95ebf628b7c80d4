"""A database's item: who writes under which epoch, and how far a change of writer has come."""

from dataclasses import dataclass, field
from enum import StrEnum

from failover.tails import Archive


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


STOPPED = (Phase.FENCED, Phase.WAITED_OUT)
"""The source does not write any more, and was seen or waited to do so."""


AFTER_NO_RETURN = (Phase.PROMOTING, Phase.ADMITTED)
"""The target is written down: an incident goes forward from here, or holds."""


class LossAllowed(StrEnum):
    """The basis on which a promotion may lose data, written down with its target.

    ``NONE``: a planned move, the target has received everything. ``WITHIN_OBJECTIVE``: the loss bound is within
    the database's RPO. ``CONSENTED``: it is over it or unknown, and somebody's consent is recorded.
    """

    NONE = "NONE"
    WITHIN_OBJECTIVE = "WITHIN_OBJECTIVE"
    CONSENTED = "CONSENTED"


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
    ``version`` is the writer's server's, when it last renewed; 0 when it was not told.
    """

    state: LeaseState
    renewal: int
    positions: tuple[Position, ...] = ()
    lasts_seconds: float = 0.0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Divergence:
    """A copy that does not follow the writer: since which of the writer's epochs, and where its history forked.

    ``position`` is the WAL position (bytes) that the new writer had received when it was promoted: what the copy
    has beyond it, nobody else has. ``archive`` names the file that keeps it, once it was extracted, and ``kept``
    counts it, so far as it was; ``rejoining`` says that its rebuilding was asked for.
    """

    epoch: int
    position: int | None
    archive: str | None = None
    rejoining: bool = False
    kept: Archive | None = None


@dataclass(frozen=True, slots=True)
class DatabaseRecord:
    """A database's item: who writes under which epoch, and how far a change of writer has come.

    ``final`` is the source's last position, known only when it was fenced; ``received`` is how far the target had
    come when its promotion was asked for. ``allowed`` is the loss that the promotion of ``target`` may bring, and
    ``bound_seconds`` the loss bound with which it was chosen, ``None`` where none was known.
    ``diverged`` are the copies that do not follow the writer and must rejoin before they may be promoted; see
    ``unprotected``. ``undone_term`` is the newest term
    that gave the source its lease back: no step of that term or of one before it takes it away any more.
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
    received: int | None = None
    allowed: LossAllowed = LossAllowed.NONE
    bound_seconds: float | None = None
    diverged: dict[str, Divergence] = field(default_factory=dict)
    undone_term: int = 0
