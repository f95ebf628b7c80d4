"""How long a region's last answers took, as one observer saw them."""

import math
from dataclasses import dataclass, replace
from typing import Final, Self

from failover.observation.deep_answer import DeepAnswer
from failover.ports import Answer

PERCENTILE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Window:
    """The times in seconds of the answers in a row that this observer got last, the newest at the end.

    Each is the longer of what the probe itself took and the 95th percentile that the region reported: one probe is
    one request, and the region has seen thousands. Silence empties the window, since it is a miss by itself: a
    region that comes back is judged by how it answers now.
    """

    seconds: tuple[float, ...] = ()

    def after(self, answer: Answer, size: int) -> Self:
        """Return the window after one more probe; answers that are none of a deep health endpoint are left out."""
        if answer.status == 0:
            return replace(self, seconds=())
        if answer.status != 200 and answer.status < 500:
            return self
        took = max(answer.seconds, DeepAnswer.of(answer.body).latency_p95_seconds or 0.0)
        return replace(self, seconds=(*self.seconds, took)[-size:])

    @property
    def p95(self) -> float:
        """The 95th percentile by nearest rank, in seconds; of fewer than twenty answers that is the longest."""
        return sorted(self.seconds)[math.ceil(PERCENTILE * len(self.seconds)) - 1] if self.seconds else 0.0

    def is_slow(self, threshold_seconds: float) -> bool:
        """Whether the percentile is over the threshold, and not because of an answer or two of some time ago.

        The newest answer must be slow, or more than half of them: a single slow answer is a single miss, and a
        region that is slow every other time is slow all the time.
        """
        slow = [seconds > threshold_seconds for seconds in self.seconds]
        return self.p95 > threshold_seconds and (slow[-1] or sum(slow) * 2 > len(slow) > 2)
