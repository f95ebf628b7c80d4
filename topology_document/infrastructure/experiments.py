"""Faults that are injected on purpose: which ones there are in each region, and which are practised by the clock."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, Strict

from topology_document.infrastructure.words import LogDays
from topology_document.section import Section
from topology_document.values import RegionName, TimeOfDay, Weekday
from topology_document.whereabouts import PlaceName


class ExperimentKind(StrEnum):
    """The faults that AWS Fault Injection Service can inject into what a region's stacks build."""

    ZONE_LOST = "zone-lost"
    NETWORK_CUT = "network-cut"
    REGION_CUT = "region-cut"
    DATABASE_FAILOVER = "database-failover"
    CACHE_ZONE_LOST = "cache-zone-lost"
    PODS_KILLED = "pods-killed"
    API_THROTTLED = "api-throttled"


class PracticeSection(Section):
    """One experiment that begins by itself, once a week, where nothing speaks against it."""

    experiment: Annotated[ExperimentKind, Strict(strict=False)] = Field(
        description="Which of them.", examples=["database-failover"]
    )
    region: RegionName = Field(description="Where.", examples=["eu-west-1"])
    weekday: Annotated[Weekday, Strict(strict=False)] = Field(description="When, in UTC.", examples=["wednesday"])
    at: TimeOfDay = Field(description="Hours and minutes in UTC, in quotes.", examples=["10:00"])


class RehearsalSection(Section):
    """A failover that is asked for its plan once a week, and changes nothing: also of a site, which has no FIS."""

    subject: PlaceName = Field(description="Whose loss is rehearsed.", examples=["us-east-1"])
    executed_in: RegionName = Field(
        description="The control region that does it; another than the subject.", examples=["eu-west-1"]
    )
    weekday: Annotated[Weekday, Strict(strict=False)] = Field(description="When, in UTC.", examples=["monday"])
    at: TimeOfDay = Field(description="Hours and minutes in UTC, in quotes.", examples=["09:00"])


class ExperimentsSection(Section):
    """The experiments of every region of AWS that runs the control plane too."""

    kinds: list[Annotated[ExperimentKind, Strict(strict=False)]] | None = Field(
        None, min_length=1, description="Which ones. Default: all of them.", examples=[["database-failover"]]
    )
    minutes: int = Field(10, ge=2, le=60, description="How long a fault that lasts is left in place.", examples=[10])
    throttled_percent: int = Field(
        50, ge=1, le=100, description="The share of calls that is throttled, of those to EC2.", examples=[50]
    )
    log_days: LogDays = Field(365, description="How long is kept what experiments did.", examples=[365])
    practice: list[PracticeSection] = Field(
        default_factory=list,
        description="What begins by itself, weekly. Default: nothing does.",
        examples=[[{"experiment": "database-failover", "region": "eu-west-1", "weekday": "wednesday", "at": "10:00"}]],
    )

    rehearsals: list[RehearsalSection] = Field(
        default_factory=list,
        description="Failovers that are asked for their plan, weekly. Default: none.",
        examples=[[{"subject": "us-east-1", "executed_in": "eu-west-1", "weekday": "monday", "at": "09:00"}]],
    )

    @property
    def wanted(self) -> list[ExperimentKind]:
        """The kinds of faults that there are templates for."""
        return list(ExperimentKind) if self.kinds is None else self.kinds
