"""Hears what happens in a world, and notes when the events have come upon which steps of a scenario are due."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from rehearsal.form import Event
from rehearsal.form.entries import EVERYWHERE


class Listener(Protocol):
    """Whoever is told what happens, in the moment in which it happens."""

    def heard(self, kind: str, name: str, region: str) -> None:
        """An execution in a region ``entered`` or ``left`` a state, or an item or line was written from there."""


class Hearing:
    """Counts what happens from its making on; ``came`` hears once of each awaited event."""

    def __init__(self, awaited: Iterable[Event], came: Callable[[Event], None]) -> None:
        self.awaited = list(awaited)
        self._came = came
        self._seen: Counter[tuple[str, str, str]] = Counter()

    def heard(self, kind: str, name: str, region: str) -> None:
        """As ``Listener``."""
        if not self.awaited:
            return
        for place in (region, EVERYWHERE):
            self._seen[kind, name, place] += 1
        for event in [each for each in self.awaited if (each.kind, each.name) == (kind, name)]:
            if event.region in (region, EVERYWHERE) and self._seen[kind, name, event.region] >= event.nth:
                self.awaited.remove(event)
                self._came(event)
