"""Edge nodes: a gateway and a cache near the users, which go on alone when they are cut off from their region."""

from pydantic import Field

from topology_document.infrastructure.words import Image
from topology_document.section import Section
from topology_document.values import Label, RegionName, RouteName


class CitySection(Section):
    """The edge node of one city."""

    region: RegionName = Field(
        description="The region whose thing registry knows it; its writes go to the product's own name.",
        examples=["eu-central-1"],
    )


class EdgeSection(Section):
    """The edge nodes, and how each of them caches and queues."""

    cities: dict[Label, CitySection] = Field(
        min_length=1, description="The nodes, by city.", examples=[{"bremen": {"region": "eu-central-1"}}]
    )
    route: RouteName = Field(
        "app", description="The route that a node reads from and writes to, wherever it leads.", examples=["app"]
    )
    image: Image = Field(
        "lifeboat/edge-gateway:0.1.0", description="The gateway's image.", examples=["lifeboat/edge-gateway:0.1.0"]
    )
    fresh_seconds: int = Field(
        300, ge=0, le=86400, description="How long an answer is served without asking again.", examples=[300]
    )
    stale_seconds: int = Field(
        86400, ge=0, le=31536000, description="How old an answer may be while the node is cut off.", examples=[86400]
    )
    retry_seconds: int = Field(
        15, ge=1, le=3600, description="The longest wait between two tries to send what is queued.", examples=[15]
    )
    timeout_seconds: int = Field(5, ge=1, le=60, description="How long the region may take to answer.", examples=[5])
    most_queued: int = Field(
        100000, ge=1, le=10000000, description="The writes that a node keeps; more are refused.", examples=[100000]
    )
    disk_gib: int = Field(20, ge=1, le=1024, description="The disk of queue and cache.", examples=[20])
