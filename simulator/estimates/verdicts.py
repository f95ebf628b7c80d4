"""Which of a topology's targets are in reach, why the others are not, and what would reach them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from failover.topology import Topology
from simulator.estimates.changes import Change, Kind, changes
from simulator.estimates.estimate import DETECT, Estimate, Spread
from simulator.estimates.runs import UNENDED

Estimating = Callable[[Topology], Estimate]
MOST_CHANGES: Final = 12
GAINS: Final = 0.01
"""A change that gains less than this share of the time is left out."""


class Target(StrEnum):
    """What a topology promises."""

    DETECTION = "detection"
    RECOVERY = "recovery"
    LOSS = "loss"


HELPS: Final = {
    Target.DETECTION: (Kind.MISSES, Kind.PROBES),
    Target.RECOVERY: tuple(Kind),
    Target.LOSS: (Kind.LEASE, Kind.ENGINE),
}
"""The changes that may help. What may be lost depends on the lease, which bounds it, and on the engine."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Some changes together, and the 95th percentile in seconds to which they bring a target."""

    changes: tuple[Change, ...]
    seconds: float
    reaches: bool

    @property
    def keys(self) -> dict[str, str]:
        """The document's keys, each with the last of its new values."""
        return {key: value for change in self.changes for key, value in change.keys.items()}

    @property
    def prices(self) -> list[str]:
        """What they cost, each once."""
        return list(dict.fromkeys(change.price for change in self.changes))

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        p95 = round(self.seconds, 3) if self.seconds < UNENDED else None
        return {"keys": self.keys, "prices": self.prices, "p95": p95, "reaches": self.reaches}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target: what is promised, what is reached at the 95th percentile, and why it is not more.

    ``alone`` are changes of one kind each of which reaches it; ``together`` is tried where there is none: the longest
    part is changed first, until the target is reached or nothing gains any more.
    """

    target: Target
    promised_seconds: float
    reached: Spread
    why: str
    alone: tuple[Attempt, ...] = ()
    together: Attempt | None = None

    @property
    def in_reach(self) -> bool:
        """Whether 95 of 100 plays kept it."""
        return self.reached.p95 <= self.promised_seconds

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "promised_seconds": self.promised_seconds,
            "in_reach": self.in_reach,
            "reached": self.reached.as_json(),
            "why": self.why,
            "any_of": [each.as_json() for each in self.alone],
            "all_of": self.together.as_json() if self.together is not None else None,
        }


def verdicts(estimated: Estimate, estimating: Estimating) -> list[Verdict]:
    """Judge every target of a topology.

    ``estimating`` plays what may help: it may take fewer plays, but for each topology the same seeds, so that two
    topologies differ in nothing but what was changed.
    """
    promised = estimated.topology.targets
    seconds = {
        Target.DETECTION: promised.detection_seconds,
        Target.RECOVERY: promised.rto_seconds,
        Target.LOSS: promised.rpo_seconds,
    }
    return [_verdict(target, float(seconds[target]), estimated, estimating) for target in Target]


def reached(target: Target, estimated: Estimate) -> Spread:
    """Return what the plays say of one target.

    A play that did not end by itself kept none: it may wait for a person to consent to what would be lost.
    """
    if target is Target.RECOVERY:
        return estimated.recovery
    if target is Target.LOSS:
        return Spread.of(run.lost_seconds if run.ended else UNENDED for run in estimated.runs)
    return Spread.of(run.parts[DETECT] if run.ended else UNENDED for run in estimated.runs)


def _verdict(target: Target, promised: float, estimated: Estimate, estimating: Estimating) -> Verdict:
    now = reached(target, estimated)
    why = _why(target, estimated)
    if now.p95 <= promised:
        return Verdict(target, promised, now, why)
    unchanged = estimating(estimated.topology)
    alone = _alone(target, promised, unchanged, estimating)
    together = None if alone else _together(target, promised, unchanged, estimating)
    return Verdict(target, promised, now, why, tuple(alone), together)


def _why(target: Target, estimated: Estimate) -> str:
    if estimated.unended:
        rules = ", ".join(f"{count} {_under(rule)}" for rule, count in estimated.unended.items())
        return f"{sum(estimated.unended.values())} of {len(estimated.runs)} plays did not end by themselves: {rules}"
    if target is Target.DETECTION:
        watched, observers = estimated.topology.observation, estimated.topology.policy.observers
        return f"{watched.misses} misses of a probe every {watched.probe_seconds:g} s, seen by {observers} observers"
    if target is Target.LOSS:
        bound = f"; up to {estimated.bound.p95:.1f} s could not be ruled out" if estimated.bound is not None else ""
        return f"what the replica had not received{bound}"
    part = estimated.by_size[0]
    return f"the longest part is {part}: {estimated.parts[part].p95:.1f} s at the 95th percentile"


def _under(rule: str) -> str:
    return f"opened under {rule}" if rule else "without an incident"


def _alone(target: Target, promised: float, estimated: Estimate, estimating: Estimating) -> list[Attempt]:
    found = []
    for kind in HELPS[target]:
        step, steps = changes(estimated.topology).get(kind), list[Change]()
        if step is not None and target is Target.RECOVERY and promised < estimated.without(step.part) < UNENDED:
            continue  # if that part took no time at all it would still not do
        while step is not None:
            steps.append(step)
            seconds = reached(target, estimating(step.topology)).p95
            if seconds <= promised:
                found.append(Attempt(tuple(steps), seconds, reaches=True))
                break
            step = changes(step.topology).get(kind)
    return found


def _together(target: Target, promised: float, estimated: Estimate, estimating: Estimating) -> Attempt:
    best = reached(target, estimated).p95
    taken: list[Change] = []
    spent: set[Kind] = set()
    while best > promised and len(taken) < MOST_CHANGES:
        step = _longest_first(target, estimated, spent)
        if step is None:
            break
        tried = estimating(step.topology)
        seconds = reached(target, tried).p95
        if not seconds < best * (1 - GAINS) and not seconds <= promised:
            spent.add(step.kind)
            continue
        best, estimated = seconds, tried
        taken.append(step)
    return Attempt(tuple(taken), best, reaches=best <= promised)


def _longest_first(target: Target, estimated: Estimate, spent: Collection[Kind]) -> Change | None:
    """Return the next change that may help, of the longest part that has one."""
    open_ones = [
        each for kind, each in changes(estimated.topology).items() if kind in HELPS[target] and kind not in spent
    ]
    order = estimated.by_size
    return min(open_ones, key=lambda each: order.index(each.part) if order else 0, default=None)
