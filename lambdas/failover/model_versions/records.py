"""What is known of a model: how it is to come into use, what is published, and what each region uses of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from failover.model_versions.health import Answers

STANDARD: Final = "standard"
"""The variant of a version that a region uses of which nothing else is said."""

WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """What the document says of a model; ``shares`` are per cents, ``order`` the regions that use it."""

    name: str
    source: str
    order: tuple[str, ...]
    shares: tuple[int, ...]
    bake_seconds: int
    window_seconds: int
    least_health: float
    least_requests: int
    slow_seconds: float
    tiers: dict[str, str] = field(default_factory=dict)

    def tier(self, region: str) -> str:
        """Return the variant that a region uses."""
        return self.tiers.get(region, STANDARD)


@dataclass(frozen=True, slots=True)
class Published:
    """The version that is to come into use: a commit, since a version is what its repository says that it is."""

    version: str
    files: dict[str, tuple[str, ...]]

    def of_tier(self, tier: str) -> tuple[str, ...]:
        """Return the keys of a variant's files; none, if the version has no such variant."""
        return self.files.get(tier, ())


@dataclass(frozen=True, slots=True)
class RegionalModel:
    """What a region uses of a model: a record of that region's own table, which its application reads.

    ``share`` per cent of requests go to the ``candidate``, the others to the ``current`` version. ``since`` is when
    either of them last changed. A version that is in ``refused`` answered badly somewhere and is not tried again.
    """

    model: str
    current: str | None = None
    previous: str | None = None
    candidate: str | None = None
    share: int = 0
    since: datetime | None = None
    refused: tuple[str, ...] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Sight:
    """One region at one moment: its record, whether the files are there, and how the versions answered."""

    record: RegionalModel
    arrived: bool
    current: Answers
    candidate: Answers

    @property
    def idle(self) -> bool:
        """Whether nobody asks this region for anything, as one that stands by."""
        return self.current.requests + self.candidate.requests == 0
