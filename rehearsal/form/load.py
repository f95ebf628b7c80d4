"""What the clients do: how many writes a second each group sends, and how that grows."""

from typing import Annotated, Final

from pydantic import Field

from rehearsal.form.durations import Duration
from rehearsal.form.entries import Entry

Rate = Annotated[float, Field(gt=0, le=1000)]

NO_GROWTH: Final = 1.0


class Growth(Entry):
    """From second 0 on every group's rate grows evenly, until it is so many ``times`` what it was."""

    times: float = Field(gt=1, le=100)
    within: Duration


class Load(Entry):
    """Each group writes numbered rows at a rate of its own, warm-up included, whatever becomes of them."""

    writes_per_second: Rate = 5.0
    groups: dict[str, Rate] = Field(
        default_factory=dict, description="client group: its writes per second, where they are not everybody's"
    )
    grows: Growth | None = Field(default=None, description="how all of these rates grow from second 0 on")
    warm_up: Duration = 5.0

    def rate(self, group: str, at: float) -> float:
        """Return how many writes a second a group sends ``at`` a second of the play; warm-up is below 0."""
        return self.groups.get(group, self.writes_per_second) * self._times(at)

    def highest(self, group: str) -> float:
        """Return the most writes a second that a group ever sends."""
        return self.rate(group, float("inf"))

    def _times(self, at: float) -> float:
        if self.grows is None or at <= 0:
            return NO_GROWTH
        if at >= self.grows.within:
            return self.grows.times
        return NO_GROWTH + (self.grows.times - NO_GROWTH) * at / self.grows.within
