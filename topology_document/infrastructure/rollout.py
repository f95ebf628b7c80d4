"""How a new version of the services comes to users: beside the old one, region by region, and back at once."""

from pydantic import Field

from topology_document.section import Section
from topology_document.values import RegionName


class RolloutSection(Section):
    """Blue and green: each region has both, and users are with one of them."""

    staging_first: bool = Field(
        default=True, description="Whether a version is tried in the environment staging before any region gets it."
    )
    order: list[RegionName] = Field(
        min_length=1,
        description="The regions, in the order in which they get a version; the first is the canary.",
        examples=[["ap-southeast-1", "eu-west-1", "us-east-1"]],
    )
    canary_minutes: int = Field(
        30, ge=1, le=1440, description="How long the canary is watched before the next region begins.", examples=[30]
    )
    watch_minutes: int = Field(
        5,
        ge=1,
        le=1440,
        description="How long each other one, and each of staging's, is watched before the next.",
        examples=[5],
    )
    error_percent: float = Field(
        1,
        gt=0,
        le=100,
        allow_inf_nan=False,
        description="A version that fails more of its requests in a region is taken back everywhere.",
        examples=[1],
    )
    latency_ms: int = Field(
        500,
        ge=1,
        le=60000,
        description="A version whose 95th percentile is slower in a region is taken back everywhere.",
        examples=[500],
    )
    least_requests: int = Field(
        20, ge=1, le=1000000, description="Requests of a minute without which it is not judged.", examples=[20]
    )
    look_seconds: int = Field(15, ge=5, le=300, description="The time between two looks.", examples=[15])
    back_seconds: int = Field(
        120, ge=10, le=3600, description="How long it may take to take a version back everywhere.", examples=[120]
    )
