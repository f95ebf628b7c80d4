"""What goes with a database to where it is written: caches, and what works by itself."""

from dataclasses import dataclass
from enum import StrEnum


class CacheTier(StrEnum):
    """``global``: one global datastore, moved with its writer. ``regional``: each region fills its own.

    ``neighbour``: each region fills its own, of which its neighbour has a copy to read; none of them is moved.
    """

    GLOBAL = "global"
    NEIGHBOUR = "neighbour"
    REGIONAL = "regional"


@dataclass(frozen=True, slots=True)
class Cache:
    """One cache: its tier, where a global one was born, and where its copies are."""

    name: str
    tier: CacheTier
    born_primary: str
    replicas: tuple[str, ...]
    node_type: str = "cache.r7g.large"

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that holds a copy, the one it was born in first."""
        return (self.born_primary, *self.replicas)

    @property
    def declared(self) -> str:
        """Its name in the document, which has one for the caches of all neighbours."""
        return self.name.removesuffix(f"-{self.born_primary}") if self.tier is CacheTier.NEIGHBOUR else self.name


class WorkerKind(StrEnum):
    """What runs by itself in each region, and may work only where its database is written."""

    SCHEDULER = "scheduler"
    CONSUMER = "consumer"


@dataclass(frozen=True, slots=True)
class Worker:
    """A scheduler or a queue consumer that obeys the lease of a database."""

    name: str
    kind: WorkerKind
    database: str
