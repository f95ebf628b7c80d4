"""What sites outside AWS need of AWS, and which kinds of data may leave their zone."""

from pydantic import Field

from topology_document.section import Section
from topology_document.values import Label, TimeOfDay


class DatasetSection(Section):
    """A kind of data: where it is kept, and whether a copy of it may leave the zone that it is kept in."""

    replicate: bool = Field(
        description="Whether copies may stand in other zones: no for what must stay in its home region.",
        examples=[False],
    )
    databases: list[Label] = Field(
        min_length=1, description="The databases that hold it.", examples=[["users-eu", "users-ca"]]
    )


class SitesSection(Section):
    """How the guards of sites get their right to the quorum store: by certificates, never by keys that are kept."""

    session_seconds: int = Field(
        3600,
        ge=900,
        le=43200,
        description="How long a guard may work with what one certificate was exchanged for.",
        examples=[3600],
    )
    expiry_told_days: int = Field(
        45,
        ge=1,
        le=360,
        description="How long before a certificate ends it is told of.",
        examples=[45],
    )
    backup_at: TimeOfDay = Field(
        "01:30", description="When each site makes its backups, at the other provider of its place.", examples=["01:30"]
    )
    backup_keep_days: int = Field(14, ge=1, le=365, description="How long they are kept.", examples=[14])
    guard_silent_minutes: int = Field(
        2,
        ge=1,
        le=60,
        description="How long a site's guard may be silent before somebody is paged.",
        examples=[2],
    )
