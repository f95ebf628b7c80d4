"""One observer's memory of one region, and of the leases it has seen; pure, on the observer's own clock."""

from dataclasses import dataclass, field, replace
from typing import Self

from failover.observation.sight import Finding, Sight
from failover.records import DatabaseRecord, Health, LeaseSighting, Vote


@dataclass(frozen=True, slots=True)
class Watch:
    """Consecutive misses become ``UNHEALTHY``; a single served probe becomes ``HEALTHY`` again.

    ``since`` is the observer's monotonic time at which ``health`` began.
    """

    health: Health = Health.UNKNOWN
    misses: int = 0
    since: float = 0.0
    reason: str = "not probed yet"

    def after(self, sight: Sight, *, seeing: bool, needed: int, at: float) -> Self:
        """Return the watch after one probe; a blind observer knows nothing and forgets its misses."""
        if not seeing:
            return self._turned(Health.UNKNOWN, 0, "this observer sees no neutral place", at)
        if sight.finding is Finding.SERVED:
            return self._turned(Health.HEALTHY, 0, sight.reason, at)
        if sight.finding is Finding.UNSEEN:
            return self._turned(Health.UNKNOWN, 0, sight.reason, at)
        misses = self.misses + 1
        if misses >= needed:
            return self._turned(Health.UNHEALTHY, misses, sight.reason, at)
        return replace(self, misses=misses, reason=sight.reason)

    def unhealthy_seconds(self, at: float) -> float:
        """For how long this watch has been ``UNHEALTHY``."""
        return at - self.since if self.health is Health.UNHEALTHY else 0.0

    def continuing(self, vote: Vote, at: float) -> Self:
        """Return the watch with the patience of an earlier run that has voted the same."""
        if vote.health is not self.health or self.health is not Health.UNHEALTHY:
            return self
        return replace(self, since=min(self.since, at - vote.unhealthy_seconds))

    def _turned(self, health: Health, misses: int, reason: str, at: float) -> Self:
        since = self.since if health is self.health else at
        return replace(self, health=health, misses=misses, reason=reason, since=since)


@dataclass(slots=True)
class LeaseWatch:
    """When this observer first saw each lease's newest renewal; see ``LeaseSighting``."""

    _first: dict[tuple[str, int, int], float] = field(default_factory=dict)

    def saw(self, record: DatabaseRecord, at: float) -> None:
        """Note a record whose answer arrived at ``at``; older renewals of the same database are forgotten."""
        key = (record.name, record.epoch, record.lease.renewal)
        if key not in self._first:
            self._first = {each: when for each, when in self._first.items() if each[0] != record.name}
            self._first[key] = at

    def continuing(self, sightings: tuple[LeaseSighting, ...], at: float) -> None:
        """Take over what an earlier run has seen of the same renewals."""
        for each in sightings:
            key = (each.database, each.epoch, each.renewal)
            if key in self._first:
                self._first[key] = min(self._first[key], at - each.unrenewed_seconds)

    def sightings(self, at: float) -> tuple[LeaseSighting, ...]:
        """Return for how long each lease has been seen unrenewed."""
        return tuple(
            LeaseSighting(name, epoch, renewal, round(at - first, 3))
            for (name, epoch, renewal), first in sorted(self._first.items())
        )
