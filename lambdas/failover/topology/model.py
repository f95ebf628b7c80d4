"""The compiled topology: frozen, validated before it comes here, and the same for every reader.

The YAML document that people write is validated elsewhere (``topology_document``); functions get its
compiled form as JSON, so that nothing in a function can disagree about what a product is.
All durations are seconds, as their names say.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from failover.topology.companions import Cache, Worker
from failover.topology.policy import Automation, Lease, Observation, Policy, Targets


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
    AURORA_POSTGRES = "aurora-postgres"
    SELF_MANAGED_POSTGRES = "postgres"

    @property
    def managed_rejoin(self) -> bool:
        """Whether the service itself brings the other copies behind a new writer."""
        return self is Engine.AURORA_POSTGRES


class RoutePolicy(StrEnum):
    """Route 53's routing policies that a route may ask for."""

    LATENCY = "latency"
    FAILOVER = "failover"
    WEIGHTED = "weighted"
    GEOLOCATION = "geolocation"
    GEOPROXIMITY = "geoproximity"
    MULTIVALUE = "multivalue"


@dataclass(frozen=True, slots=True)
class Capacity:
    """The nodes of a region: as many as run, and as many as it may have when it takes over.

    ``needed_nodes`` are those that its own users need; what runs beyond them is there when a region is lost, and
    nobody waits for instances to start. ``None``: all that run are needed.
    """

    nodes: int = 2
    most_nodes: int = 6
    needed_nodes: int | None = None

    @property
    def needed(self) -> int:
        """How many nodes the region's own users need."""
        return self.nodes if self.needed_nodes is None else self.needed_nodes


@dataclass(frozen=True, slots=True)
class Site:
    """What a region has that is none of AWS: a provider's machines, reached by addresses that do not change.

    Sites with the same ``pair`` stand in one place with two providers: what is lost in one goes to the other first.
    ``near`` is the AWS region whose distances stand for the site's. Its agent listens at ``agent_port``.
    """

    provider: str
    pair: str
    near: str
    addresses: tuple[str, ...]
    agent_port: int = 8443


@dataclass(frozen=True, slots=True)
class Region:
    """One region that serves the product, of AWS unless ``site`` says otherwise; ``zone`` is its residency zone."""

    name: str
    role: Role
    zone: str
    cidr: str
    capacity: Capacity = Capacity()
    site: Site | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """One database: its data-set kind, where it was born, and where its replicas are.

    ``rpo_seconds`` is the greatest loss that may happen without recorded consent. Databases with the same word in
    ``together`` move together or hold; ``automation`` is how much may happen to it without a person. ``also_in`` are
    zones beside its own that copies may be in: of data that may be replicated anywhere there. At a site its server
    listens at ``port``.
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
    automation: Automation = Automation.AUTOMATIC
    together: str | None = None
    also_in: tuple[str, ...] = ()
    port: int = 5432

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that holds a copy, the one it was born in first."""
        return (self.born_primary, *self.replicas)

    def may_be_in(self, zone: str) -> bool:
        """Whether the law of its data lets a copy stand in a residency zone."""
        return zone == self.zone or zone in self.also_in


@dataclass(frozen=True, slots=True)
class Route:
    """One public name (relative to the topology's domain) and how it is answered."""

    name: str
    policy: RoutePolicy
    ttl_seconds: int
    regions: tuple[str, ...]
    writes: bool


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
    caches: tuple[Cache, ...] = ()
    workers: tuple[Worker, ...] = ()

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

    def moves_with(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return these databases and all that are declared to move together with one of them, in order."""
        wanted = set(names)
        groups = {each.together for each in self.databases if each.name in wanted and each.together}
        return tuple(each.name for each in self.databases if each.name in wanted or each.together in groups)

    @property
    def region_names(self) -> tuple[str, ...]:
        """The workload regions, the primary first."""
        return tuple(region.name for region in self.regions)

    @property
    def aws_regions(self) -> tuple[str, ...]:
        """The workload regions that are AWS's: those that have stacks, buckets and AWS APIs of their own."""
        return tuple(region.name for region in self.regions if region.site is None)

    def site(self, name: str) -> Site | None:
        """Return what a region is outside AWS; ``None`` of one of AWS's, and of one that serves nothing here."""
        return next((region.site for region in self.regions if region.name == name), None)

    def are_a_pair(self, one: str, other: str) -> bool:
        """Whether two regions are the two providers of one place."""
        first, second = self.site(one), self.site(other)
        return first is not None and second is not None and first.pair == second.pair

    @property
    def primary(self) -> Region:
        """The region that was born primary."""
        return next(region for region in self.regions if region.role is Role.PRIMARY)
