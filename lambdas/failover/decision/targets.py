"""Which copy each database would move to, and why it is no other one."""

from collections.abc import Iterable, Mapping, Sequence

from failover.decision.snapshot import Candidate
from failover.topology import Topology

Candidates = Mapping[str, Sequence[Candidate]]


def best_targets(topology: Topology, moving: Iterable[str], candidates: Candidates) -> dict[str, Candidate | None]:
    """Return each moving database's best copy; databases declared together go to one region, or none of them does.

    A copy in the writer's own place that is within its objective comes before any other, so that data does not leave
    the place while a provider is left there. Else the best loses least; of a group, the region in which the worst off
    of them loses least. An unknown loss is worse than any known one, and ties go to the order of the document.
    """
    targets: dict[str, Candidate | None] = {}
    for group in _groups(topology, tuple(moving)):
        fit = [{each.region: each for each in candidates.get(name, ()) if not each.refused} for name in group]
        preferred = [region for region in topology.database(group[0]).regions if all(region in one for one in fit)]
        allowed = [topology.database(name).rpo_seconds for name in group]
        best = min(preferred, key=lambda region: _worst(region, fit, allowed), default=None)
        targets |= {name: one[best] if best else None for name, one in zip(group, fit, strict=True)}
    return targets


def in_order(candidate: Candidate, rpo_seconds: float) -> tuple[bool, float]:
    """Return what a copy that is fit comes after another by: whether it is far, then what it would lose."""
    loss = float("inf") if candidate.loss_seconds is None else candidate.loss_seconds
    return not (candidate.beside and loss <= rpo_seconds), loss


def loss_told(candidate: Candidate) -> str:
    """Return in words what would be lost with a copy."""
    if candidate.loss_seconds is not None:
        return f"at most {candidate.loss_seconds:.0f} s"
    return "nobody knows how much" + (f", since {candidate.doubt}" if candidate.doubt else "")


def refusals(candidates: Candidates, targets: Mapping[str, Candidate | None]) -> dict[str, str]:
    """Return why each copy that was not chosen was not, by ``<database> in <region>``."""
    return {
        f"{name} in {each.region}": _why_not(each, target)
        for name, target in targets.items()
        for each in candidates.get(name, ())
        if target is None or each.region != target.region
    }


def _why_not(other: Candidate, target: Candidate | None) -> str:
    if other.refused:
        return other.refused
    if target is None:
        return "fit, but not every database that moves together with it has a fit copy there"
    why = f"it would lose {loss_told(other)}, {target.region} {loss_told(target)}"
    return f"fit, but not in the writer's own place: {why}" if target.beside else f"fit, but not the best: {why}"


def _groups(topology: Topology, moving: tuple[str, ...]) -> list[tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for name in moving:
        word = topology.database(name).together
        key = f"together {word}" if word else f"alone {name}"
        groups[key] = (*groups.get(key, ()), name)
    return list(groups.values())


def _worst(region: str, fit: Sequence[Mapping[str, Candidate]], allowed: Sequence[float]) -> tuple[bool, float]:
    return max(in_order(one[region], rpo) for one, rpo in zip(fit, allowed, strict=True))
