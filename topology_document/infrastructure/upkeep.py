"""How the copies of a database are kept: recovery, room to grow, audit, insight and their readers' names."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, Strict

from topology_document.section import Section


class Audited(StrEnum):
    """What pgaudit writes into the log; each is a class of its own."""

    DDL = "ddl"
    FUNCTION = "function"
    MISC = "misc"
    READ = "read"
    ROLE = "role"
    WRITE = "write"


class UpkeepSection(Section):
    """The settings of one database's copies, the same in every region."""

    recovery_days: int = Field(7, ge=1, le=35, description="How far back a copy can be restored to any second.")
    most_storage_gib: int | None = Field(
        None,
        ge=22,
        le=65536,
        description="How far RDS may let the storage grow by itself. Default: not at all.",
        examples=[1000],
    )
    audit: list[Annotated[Audited, Strict(strict=False)]] = Field(
        default_factory=list,
        description="What pgaudit writes into the log: classes of statements. Default: nothing.",
        examples=[["ddl", "role"]],
    )
    insights_days: int = Field(
        7, ge=7, le=731, description="How far back Performance Insights look: 7, a multiple of 31, or 731."
    )
    readers: bool = Field(
        default=False,
        description="Whether each region has a name for readers: its own copy, or another region's when it is away.",
    )
    reader_lag_seconds: float = Field(
        60, gt=0, le=3600, description="A copy that is further behind is away for readers."
    )
