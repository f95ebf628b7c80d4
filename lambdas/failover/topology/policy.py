"""How a product is watched, what may happen to it without a person, and what it promises; in seconds."""

from dataclasses import dataclass
from enum import StrEnum


class Automation(StrEnum):
    """How much the control plane may do by itself."""

    OBSERVE = "observe"
    APPROVE = "approve"
    AUTOMATIC = "automatic"

    @classmethod
    def least(cls, one: "Automation", other: "Automation") -> "Automation":
        """The one that lets the control plane do less."""
        return min(one, other, key=list(cls).index)


@dataclass(frozen=True, slots=True)
class Observation:
    """How observers probe: period, patience, and the misses that make an ``UNHEALTHY`` vote.

    A vote older than ``fresh_seconds`` is no vote. ``neutral`` are URLs that tell an observer whether it
    can see at all; they must lie outside the regions it observes. A region is also missed where over the last
    ``window_probes`` the 95th percentile of its answers' times is over ``latency_threshold_seconds``, or where it
    reports a share of failed requests over ``error_rate_threshold``. One that turned unhealthy ``flaps`` times
    within ``flap_window_seconds`` is flapping.
    """

    probe_seconds: float
    timeout_seconds: float
    misses: int
    fresh_seconds: float
    neutral: tuple[str, ...]
    latency_threshold_seconds: float = 1.5
    error_rate_threshold: float = 0.25
    window_probes: int = 6
    flaps: int = 3
    flap_window_seconds: float = 600.0

    @property
    def run_seconds(self) -> float:
        """How long one run of a prober lives: until the next, started a minute later, has voted and a bit more.

        A run is silent for as many probes as make a vote; see the observer.
        """
        return 60 + (self.misses + 2) * self.probe_seconds


@dataclass(frozen=True, slots=True)
class Lease:
    """The time-limited right to write.

    ``margin_seconds`` bounds clock drift over one lease and the time of one commit: the gate closes that
    much before the lease ends, and a promotion waits that much after it.
    """

    lease_seconds: float
    margin_seconds: float
    renew_seconds: float


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A weekly window, in UTC, in which nothing fails over by itself; ``region`` ``None`` means every region."""

    weekday: str
    begins: str
    minutes: int
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Veto:
    """Who may refuse an incident before it acts: a function that is asked, or whoever answers an event.

    Silence for ``seconds`` is no veto: a hook that is down must not keep a product down.
    """

    function_arn: str | None = None
    event_bus: str | None = None
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Policy:
    """What automatic failover may do and when.

    ``dwell_seconds`` is for a region that only serves traffic, ``database_dwell_seconds`` where a database must
    move. A flapping region must be down for ``flapping_dwell_seconds``. ``incident_lease_seconds`` is how long an
    incident's owner may be silent before another control region takes over. An approval or a consent that nobody
    gave within its time is refused.
    """

    automation: Automation
    dwell_seconds: float
    cool_down_seconds: float
    observers: int
    database_dwell_seconds: float = 12.0
    flapping_dwell_seconds: float = 60.0
    incident_lease_seconds: float = 30.0
    approval_seconds: float = 900.0
    consent_seconds: float = 3600.0
    bake_seconds: float = 10.0
    maintenance: tuple[Maintenance, ...] = ()
    veto: Veto | None = None


@dataclass(frozen=True, slots=True)
class Targets:
    """The product's objectives: recovery time, recovery point, detection."""

    rto_seconds: int
    rpo_seconds: int
    detection_seconds: int
