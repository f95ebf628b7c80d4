"""What one probe of a region's deep health says."""

import json
from dataclasses import dataclass
from enum import StrEnum

from failover.ports import Answer


class Finding(StrEnum):
    """``MISSED`` is the region's fault, ``UNSEEN`` nobody's: it is never counted against a region."""

    SERVED = "SERVED"
    MISSED = "MISSED"
    UNSEEN = "UNSEEN"


@dataclass(frozen=True, slots=True)
class Sight:
    """A finding and the words for it."""

    finding: Finding
    reason: str


def sight_of(answer: Answer) -> Sight:
    """Return what a deep health answer says of its region.

    200 is served. No answer in time and 5xx are misses. Anything else (a redirect, a 403, a 404) tells of a
    wrong address or a wrong credential, not of a region's health, and is not counted.
    """
    if answer.status == 200:
        return Sight(Finding.SERVED, f"served in {answer.seconds * 1000:.0f} ms")
    if answer.status == 0:
        return Sight(Finding.MISSED, answer.failure or "no answer in time")
    if answer.status >= 500:
        return Sight(Finding.MISSED, f"HTTP {answer.status}{_parts_at_fault(answer.body)}")
    return Sight(Finding.UNSEEN, f"HTTP {answer.status} is no answer of a deep health endpoint")


def _parts_at_fault(body: str) -> str:
    try:
        parts = json.loads(body)["parts"]
        at_fault = [name for name, part in parts.items() if part["status"] == "unhealthy"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    return f": {', '.join(sorted(at_fault))}" if at_fault else ""
