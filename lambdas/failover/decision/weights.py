"""How a name's users are shared among the regions of one zone, by what each can take: pure.

An optimisation and no failover: a region that is lost is taken out by its lever, whatever its weight is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

MOST_WEIGHT: Final = 255
"""Route 53 takes 0 to 255."""

LEAST_SHARE: Final = 0.02
"""What a region with sound models keeps, however much fails: without users it could never show that it is well."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What a region says of one minute; ``None`` is what it does not say."""

    processed: float | None = None
    routed: float | None = None
    failed: float | None = None
    model_health: float | None = None


@dataclass(frozen=True, slots=True)
class Weighing:
    """How a route is weighed; ``needs_models`` says that a region must tell of its models to be known at all."""

    capacity_per_minute: Mapping[str, float]
    healthy_from: float = 0.5
    least_change: float = 0.05
    most_change: float = 0.20
    needs_models: bool = False


@dataclass(frozen=True, slots=True)
class Sharing:
    """The shares that are wanted, and the next step towards them, which is ``None`` where nothing is to be done."""

    wanted: Mapping[str, float]
    next: Mapping[str, float] | None = None
    failing: frozenset[str] = field(default_factory=frozenset)


def share(weighing: Weighing, minutes: Mapping[str, tuple[Minute, ...]], current: Mapping[str, float]) -> Sharing:
    """Return how the users shall be shared next, from what the regions say and how they are shared now.

    A region whose models fail gets nobody at once, unless those of all do: then that is no reason to prefer one.
    Everything else moves by no more than ``most_change`` of a share, and not at all for less than ``least_change``.
    Of a region that says nothing nothing is known, and it keeps what it has.
    """
    seen = {region: minutes.get(region, ()) for region in weighing.capacity_per_minute}
    known = [region for region, said in seen.items() if _is_known(said, weighing)]
    healths = {region: _health(seen[region]) for region in known}
    failing = frozenset(region for region in known if healths[region] < weighing.healthy_from)
    if failing == frozenset(seen):
        failing, healths = frozenset(), dict.fromkeys(known, 1.0)
    able = {
        region: 0.0 if region in failing else _left(seen[region], weighing.capacity_per_minute[region], healths[region])
        for region in known
    }
    wanted = _wanted(able, current, failing)
    moved = _without(current, failing)
    step = _step(moved, wanted, weighing.most_change)
    changed = max((abs(wanted[region] - current[region]) for region in current), default=0.0)
    emptied = any(current[region] > 0 for region in failing)
    return Sharing(wanted, step if emptied or changed >= weighing.least_change else None, failing)


def weights_of(shares: Mapping[str, float]) -> dict[str, int]:
    """Return Route 53's weights for shares: the greatest has the most, and only nobody is none."""
    most = max(shares.values())
    return {region: max(1, round(MOST_WEIGHT * each / most)) if each > 0 else 0 for region, each in shares.items()}


def shares_of(weights: Mapping[str, int]) -> dict[str, float]:
    """Return the shares that Route 53 makes of weights; of none but zeros it makes equal ones."""
    total = sum(weights.values())
    return {region: each / total if total else 1 / len(weights) for region, each in weights.items()}


def _is_known(said: tuple[Minute, ...], weighing: Weighing) -> bool:
    if weighing.needs_models:
        return any(each.model_health is not None for each in said)
    return any(each.processed is not None for each in said)


def _health(said: tuple[Minute, ...]) -> float:
    return min((max(0.0, each.model_health) for each in said if each.model_health is not None), default=1.0)


def _left(said: tuple[Minute, ...], capacity: float, health: float) -> float:
    """Return what a region can take of this name: what it has, less what fails, less what comes in other ways."""
    failed = max((_ratio(each) for each in said), default=0.0)
    other = max((max(0.0, each.processed - each.routed) for each in said if _both(each)), default=0.0)  # type: ignore[operator]
    return max(0.0, capacity * (1 - failed) - other) * min(1.0, health)


def _both(minute: Minute) -> bool:
    return minute.processed is not None and minute.routed is not None


def _ratio(minute: Minute) -> float:
    if not minute.failed:
        return 0.0
    return min(1.0, minute.failed / minute.processed) if minute.processed else 1.0


def _wanted(able: Mapping[str, float], current: Mapping[str, float], failing: frozenset[str]) -> dict[str, float]:
    """Return the shares by ability; who is not in ``able`` keeps its own, and the others share the rest."""
    kept = {region: each for region, each in current.items() if region not in able}
    rest, open_to = 1.0 - sum(kept.values()), [region for region in able if region not in failing]
    if not open_to:  # what the failing had goes to those of whom nothing is known, as they are to each other
        return _without(current, failing)
    floor = min(LEAST_SHARE, rest / len(open_to))
    total = sum(able[region] for region in open_to)
    spare = max(0.0, rest - floor * len(open_to))
    shared = {
        region: floor + spare * (able[region] / total if total else 1 / len(open_to)) if region in open_to else 0.0
        for region in able
    }
    return kept | shared


def _without(current: Mapping[str, float], failing: frozenset[str]) -> dict[str, float]:
    """Return the shares when those that fail have nobody: the others have it all, as they are to each other."""
    left = {region: 0.0 if region in failing else each for region, each in current.items()}
    total = sum(left.values())
    if total > 0:
        return {region: each / total for region, each in left.items()}
    others = [region for region in left if region not in failing]
    return {region: 1 / len(others) if region in others else 0.0 for region in left}


def _step(here: Mapping[str, float], there: Mapping[str, float], most: float) -> dict[str, float]:
    """Return a point on the straight line between: so the shares go on being one whole."""
    furthest = max((abs(there[region] - here[region]) for region in here), default=0.0)
    part = 1.0 if furthest <= most else most / furthest
    return {region: here[region] + part * (there[region] - here[region]) for region in here}
