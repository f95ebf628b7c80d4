"""What one play came to, in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

from rehearsal.measures import PARTS
from rehearsal.report import Report

OPENED: Final = "INCIDENT_OPENED"
NO_RETURN: Final = "PROMOTING"
UNENDED: Final = inf
"""The recovery time of a product that was not served by itself while it was looked at."""


@dataclass(frozen=True, slots=True)
class Run:
    """One play: the recovery time and its parts as a report divides it.

    ``recovery_seconds`` is infinite where nobody was served by itself; a part whose moment never came is 0, and what
    it took stands in the next one. ``own_seconds`` is the control plane's own share, as ``rehearsal.measures`` has it.
    ``lost_seconds`` is how much of what was acknowledged is gone, ``bound_seconds`` the greatest loss that a promotion
    was allowed on, ``None`` where none was or it was unknown. ``rule`` opened the incident; empty where none did.
    """

    seed: int
    recovery_seconds: float
    parts: Mapping[str, float]
    own_seconds: float | None = None
    lost_seconds: float = 0.0
    bound_seconds: float | None = None
    rule: str = ""

    @classmethod
    def of(cls, seed: int, report: Report) -> "Run":
        """Return what a report says."""
        recovery, journal = report.measures.recovery, report.history.journal
        opened = next((each.entry.rule for each in journal if each.entry.kind == OPENED), None)
        bounds = [each.entry.facts.get("loss_bound", "") for each in journal if each.entry.kind == NO_RETURN]
        return cls(
            seed=seed,
            recovery_seconds=UNENDED if recovery.rto_seconds is None else recovery.rto_seconds,
            parts={part: recovery.rto_parts.get(part) or 0.0 for part in PARTS},
            own_seconds=report.measures.control_plane_share_seconds,
            lost_seconds=report.rpo.oldest_lost_age_seconds or 0.0,
            bound_seconds=_greatest(bounds),
            rule=opened or "",
        )

    @property
    def ended(self) -> bool:
        """Whether everybody was served again without a person."""
        return self.recovery_seconds < UNENDED


def _greatest(bounds: list[str]) -> float | None:
    """Return the greatest of the bounds as the journal tells them: ``21.4 s``, or ``unknown``."""
    told = [bound.removesuffix(" s") for bound in bounds]
    known = [float(each) for each in told if each.replace(".", "", 1).isdigit()]
    return max(known) if known and len(known) == len(bounds) else None
