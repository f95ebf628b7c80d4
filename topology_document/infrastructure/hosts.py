"""Hosts of one's own that PostgreSQL runs on, and how it is backed up there."""

from pydantic import Field

from topology_document.section import Section


class HostSection(Section):
    """The hosts of one self-managed database, alike in every region that holds a copy."""

    major_version: int = Field(18, ge=16, le=18, description="PostgreSQL's major version, from its own packages.")
    timescaledb: bool = Field(default=False, description="Whether the server has the extension TimescaleDB.")
    standby: bool = Field(
        default=True, description="Whether a second host in another zone of the region streams from the first."
    )
    backup_hour: int = Field(
        1, ge=0, le=23, description="When the day's backup begins, in UTC; a full one each Sunday, else what changed."
    )
    kept_full_backups: int = Field(
        5, ge=1, le=52, description="Weekly full backups that are kept, with all changes since the oldest."
    )
    archive_seconds: int = Field(
        60, ge=10, le=3600, description="What was written is archived after so long at the latest."
    )
