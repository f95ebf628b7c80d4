"""Whose users belong to which residency zone, and where else they may be answered."""

from pydantic import Field

from topology_document.infrastructure.geography import Place
from topology_document.section import Section
from topology_document.values import ZoneName


class ZoneSection(Section):
    """The users of one residency zone."""

    users: list[Place] = Field(
        min_length=1,
        description="Where its users are: countries, EU for the European Union, or continents.",
        examples=[["EU", "GB", "CH"]],
    )
    served_in: list[ZoneName] = Field(
        default_factory=list,
        description="Zones beside its own in which they may be answered as well. Default: none.",
        examples=[["CH"]],
    )
