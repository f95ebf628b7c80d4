"""What databases that never move share with each other: tables, column by column and row by row."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SharedTable:
    """One table: only ``columns`` of it leave, and only rows with the values of ``where``.

    ``key`` tells a row from all others. ``home`` is the column that names the region in which a row was made; with
    it a region publishes its own rows alone. ``personal`` are the columns that lead to a person. ``filled_from`` is
    the table that this one is filled from as it is written.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    personal: tuple[str, ...] = ()
    home: str | None = None
    where: dict[str, str | int | bool] = field(default_factory=dict)
    filled_from: str | None = None

    def conditions(self, region: str) -> dict[str, str | int | bool]:
        """Return what a row of a region must hold to be published."""
        return {**({self.home: region} if self.home else {}), **self.where}

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that an old row is told by: the key, and those that decide whether it was published."""
        more = [column for column in (self.home, *self.where) if column is not None and column not in self.key]
        return (*self.key, *more)


@dataclass(frozen=True, slots=True)
class End:
    """A database in the region that it never leaves."""

    database: str
    region: str


@dataclass(frozen=True, slots=True)
class Sharing:
    """One publication: the same tables of each publisher, received by each subscriber from every other."""

    name: str
    publishers: tuple[End, ...]
    subscribers: tuple[End, ...]
    tables: tuple[SharedTable, ...]

    def sources_of(self, database: str) -> tuple[End, ...]:
        """Return whom a database receives from; nobody, where it subscribes to nothing."""
        if database not in {each.database for each in self.subscribers}:
            return ()
        return tuple(each for each in self.publishers if each.database != database)

    def publishes(self, database: str) -> bool:
        """Whether a database is one of the publishers."""
        return database in {each.database for each in self.publishers}


@dataclass(frozen=True, slots=True)
class SharingState:
    """What an end of a sharing says of itself: what is ``wrong``, and what is worth knowing."""

    wrong: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()


class SharingStep(StrEnum):
    """What an end may be asked for."""

    PUBLISH = "publish"
    SUBSCRIBE = "subscribe"
    LOOK = "look"


class SharingAgent(Protocol):
    """The functions beside the databases; a call raises ``DatabaseUnreachableError`` when none answers."""

    def share(self, end: End, step: SharingStep, sharing: Sharing) -> SharingState:
        """Have one end take a step."""


class SharingEnd(Protocol):
    """One database as an end of sharings, spoken to in SQL from inside its own region.

    Every call raises ``DatabaseUnreachableError`` when it does not answer in time, ``FatalError`` when PostgreSQL
    refuses what is asked of it.
    """

    def publish(self, sharing: Sharing) -> SharingState:
        """Make the publication say exactly this; safe to repeat."""

    def subscribe(self, sharing: Sharing) -> SharingState:
        """Receive from every publisher, what is there already included; safe to repeat."""

    def look(self, sharing: Sharing) -> SharingState:
        """Say what is wrong, and change nothing."""
