"""The compiled topology: frozen, validated before it comes here, and the same for every reader.

The YAML document that people write is validated elsewhere (``topology_document``); functions get its
compiled form as JSON, so that nothing in a function can disagree about what a product is.
All durations are seconds, as their names say.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a region is born as. Who writes now is a fact of the quorum store, never of a topology."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    ACTIVE = "active"


class DatasetKind(StrEnum):
    """How a data set may be written and whether it may move."""

    SINGLE = "single"
    HOME_REGION = "home-region"
    MULTI = "multi"


class Engine(StrEnum):
    """The database engines that have a promotion driver."""

    RDS_POSTGRES = "rds-postgres"


class RoutePolicy(StrEnum):
    """Route 53's routing policies that a route may ask for."""

    LATENCY = "latency"
    FAILOVER = "failover"
    WEIGHTED = "weighted"
    GEOLOCATION = "geolocation"
    MULTIVALUE = "multivalue"


class Automation(StrEnum):
    """How much the control plane may do by itself."""

    OBSERVE = "observe"
    APPROVE = "approve"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class Region:
    """One AWS region that serves the product; ``zone`` is its residency zone."""

    name: str
    role: Role
    zone: str
    cidr: str


@dataclass(frozen=True, slots=True)
class Database:
    """One database: its data-set kind, where it was born, and where its replicas are.

    ``rpo_seconds`` is the greatest loss that may happen without recorded consent.
    """

    name: str
    engine: Engine
    kind: DatasetKind
    zone: str
    born_primary: str
    replicas: tuple[str, ...]
    rpo_seconds: int
    instance_class: str
    storage_gib: int

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that holds a copy, the one it was born in first."""
        return (self.born_primary, *self.replicas)


@dataclass(frozen=True, slots=True)
class Route:
    """One public name (relative to the topology's domain) and how it is answered."""

    name: str
    policy: RoutePolicy
    ttl_seconds: int
    regions: tuple[str, ...]
    writes: bool


@dataclass(frozen=True, slots=True)
class Observation:
    """How observers probe: period, patience, and the misses that make an ``UNHEALTHY`` vote.

    A vote older than ``fresh_seconds`` is no vote. ``neutral`` are URLs that tell an observer whether it
    can see at all; they must lie outside the regions it observes.
    """

    probe_seconds: float
    timeout_seconds: float
    misses: int
    fresh_seconds: float
    neutral: tuple[str, ...]

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
class Policy:
    """What automatic failover may do and when."""

    automation: Automation
    dwell_seconds: float
    cool_down_seconds: float
    observers: int


@dataclass(frozen=True, slots=True)
class Targets:
    """The product's objectives: recovery time, recovery point, detection."""

    rto_seconds: int
    rpo_seconds: int
    detection_seconds: int


@dataclass(frozen=True, slots=True)
class QuorumPlaces:
    """Where the quorum store lives: replicas in order of preference, and a witness or none."""

    replicas: tuple[str, ...]
    witness: str | None


@dataclass(frozen=True, slots=True)
class Topology:
    """One product, whole."""

    name: str
    account: str
    domain: str
    regions: tuple[Region, ...]
    control_regions: tuple[str, ...]
    quorum: QuorumPlaces
    databases: tuple[Database, ...]
    routes: tuple[Route, ...]
    observation: Observation
    lease: Lease
    policy: Policy
    targets: Targets

    def region(self, name: str) -> Region:
        """Return the region of that name; ``KeyError`` when the topology has none."""
        for region in self.regions:
            if region.name == name:
                return region
        raise KeyError(name)

    def database(self, name: str) -> Database:
        """Return the database of that name; ``KeyError`` when the topology has none."""
        for database in self.databases:
            if database.name == name:
                return database
        raise KeyError(name)

    @property
    def region_names(self) -> tuple[str, ...]:
        """The workload regions, the primary first."""
        return tuple(region.name for region in self.regions)

    @property
    def primary(self) -> Region:
        """The region that was born primary."""
        return next(region for region in self.regions if region.role is Role.PRIMARY)
