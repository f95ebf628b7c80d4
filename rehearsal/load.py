"""What load was asked of the product, offered to it and carried by it: before, during and after an outage.

A write counts where it was due and its latency from then on, so that neither a product that is slow nor clients that
are late hide anything: what had to wait for them is measured too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, inf, nextafter
from typing import Final

from rehearsal.history import History, Outcome, Write
from rehearsal.milestones import Milestones
from rehearsal.sightings import Trace

EVERYBODY: Final = "*"


class PhaseName(StrEnum):
    """The parts of a play; one in which nothing breaks has the first alone."""

    BEFORE = "before"
    OUTAGE = "outage"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Carried:
    """Of the writes that were due in some time: how many there were, were sent, and were acknowledged.

    ``failed_share`` is of those that were sent. Fewer ``offered`` than ``asked`` are the clients' own doing, and nobody
    knows whether they would have been carried: ``share`` is of all that were asked. Latencies are those of the
    acknowledged, ``None`` without any.
    """

    asked: int
    offered: int
    acknowledged: int
    asked_per_second: float
    offered_per_second: float
    carried_per_second: float
    share: float
    failed_share: float
    latency_p50_seconds: float | None
    latency_p95_seconds: float | None
    latency_max_seconds: float | None

    def told(self) -> str:
        """Return in words what was carried."""
        unsent = f" ({self.asked - self.offered} not sent)" if self.offered < self.asked else ""
        late = "" if self.latency_p95_seconds is None else f", p95 {self.latency_p95_seconds:.3f} s"
        longest = "" if self.latency_max_seconds is None else f", longest {self.latency_max_seconds:.3f} s"
        return f"{self.acknowledged} of {self.asked}{unsent}{late}{longest}"


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a play, in seconds since it began; ``clients`` is by client group, and ``*`` for all of them."""

    name: PhaseName
    since: float
    until: float
    clients: Mapping[str, Carried]


def phases(history: History, trace: Trace, moments: Milestones) -> tuple[Phase, ...]:
    """Divide a play at what took the service away and at the moment when everybody was served again.

    It is divided as far as these came, and from second 0 to the last write that was due, which is of the last part.
    """
    end = max((each.due for each in history.writes), default=0.0)
    begun = min(_begun(trace, moments, end), end)
    ended = max(begun, min(_ended(trace, moments, end), end))
    times = zip(PhaseName, (0.0, begun, ended), (begun, ended, end), strict=True)
    return tuple(
        Phase(
            name,
            round(since, 3),
            round(until, 3),
            by_group(history.writes, since, nextafter(end, inf) if until == end else until),
        )
        for name, since, until in times
        if since < until
    )


def by_group(writes: Iterable[Write], since: float, until: float) -> dict[str, Carried]:
    """Return what was carried of the writes that were due from ``since`` on and before ``until``."""
    due = [each for each in writes if since <= each.due < until]
    groups = {name: [each for each in due if each.group == name] for name in sorted({each.group for each in due})}
    if due:
        groups[EVERYBODY] = due
    return {name: _carried(each, until - since) for name, each in groups.items()}


def _carried(due: Sequence[Write], seconds: float) -> Carried:
    sent = [each for each in due if each.outcome is not Outcome.UNSENT]
    late = sorted(each.ended_at - each.due for each in sent if each.outcome is Outcome.ACKNOWLEDGED)
    p50, p95, longest = (round(late[ceil(share * len(late)) - 1], 4) if late else None for share in (0.5, 0.95, 1.0))
    return Carried(
        asked=len(due),
        offered=len(sent),
        acknowledged=len(late),
        asked_per_second=round(len(due) / seconds, 2),
        offered_per_second=round(len(sent) / seconds, 2),
        carried_per_second=round(len(late) / seconds, 2),
        share=len(late) / len(due),
        failed_share=(len(sent) - len(late)) / len(sent) if sent else 0.0,
        latency_p50_seconds=p50,
        latency_p95_seconds=p95,
        latency_max_seconds=longest,
    )


def _begun(trace: Trace, moments: Milestones, end: float) -> float:
    if moments.fault is not None:
        return moments.fault
    outages = [each.at for each in trace.faults if each.fault.outage] or [each.at for each in trace.faults]
    return min(outages, default=end if moments.decided is None else moments.decided)


def _ended(trace: Trace, moments: Milestones, end: float) -> float:
    if moments.served is not None:
        return moments.served
    if moments.decided is not None or trace.standing:
        return end
    return max((each.healed_at for each in trace.faults if each.healed_at is not None), default=end)
