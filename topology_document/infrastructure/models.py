"""Models of machine learning: where their versions are published, and how a new one comes into use."""

from pydantic import Field

from topology_document.section import Section
from topology_document.values import Label, RegionName


class ModelSection(Section):
    """One model; a version is published in one region, copied to all, and taken into use region by region."""

    source: RegionName | None = Field(
        None,
        description="The region where versions are published. Default: the primary region.",
        examples=["us-east-1"],
    )
    order: list[RegionName] = Field(
        min_length=1,
        description="The regions that use the model, in the order in which they take a new version into use.",
        examples=[["ap-southeast-1", "eu-west-1", "us-east-1"]],
    )
    personal_data: bool = Field(
        default=True,
        description="Whether data of persons can be got out of it, so that it stays in its residency zone.",
    )
    tiers: dict[RegionName, Label] = Field(
        default_factory=dict,
        description="What variant of a version a region uses. Default: standard everywhere.",
        examples=[{"eu-west-1": "gdpr-compliant"}],
    )
    shares: list[int] = Field(
        default_factory=lambda: [10, 50],
        description="The per cent of requests that a region's candidate gets, step by step, before it gets all.",
        examples=[[10, 50]],
    )
    bake_seconds: int = Field(
        1800, ge=60, le=604800, description="How long each step lasts, and the last before the next region begins."
    )
    window_seconds: int = Field(300, ge=60, le=3600, description="The time over which a version's health is judged.")
    least_health: float = Field(
        0.99, gt=0, le=1, description="The share of requests that a version must answer well and in time."
    )
    least_requests: int = Field(
        50, ge=1, le=1000000, description="The requests in that time without which a version is not judged."
    )
    slow_seconds: float = Field(
        0.5, gt=0, le=60, description="A version whose 95th percentile is slower is not healthy."
    )
