"""What the body of a deep health answer says; whatever is not of the documented form says nothing."""

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

HEALTHY, DEGRADED, UNHEALTHY = "healthy", "degraded", "unhealthy"


@dataclass(frozen=True, slots=True)
class DeepAnswer:
    """A region's word on itself: the status of its parts and zones, and two figures of its recent requests.

    A part that is ``absent`` is one that the region does not have in its role of now; nothing follows from it.
    """

    parts: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    latency_p95_seconds: float | None = None
    error_rate: float | None = None

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, body: str) -> Self:
        """Read a body; one of another form is an answer that says nothing of any part.

        A region that is well says the same again and again, so that the last few readings are kept.
        """
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(told, dict):
            return cls()
        return cls(
            parts={name: each["status"] for name, each in _mapping(told.get("parts")).items() if _has_status(each)},
            zones={name: each for name, each in _mapping(told.get("zones")).items() if isinstance(each, str)},
            latency_p95_seconds=_figure(told.get("latency_p95_seconds")),
            error_rate=_figure(told.get("error_rate")),
        )

    def parts_that_are(self, status: str) -> tuple[str, ...]:
        """The names of the parts with a status, in order."""
        return tuple(sorted(name for name, each in self.parts.items() if each == status))

    @property
    def sick_zones(self) -> tuple[str, ...]:
        """The availability zones that are unhealthy, in order."""
        return tuple(sorted(name for name, each in self.zones.items() if each == UNHEALTHY))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _has_status(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("status"), str)


def _figure(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    figure = float(value) if abs(value) < 1e9 else math.inf
    return figure if math.isfinite(figure) and figure >= 0 else None
