"""One observer's memory of one region; pure, on the observer's own clock."""

from dataclasses import dataclass, replace
from typing import Self

from failover.observation.sight import Finding, Sight
from failover.records import Health, Vote


@dataclass(frozen=True, slots=True)
class Watch:
    """Consecutive misses become ``UNHEALTHY``; a single served probe becomes ``HEALTHY`` again.

    ``since`` is the observer's monotonic time at which ``health`` began, ``turns`` are those at which the region
    turned ``UNHEALTHY``. ``down`` says that it was when it was last seen: an observer that was blind in between
    has seen no turn.
    """

    health: Health = Health.UNKNOWN
    misses: int = 0
    since: float = 0.0
    reason: str = "not probed yet"
    faults: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
    turns: tuple[float, ...] = ()
    down: bool = False

    def after(self, sight: Sight, *, blind: str, needed: int, at: float) -> Self:
        """Return the watch after one probe; a blind observer knows nothing and forgets its misses.

        Args:
            sight: what the probe said.
            blind: why the observer itself cannot see, empty when it can.
            needed: how many misses in a row make a region ``UNHEALTHY``.
            at: the observer's monotonic time, in seconds.
        """
        if blind or sight.finding is Finding.UNSEEN:
            return self._turned(Sight(sight.finding, blind or sight.reason), Health.UNKNOWN, at)
        if sight.finding is Finding.SERVED:
            return replace(self._turned(sight, Health.HEALTHY, at), down=False)
        if self.misses + 1 < needed:
            return replace(self, misses=self.misses + 1, reason=sight.reason, degraded=sight.degraded)
        turns = self.turns if self.down else (*self.turns, at)
        return replace(
            self._turned(sight, Health.UNHEALTHY, at),
            misses=self.misses + 1,
            faults=sight.faults,
            turns=turns,
            down=True,
        )

    def unhealthy_seconds(self, at: float) -> float:
        """For how long this watch has been ``UNHEALTHY``."""
        return at - self.since if self.health is Health.UNHEALTHY else 0.0

    def turned_seconds(self, at: float, within: float) -> tuple[float, ...]:
        """How many seconds ago the region turned ``UNHEALTHY``, each time within so many seconds, oldest first."""
        return tuple(round(at - turn, 3) for turn in self.turns if at - turn <= within)

    def continuing(self, vote: Vote, at: float) -> Self:
        """Return the watch with what an earlier run knew: its patience if it voted the same, and the turns it saw."""
        earlier = tuple(at - ago for ago in vote.turned)
        was_down = vote.health is Health.UNHEALTHY
        if self.health is not Health.UNHEALTHY:
            down = was_down if self.health is Health.UNKNOWN else self.down
            return replace(self, turns=(*earlier, *self.turns), down=down)
        if not was_down:
            return replace(self, turns=(*earlier, *self.turns))
        # Both runs saw the same turn; the earlier one knows when it was.
        return replace(self, since=min(self.since, at - vote.unhealthy_seconds), turns=earlier or self.turns)

    def _turned(self, sight: Sight, health: Health, at: float) -> Self:
        since = self.since if health is self.health else at
        return replace(
            self, health=health, misses=0, since=since, reason=sight.reason, faults=(), degraded=sight.degraded
        )
