"""What an invariant is: a promise that is judged record by record, in the order in which things happened.

Each one names what can break it, so that nothing else is shown to it, and remembers just what it needs to judge the
next record. A whole play is judged by showing it all its records; a play that still goes on, by showing it each as it
comes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from failover.invariants.chronicle import Complaint
from failover.records import JournalEntry
from failover.topology import Topology

PATIENCE_SECONDS: Final = 2.0
"""A step reads before it writes, and no read covers two items: what changed in between came too late for it."""

Lines = Mapping[str, Callable[[JournalEntry, float], None]]
Records = Mapping[type, Callable[[Any, float], None]]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a play is judged by: its topology, second 0 in Unix seconds, and how long a step may take to write."""

    topology: Topology
    began: float = 0.0
    patience_seconds: float = PATIENCE_SECONDS

    def seconds(self, moment: datetime) -> float:
        """A moment in the play's seconds."""
        return moment.timestamp() - self.began


class Invariant:
    """One promise. ``checked`` counts what it looked at: an invariant of nothing proves nothing."""

    number: ClassVar[str]
    name: ClassVar[str]

    def __init__(self, setting: Setting, broken: list[Complaint]) -> None:
        self.setting, self.topology = setting, setting.topology
        self.checked = 0
        self.complaints: dict[str, float] = {}
        self._broken = broken

    def effects(self) -> Lines:
        """The kinds of effects that it judges: what happened, told by a line of the journal or by the store itself."""
        return {}

    def lines(self) -> Lines:
        """The kinds of lines that it judges as the journal has them; ``*`` is every kind."""
        return {}

    def records(self) -> Records:
        """The other records that it judges."""
        return {}

    def ended(self, at: float, *, running: bool) -> None:
        """Judge what only the end can tell; ``running`` says that the play was cut short."""

    def complain(self, at: float, why: str) -> None:
        """Say why it does not hold; the same is said once."""
        if why not in self.complaints:
            self.complaints[why] = at
            self._broken.append(Complaint(self.number, why, at))
