"""What a change of writer cost the clients: for how long nobody could write, and what was lost."""

from dataclasses import dataclass
from itertools import pairwise

from simulator.world.databases import Branch
from simulator.world.world import World


@dataclass(frozen=True, slots=True)
class Recovery:
    """One change of a database's writer, as its clients met with it.

    ``pause_seconds`` is from the last acknowledged write under the old epoch to the first under the new one, and
    ``lost_seconds`` how old the oldest lost one was at the end of the old epoch; 0 where none was.
    """

    database: str
    pause_seconds: float
    lost_seconds: float


def recoveries(world: World) -> tuple[Recovery, ...]:
    """Return every change of writer that clients saw the end of."""
    found = []
    for record in world.records:
        writes = [each for each in world.recorder.writes if each.database == record.name and each.epoch is not None]
        writes.sort(key=lambda each: each.committed_at or 0.0)
        final = world.copies[record.name, record.writer].history
        for before, after in pairwise(writes):
            if before.committed_in == after.committed_in:
                continue
            last, first = before.committed_at or 0.0, after.committed_at or 0.0
            lost = [
                each.committed_at or 0.0
                for each in writes
                if each.epoch == before.epoch
                and isinstance(each.branch, Branch)
                and not final.contains(each.branch, each.position or 0)
            ]
            found.append(Recovery(record.name, first - last, last - min(lost) if lost else 0.0))
    return tuple(found)
