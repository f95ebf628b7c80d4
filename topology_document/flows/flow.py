"""One thing that goes from one place to another, and the zones that its law lets it go to."""

from dataclasses import dataclass
from enum import StrEnum

from topology_document.document import TopologyDocument
from topology_document.findings import Path


class FlowKind(StrEnum):
    """What goes; the words stand in messages."""

    REPLICATION = "copies of a database"
    CACHE = "copies of a cache"
    TABLE = "items of a table"
    OBJECTS = "copies of objects"
    MODEL = "versions of a model"
    BACKUP = "copies of backups"
    LOGS = "logs"
    PUBLICATION = "published rows"
    USERS = "users"
    METRICS = "sums of metrics"
    AUDIT = "records of what was done"
    CONTROL = "votes, roles and leases"
    CALLS = "calls of a service"
    PACKETS = "a way between networks"


@dataclass(frozen=True, slots=True)
class Place:
    """A region with its residency zone; one that serves nothing here is in no zone."""

    name: str
    zone: str | None

    def __str__(self) -> str:
        return f"{self.name} ({self.zone or 'no zone'})"


@dataclass(frozen=True, slots=True)
class Flow:
    """What goes from where to where, and which key of the document says so.

    ``lawful`` are the zones that it may go to; ``None`` says that nothing in it leads to a person.
    """

    kind: FlowKind
    what: str
    path: Path
    source: Place
    target: Place
    lawful: tuple[str, ...] | None

    @property
    def is_lawful(self) -> bool:
        """Whether it stays where its law wants it."""
        return self.lawful is None or self.target.zone in self.lawful


@dataclass(frozen=True, slots=True)
class Product:
    """A document with what flows are told by: the zone of a place, and the region that is born primary."""

    document: TopologyDocument

    @property
    def regions(self) -> list[str]:
        """The workload regions."""
        return list(self.document.regions)

    def place(self, region: str) -> Place:
        """Return a region with its zone."""
        declared = self.document.regions.get(region)
        return Place(region, declared.zone if declared else None)

    def inside(self, zone: str) -> list[str]:
        """Return the regions of a zone."""
        return [name for name, region in self.document.regions.items() if region.zone == zone]

    def flow(self, kind: FlowKind, what: str, path: Path, ends: tuple[str, str], *, personal: bool) -> Flow:
        """Return a flow between two regions; ``personal``: it stays in the zone of its source."""
        source, target = (self.place(end) for end in ends)
        home = () if source.zone is None else (source.zone,)
        return Flow(kind, what, path, source, target, home if personal else None)
