"""The tails of old writers in memory: what a copy would tell, and the shelf that keeps it."""

from dataclasses import dataclass, field

from failover.ports import Clock
from failover.tails import TailPart, TailPoint

BYTES_A_CHANGE = 100
MOST_CHANGES = 50


@dataclass(slots=True)
class MemoryShelf:
    """``tails.TailShelf`` of one region."""

    region: str
    files: dict[str, bytes] = field(default_factory=dict)

    def keep(self, name: str, lines: bytes) -> str:
        self.files[name] = lines
        return f"memory://{self.region}/{name}"


def tail_of(end: int, slot: int | None, position: int | None, at: TailPoint | None, clock: Clock) -> TailPart:
    """Return a part of what a copy that has written until ``end`` has beyond ``position``."""
    if slot is None:
        return TailPart(b"", 0, 0, None, None, "the slot is not there", None)
    gap = None
    if position is None:
        gap = "where the new writer's history forked is not known"
    elif at is None and slot > position:
        gap = f"the slot begins {slot - position} bytes after the new writer's history forked"
    begins = max(position or 0, slot, at.position if at else 0)
    changes = range(begins + BYTES_A_CHANGE, end + 1, BYTES_A_CHANGE)[:MOST_CHANGES]
    lines = "".join(f'{{"commit_lsn": "0/{lsn:X}"}}\n' for lsn in changes)
    rest = TailPoint(changes[-1]) if changes and end - changes[-1] >= BYTES_A_CHANGE else None
    now = clock.now() if changes else None
    return TailPart(lines.encode(), len(changes), len(changes), now, now, gap, rest)
