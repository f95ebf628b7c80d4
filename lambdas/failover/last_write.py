"""Last write wins, by the application's time: the policy of a table with ``conflict: timestamp``.

Each region writes an item of its own, so that no two regions ever write one item and the table's own last-writer-wins,
which goes by arrival, has nothing to decide. What a thing *is* is the latest of its items: by time, and of equal times
by the region's name. Whoever writes stamps later than all that it has read, however its clock stands, so that a change
of what was read is never lost to it; only writes that know nothing of each other are decided by clocks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

SMALLEST: Final = timedelta(microseconds=1)
MOST_AHEAD: Final = timedelta(minutes=5)
"""A clock that is further ahead than this is broken: its writes would win for so long."""


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """When a thing was written, and in which region; of any two stamps one is the later, everywhere the same."""

    at: datetime
    writer: str

    def __str__(self) -> str:
        """Return the text whose order is the stamps' order."""
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z#{self.writer}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str`` wrote; ``ValueError`` for anything else."""
        at, _, writer = text.partition("#")
        return cls(datetime.fromisoformat(at), writer)


@dataclass(frozen=True, slots=True)
class Written:
    """What one region last wrote of a thing; ``None`` is that it is gone, which is a write like any other."""

    stamp: Stamp
    value: Any


class ClockAheadError(Exception):
    """A region's time is so far ahead of this one's that its writes cannot be believed to be later."""


def latest(items: Iterable[Written]) -> Written | None:
    """Return the one that counts, whatever order they came in."""
    return max(items, key=lambda item: item.stamp, default=None)


def next_stamp(writer: str, now: datetime, read: Written | None) -> Stamp:
    """Return the stamp of a write that knows what was read.

    Raises:
        ClockAheadError: what was read is stamped further ahead of this clock than clocks may be apart.
    """
    if read is None or read.stamp.at < now:
        return Stamp(now, writer)
    if read.stamp.at > now + MOST_AHEAD:
        raise ClockAheadError(
            f"{read.stamp.writer} wrote at {read.stamp.at.isoformat()}, and here it is {now.isoformat()}: more than "
            f"{MOST_AHEAD.total_seconds():.0f} s apart; look at both clocks"
        )
    return Stamp(read.stamp.at + SMALLEST, writer)
