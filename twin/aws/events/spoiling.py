"""Events that are delivered twice, late, in another order, or hours after they were sent.

EventBridge promises delivery at least once, in no order, for up to 24 hours ("Amazon EventBridge quotas", "How
EventBridge retries delivering events"): a drill makes it happen.
"""

import contextvars
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from twin.aws.outages.rules import ANYWHERE
from twin.aws.threads import Threads

Event = dict[str, Any]
Deliver = Callable[[Event], None]


class Spoiling(StrEnum):
    """What becomes of an event between its sender and the rules."""

    DUPLICATED = "duplicated"
    """Delivered at once, and again so many seconds later."""
    DELAYED = "delayed"
    """Delivered so many seconds later."""
    REORDERED = "reordered"
    """Gathered for so many seconds, then delivered newest first."""


@dataclass(slots=True)
class _Gathered:
    events: list[tuple[Event, contextvars.Context]] = field(default_factory=list)


class Spoiler:
    """Stands between senders and rules; safe to use from several threads."""

    def __init__(self, threads: Threads, deliver: Deliver) -> None:
        self._threads = threads
        self._deliver = deliver
        self._by_region: dict[str, tuple[Spoiling, float]] = {}
        self._gathered: dict[str, _Gathered] = {}

    def spoil(self, how: Spoiling, seconds: float, region: str = ANYWHERE) -> None:
        """Spoil what is sent from now on; one way for a region at a time, ``*`` where it has none of its own."""
        self._by_region[region] = (how, seconds)

    def mend(self, region: str = ANYWHERE) -> None:
        """Deliver as it is sent again; what is under way still comes late."""
        self._by_region.pop(region, None)

    def pass_on(self, event: Event) -> None:
        """Deliver an event of a region as that region's events are delivered now."""
        region = str(event["Region"])
        spoiled = self._by_region.get(region) or self._by_region.get(ANYWHERE)
        if spoiled is None:
            self._deliver(event)
            return
        match spoiled:
            case (Spoiling.DUPLICATED, seconds):
                self._deliver(event)
                self._threads.start("twin-aws-event-again", self._later, seconds, [event])
            case (Spoiling.DELAYED, seconds):
                self._threads.start("twin-aws-event-late", self._later, seconds, [event])
            case (_, seconds):
                self._gather(region, event, seconds)

    def stale(self, events: list[Event], seconds: float) -> None:
        """Deliver old events again, newest first, as if each had been sent ``seconds`` before now."""
        sent = int(time.time() - seconds)
        for event in reversed(events):
            self._deliver({**event, "Time": sent})

    def _later(self, seconds: float, events: list[Event]) -> None:
        self._threads.sleep(seconds)
        for event in events:
            self._deliver(event)

    def _gather(self, region: str, event: Event, seconds: float) -> None:
        gathered = self._gathered.setdefault(region, _Gathered())
        # In the sender's context, which says whose account and region it is.
        gathered.events.append((event, contextvars.copy_context()))
        if len(gathered.events) == 1:
            self._threads.start("twin-aws-events-shuffled", self._release, region, seconds)

    def _release(self, region: str, seconds: float) -> None:
        self._threads.sleep(seconds)
        gathered = self._gathered.pop(region)
        for event, context in reversed(gathered.events):
            context.run(self._deliver, event)
