"""Lots to be drawn over one topology: its places and names, and the chance of one schedule."""

from collections.abc import Sequence
from random import Random
from typing import Final, TypeVar

from failover.topology import DatasetKind, Topology
from rehearsal.form.entries import EVERYWHERE

T = TypeVar("T")

WRITERS_SHARE: Final = 0.5
"""How often the writer's region is drawn of all: what happens there matters most."""


class Lots:
    """One schedule's chance. ``writer`` is the region that is born writer of ``database``, the first that can move."""

    def __init__(self, topology: Topology, chance: Random) -> None:
        self.chance = chance
        self.random = chance.random
        self.topology = topology
        self.regions = topology.region_names
        self.control_regions = topology.control_regions
        self.store_places = topology.quorum.replicas + tuple(filter(None, (topology.quorum.witness,)))
        self.store_replicas = topology.quorum.replicas
        self.databases = tuple(each for each in topology.databases if each.kind is DatasetKind.SINGLE)
        self.writer = self.databases[0].born_primary if self.databases else topology.primary.name
        self.others = tuple(region for region in self.regions if region != self.writer)

    def happens(self, share: float) -> bool:
        """Whether something happens that happens in such a share of all schedules."""
        return self.random() < share

    def one(self, of: Sequence[T]) -> T:
        """One of several, each as likely as the others."""
        return of[int(self.random() * len(of))]

    def between(self, least: float, most: float) -> float:
        """Seconds, each as likely as the others, to the millisecond."""
        return round(least + (most - least) * self.random(), 3)

    def spread(self, least: float, most: float) -> float:
        """Seconds, each order of magnitude as likely as the others, to two digits after the point."""
        return round(float(least * (most / least) ** self.random()), 2)

    def times(self, most: int) -> int:
        """How often; each more is half as likely."""
        number = 1
        while number < most and self.random() < 0.5:
            number += 1
        return number

    def region(self) -> str:
        """A workload region, the writer's more often than others."""
        return self.writer if self.random() < WRITERS_SHARE else self.one(self.regions)

    def control_region(self) -> str:
        """A control region."""
        return self.one(self.control_regions)

    def anywhere(self, of: Sequence[str]) -> str:
        """One of several places, or all of them."""
        return EVERYWHERE if self.random() < 0.4 else self.one(of)

    def copy(self) -> tuple[str, str]:
        """A database and the region of one of its copies, the writer's more often than others."""
        database = self.one(self.databases)
        return database.name, database.born_primary if self.random() < WRITERS_SHARE else self.one(database.regions)

    def replica(self) -> tuple[str, str]:
        """A database and the region of one of its replicas, or of all."""
        database = self.one(self.databases)
        return database.name, self.anywhere(database.replicas)
