"""How users come back to a region that was lost: by and by."""

from pydantic import Field

from topology_document.section import Section


class RecoverySection(Section):
    """Of a route with policy failover: the share of its users that its first region gets again, and how it grows."""

    first_percent: int = Field(
        10,
        ge=1,
        le=100,
        description="The share that comes back at once, when the region has its traffic again.",
        examples=[10],
    )
    percent_per_minute: int = Field(
        10, ge=1, le=100, description="What the share grows by in a minute, while the region is up.", examples=[10]
    )
