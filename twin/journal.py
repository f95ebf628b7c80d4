"""The journal as the stage reads it: in the order in which it learns of lines, by its own clock."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from failover.records import JournalEntry
from rehearsal.facts import Journalled


class JournalReader:
    """Keeps what was read; a line that comes to light late is added at the end.

    ``wall`` is second 0 in Unix seconds. A line written where a drill set the clock wrong carries the wrong time:
    it is put right by that clock's error, since the order of things is what the invariants speak of.
    """

    def __init__(self) -> None:
        self.lines: tuple[Journalled, ...] = ()
        self._known: Counter[tuple[object, ...]] = Counter()

    def read(self, entries: Iterable[JournalEntry], wall: float, skew: Mapping[str, float]) -> None:
        """Take the whole journal as it stands; ``skew`` says whose clocks are wrong now, by how many seconds."""
        seen: Counter[tuple[object, ...]] = Counter()
        new = []
        for entry in entries:
            key = (entry.at, entry.region, entry.kind, entry.text, entry.subject, entry.database)
            seen[key] += 1
            if seen[key] > self._known[key]:
                self._known[key] += 1
                right = replace(entry, at=entry.at - timedelta(seconds=skew.get(entry.region, 0.0)))
                new.append(Journalled(right.at.timestamp() - wall, right))
        self.lines = (*self.lines, *sorted(new, key=lambda each: each.at))
