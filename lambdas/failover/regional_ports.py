"""What the domain needs of a region's own services: its nodes, its caches, its bucket.

Each is asked in the region that it is about, and the lost region is never asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of a region: how many are in service, how many are wanted, and how many there may be.

    ``refused`` is why no more of them come, in the service's words. ``failure`` is why nothing is known: then the
    numbers mean nothing.
    """

    ready: int = 0
    desired: int = 0
    most: int = 0
    refused: str = ""
    failure: str = ""


class ComputeService(Protocol):
    """The control plane of the nodes of each region."""

    def describe(self, regions: Sequence[str]) -> Mapping[str, Nodes]:
        """Ask several regions at once, each within the same time; never raises for a region's fault."""

    def scale(self, region: str, desired: int) -> None:
        """Ask for a number of nodes; that it was accepted does not mean that they are there.

        Raises:
            CapacityNotReadyError: no clear answer, or another change is under way; ask again.
            CapacityMissingError: the service says that there may not be so many.
        """


@dataclass(frozen=True, slots=True)
class CacheState:
    """A global cache as one region tells of it: the service's status, and the region that takes its writes.

    ``members`` are the regions that hold a copy of it.
    """

    status: str
    primary: str | None
    members: tuple[str, ...]


class CacheService(Protocol):
    """The control plane of the global caches, in the region that is to take the writes."""

    def describe(self, cache: str, region: str) -> CacheState:
        """Raises ``CacheNotPromotedError`` when the service does not answer there, or knows no such cache."""

    def promote(self, cache: str, region: str) -> None:
        """Ask for the region's copy to take the writes; that it was accepted does not mean that it is done.

        Raises:
            CacheNotPromotedError: the service says no for now, or gave no clear answer.
        """


@dataclass(frozen=True, slots=True)
class Replication:
    """Where a region's bucket copies its objects to: the regions of its enabled rules.

    ``failure`` is why nothing is known.
    """

    destinations: frozenset[str] = frozenset()
    failure: str = ""


class ObjectReplication(Protocol):
    """The replication rules of each region's bucket."""

    def describe(self, region: str) -> Replication:
        """Read a bucket's rules, in its region; never raises for the service's fault."""


@dataclass(frozen=True, slots=True)
class RegionalServices:
    """What a region has beside its databases."""

    compute: ComputeService
    caches: CacheService
    objects: ObjectReplication
