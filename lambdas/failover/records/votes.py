"""What observers write: votes, and what they have seen of leases and incidents by their own clocks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Health(StrEnum):
    """An observer's view of a region. ``UNKNOWN`` is never evidence of anything."""

    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    UNKNOWN = "UNKNOWN"


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
class IncidentSighting:
    """For how long one observer, by its own clock alone, has seen an incident's owner not renewing its term."""

    incident: str
    term: int
    beat: int
    unrenewed_seconds: float


@dataclass(frozen=True, slots=True)
class Vote:
    """One observer's view of one region.

    ``run`` grows with each start of the observer, ``sequence`` with each vote of a run. ``seen`` is the proof
    that the observer itself could see: the neutral places that answered in the same window.
    ``unhealthy_seconds`` is how long the vote has been ``UNHEALTHY`` by the observer's own clock, ``flaps`` how
    often it turned ``UNHEALTHY`` within the topology's window. ``faults`` names the parts that made it so,
    ``degraded`` those that are amiss and do not. ``turned`` is how many seconds ago each flap was, for the next run.
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
    faults: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
    flaps: int = 0
    incident: IncidentSighting | None = None
    turned: tuple[float, ...] = ()
