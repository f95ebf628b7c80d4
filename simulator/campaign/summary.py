"""What came of a campaign, so far: it can be written, read again, and gone on with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final, Self

from simulator.campaign.playing import Played
from simulator.schedule import Violation

KEPT: Final = 100
"""Violations that are told in full; the others are counted."""

BUCKET_SECONDS: Final = 0.5
"""Recovery times are kept in buckets, so that a million of them take no room."""


@dataclass(slots=True)
class Summary:
    """Everything that is counted; ``next_seed`` is where to go on.

    ``order`` says of what the schedules are made: what is gone on with must be of the same. ``memory_mib`` is what all
    processes held together, by the number of schedules that were played by then.
    """

    schedules: int = 0
    next_seed: int = 0
    virtual_seconds: float = 0.0
    real_seconds: float = 0.0
    events: int = 0
    violated: int = 0
    stuck: int = 0
    errors: int = 0
    violations: list[dict[str, Any]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    pauses: Counter[int] = field(default_factory=Counter)
    losses: Counter[int] = field(default_factory=Counter)
    memory_mib: dict[int, float] = field(default_factory=dict)
    order: dict[str, str] = field(default_factory=dict)

    def add(self, played: Played) -> None:
        """Count one schedule."""
        self.schedules += 1
        self.next_seed = played.seed + 1
        self.virtual_seconds += played.virtual_seconds
        self.events += played.events
        self.faults.update(played.faults)
        self.covered.update({f"{state} x {fault or 'no fault'}": n for (state, fault), n in played.covered.items()})
        self.endings.update({f"{machine}: {how}": n for (machine, how), n in played.endings.items()})
        for each in played.recoveries:
            self.pauses[ceil(each.pause_seconds / BUCKET_SECONDS)] += 1
            self.losses[ceil(each.lost_seconds / BUCKET_SECONDS)] += 1
        if played.violation is not None:
            self._note(played.seed, played.violation)

    def _note(self, seed: int, violation: Violation) -> None:
        self.violated += violation.what not in ("stuck", "error")
        self.stuck += violation.what == "stuck"
        self.errors += violation.what == "error"
        if len(self.violations) < KEPT:
            told = {"seed": seed, "what": violation.what, "at": round(violation.at, 3), "why": violation.why}
            self.violations.append(told)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was violated."""
        return self.violated + self.stuck + self.errors == 0

    def as_json(self) -> dict[str, Any]:
        """Return all of it, for programs and for ``resumed``."""
        hours = self.virtual_seconds / 3600
        return {
            "order": self.order,
            "schedules": self.schedules,
            "violations": self.violated,
            "stuck": self.stuck,
            "errors": self.errors,
            "found": self.violations,
            "next_seed": self.next_seed,
            "virtual_hours": round(hours, 3),
            "events": self.events,
            "real_seconds": round(self.real_seconds, 1),
            "schedules_per_second": round(self.schedules / self.real_seconds, 1) if self.real_seconds else None,
            "faults": dict(sorted(self.faults.items())),
            "endings": dict(self.endings.most_common()),
            "coverage": dict(sorted(self.covered.items())),
            "memory_mib": {str(schedules): mib for schedules, mib in self.memory_mib.items()},
            "rto_seconds": percentiles(self.pauses),
            "rpo_seconds": percentiles(self.losses),
            "buckets": {"pauses": _written(self.pauses), "losses": _written(self.losses)},
        }

    @classmethod
    def resumed(cls, told: Mapping[str, Any]) -> Self:
        """Return the summary that was written, to go on with."""
        return cls(
            order=dict(told.get("order", {})),
            schedules=told["schedules"],
            next_seed=told["next_seed"],
            virtual_seconds=told["virtual_hours"] * 3600,
            real_seconds=told["real_seconds"],
            events=told["events"],
            violated=told["violations"],
            stuck=told["stuck"],
            errors=told["errors"],
            violations=list(told["found"]),
            faults=Counter(told["faults"]),
            covered=Counter(told["coverage"]),
            endings=Counter(told["endings"]),
            pauses=_read(told["buckets"]["pauses"]),
            losses=_read(told["buckets"]["losses"]),
            memory_mib={int(schedules): mib for schedules, mib in told.get("memory_mib", {}).items()},
        )


def percentiles(buckets: Counter[int], shares: Sequence[float] = (0.5, 0.95, 0.99, 1.0)) -> dict[str, float] | None:
    """Return the upper bounds of the buckets in which these shares are reached, in seconds."""
    total, seen, found = sum(buckets.values()), 0, {}
    if not total:
        return None
    left = list(shares)
    for bucket, number in sorted(buckets.items()):
        seen += number
        while left and seen >= left[0] * total:
            name = "max" if left[0] == 1.0 else f"p{left[0] * 100:g}"
            found[name] = bucket * BUCKET_SECONDS
            left.pop(0)
    return found


def _written(buckets: Counter[int]) -> dict[str, int]:
    return {str(bucket): number for bucket, number in sorted(buckets.items())}


def _read(buckets: Mapping[str, int]) -> Counter[int]:
    return Counter({int(bucket): number for bucket, number in buckets.items()})
