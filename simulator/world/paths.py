"""Places and what may befall requests between them: the words of the network's questions."""

from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.form.entries import EVERYWHERE


def names_of(place: str) -> Iterator[str]:
    """The names under which a place may be cut off: itself, the region it is in, and any."""
    yield place
    region = place.partition("/")[0]
    if region != place:
        yield region
    yield EVERYWHERE


@dataclass(slots=True, eq=False)
class Underways:
    """Requests to a service in a region (``*``: any) whose senders hear nothing of them.

    They are done at once, or ``late_seconds`` later. So it is with the next ``times``, or as long as it stands.
    """

    service: str
    region: str
    late_seconds: float | None
    times: int | None

    def meets(self, service: str, region: str) -> bool:
        """Whether it is about this request, and not used up."""
        return self.times != 0 and self.service in (service, EVERYWHERE) and self.region in (region, EVERYWHERE)
