"""Recovery time in its parts, loss, and the control plane's own share: computed, never stated."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from failover.records import IncidentState
from failover.topology import Topology
from rehearsal.history import History, Outcome, Verdict, Write
from rehearsal.load import Phase, phases
from rehearsal.milestones import Milestones, milestones
from rehearsal.sightings import Trace, spans

PARTS: Final = ("detect", "decide", "fence", "promote", "shift", "client_ttl")
LEASE_STATE: Final = "AwaitLease"


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds from the fault to the last client group's first acknowledged write, and its parts.

    The parts add up to the whole. A part is ``None`` where its moment was never seen; the next one then
    counts from the moment before. All is ``None`` where no failover was decided.
    """

    rto_seconds: float | None = None
    rto_parts: Mapping[str, float | None] = field(default_factory=lambda: dict.fromkeys(PARTS))


@dataclass(frozen=True, slots=True)
class Rpo:
    """Acknowledged writes and those of them that are gone.

    An age counts back from the last write that the old writer acknowledged before the outage.
    """

    acknowledged: int
    lost: int
    newest_lost_age_seconds: float | None = None
    oldest_lost_age_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """What a play came to; ``write_pause_seconds`` is ``None`` where no write was ever acknowledged."""

    moments: Milestones
    recovery: Recovery
    rpo: Rpo
    control_plane_share_seconds: float | None
    invariants: Mapping[str, Verdict]
    write_pause_seconds: float | None = None
    load: Sequence[Phase] = ()


def measure(topology: Topology, history: History, trace: Trace) -> Measures:
    """Compute all measures of a play."""
    moments = milestones(topology, history, trace)
    share = own_share(history, trace, moments)
    pause, load = write_pause(history), phases(history, trace, moments)
    return Measures(moments, recovery(moments), loss(history.writes, moments), share, history.invariants, pause, load)


def recovery(moments: Milestones) -> Recovery:
    """Divide the time from fault to service at the moments between, each no earlier than the one before."""
    served = moments.served
    begun = moments.fault if moments.fault is not None else moments.decided
    if begun is None:
        return Recovery()
    ends = (moments.detected, moments.decided, moments.stopped, moments.admitted, moments.moved, served)
    parts: dict[str, float | None] = dict.fromkeys(PARTS)
    last = begun
    for part, end in zip(PARTS, ends, strict=True):
        if end is None:
            continue
        # Traffic that moved before the writer was admitted costs nothing more, and one group's late answer
        # does not count after that very group was served.
        bounded = max(last, end if served is None else min(end, served))
        parts[part] = round(bounded - last, 3)
        last = bounded
    return Recovery(None if served is None else round(served - begun, 3), parts)


def loss(writes: Sequence[Write], moments: Milestones) -> Rpo:
    """Count what was acknowledged and what of it is gone, and say how old that was when the outage began."""
    acknowledged = [each for each in writes if each.outcome is Outcome.ACKNOWLEDGED]
    lost = [each.ended_at for each in acknowledged if each.lost]
    if not lost:
        return Rpo(len(acknowledged), 0)
    old = [each.ended_at for each in acknowledged if each.committed_in == moments.subject]
    began = max([*old, *lost])
    return Rpo(len(acknowledged), len(lost), round(began - max(lost), 3), round(began - min(lost), 3))


def write_pause(history: History) -> float | None:
    """Return the longest time, in seconds, in which no client group had a write acknowledged.

    It is looked for from second 0 to the last write that any client sent; ``None`` without any acknowledgement.
    """
    at = sorted(each.ended_at for each in history.writes if each.outcome is Outcome.ACKNOWLEDGED)
    if not at:
        return None
    end = max(each.sent_at for each in history.writes)
    moments = [0.0, *(each for each in at if each > 0.0), end]
    return round(max((later - earlier for earlier, later in itertools.pairwise(moments)), default=0.0), 3)


def own_share(history: History, trace: Trace, moments: Milestones) -> float | None:
    """Return the seconds from the decision to the end of the last state, without what it only waited for.

    That is the wait for the lease, for an operator, and for PostgreSQL between an accepted promotion call and
    its being done.
    """
    if moments.decided is None or moments.admitted is None:
        return None
    mine = [span for span in history.states if span.entered >= moments.decided and span.left is not None]
    end = max((span.left for span in mine if span.left is not None), default=moments.admitted)
    waits = [(span.entered, span.left or end) for span in mine if span.state == LEASE_STATE]
    waits += [(each.at, each.done_at) for each in history.promotions if each.accepted and each.done_at is not None]
    waits += [
        (since, until)
        for since, until, state in spans(trace.incident, "incident", end)
        if state is IncidentState.WAITING
    ]
    return round(max(0.0, end - moments.decided - _covered(waits, moments.decided, end)), 3)


def _covered(waits: Iterable[tuple[float, float]], since: float, until: float) -> float:
    """Return how much of a span the waits cover, where they overlap counted once."""
    covered, last = 0.0, since
    for start, end in sorted(waits):
        begin, stop = max(start, last), min(end, until)
        if stop > begin:
            covered, last = covered + stop - begin, stop
    return covered
