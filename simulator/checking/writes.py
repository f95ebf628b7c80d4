"""Acknowledged writes as they are heard of: thousands of them, few of which are news to any invariant."""

from dataclasses import dataclass

from failover.invariants import Acknowledged, Judgement
from simulator.checking.gates import Gates
from simulator.checking.history import Timeline, Write


@dataclass(slots=True)
class Span:
    """The writes of one epoch, as far as they were heard of; one more between ``first`` and ``last`` is no news."""

    region: str
    timeline: Timeline
    first: float
    last: float
    shown: float
    overtaken: bool = False


class Writes:
    """Shows to the invariants the first write of each epoch, whatever is out of order, and the newest when it counts.

    An epoch is overtaken by a newer one's first write: from then on each of its writes is shown.
    """

    def __init__(self, judgement: Judgement, gates: Gates) -> None:
        self._judgement, self._gates = judgement, gates
        self._spans: dict[tuple[str, int], Span] = {}
        self.passed = 0

    def heard(self, database: str, write: Write) -> None:
        """A client has heard of its write."""
        at, key = write.at, (database, write.epoch)
        span = self._spans.get(key)
        if span is None or span.region != write.region or at < span.first or span.overtaken:
            span = self._show(database, write)
        else:
            self.passed += 1
            span.last = at if at > span.last else span.last
        if write.timeline is not span.timeline:
            self._judgement.complain("I1", at, f"{database}: epoch {write.epoch} was written on two timelines")
        if key in self._gates.said_shut and at > self._gates.said_shut[key][0]:
            since, said = self._gates.said_shut[key]
            who = f"{database}: {write.region} committed under epoch {write.epoch} at {at:.2f} s"
            self._judgement.complain("I2", at, f"{who}, {said} since {since:.2f} s")

    def show_newest(self) -> None:
        """Show the newest write of each epoch, since what comes next is judged by when that was."""
        for (database, epoch), span in self._spans.items():
            if span.last > span.shown:
                span.shown = span.last
                self.passed -= 1
                self._judgement.record(Acknowledged(span.last, database, span.region, epoch), span.last)

    def _show(self, database: str, write: Write) -> Span:
        self.show_newest()
        at, epoch, region = write.at, write.epoch, write.region
        self._judgement.record(Acknowledged(at, database, region, epoch), at)
        span = self._spans.setdefault((database, epoch), Span(region, write.timeline, at, at, at))
        span.first, span.last = min(span.first, at), max(span.last, at)
        span.shown = span.last
        epochs = [other for name, other in self._spans if name == database]
        for other in epochs:
            self._spans[database, other].overtaken = other < max(epochs)
        return span
