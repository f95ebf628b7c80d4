"""What one probe of a region says of it."""

from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    """``MISSED`` is the region's fault, ``UNSEEN`` nobody's: it is never counted against a region."""

    SERVED = "SERVED"
    MISSED = "MISSED"
    UNSEEN = "UNSEEN"


@dataclass(frozen=True, slots=True)
class Sight:
    """A finding, the words for it, the parts that made it a miss, and those that are amiss and did not."""

    finding: Finding
    reason: str
    faults: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
