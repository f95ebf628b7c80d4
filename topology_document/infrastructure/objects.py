"""Buckets: where objects are kept, which of them are copied to other regions, and when they become cheaper."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, Strict

from topology_document.section import Section
from topology_document.values import RegionName, refused

MOST_KEEP_DAYS = 3650


class LockMode(StrEnum):
    """Who may shorten a lock: ``governance``: whoever has the right to. ``compliance``: nobody, not even AWS."""

    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"


def _prefix(value: str) -> str:
    if value.startswith("/") or not value.isprintable() or len(value) > 200:
        raise refused("the beginning of objects' keys, without a slash before it", "write it such as urgent/")
    return value


KeyPrefix = Annotated[str, AfterValidator(_prefix)]


class LockSection(Section):
    """The time in which no version of an object can be removed."""

    mode: Annotated[LockMode, Strict(strict=False)] = Field(
        description="governance: a person with the right may shorten it. compliance: nobody may.",
        examples=["governance"],
    )
    days: int = Field(ge=1, le=MOST_KEEP_DAYS, description="How long each version is locked.", examples=[30])


class BucketSection(Section):
    """A bucket in each of its regions, versioned and encrypted with the region's key."""

    regions: list[RegionName] | None = Field(
        None,
        min_length=1,
        description="The regions that have this bucket. Default: every region.",
        examples=[["us-east-1", "eu-west-1"]],
    )
    copied: bool = Field(
        default=True, description="Whether each region's objects are copied to its other regions, both ways."
    )
    personal_data: bool = Field(
        default=True, description="Whether there is data of persons in it, which stays in its residency zone."
    )
    urgent: list[KeyPrefix] = Field(
        default_factory=lambda: [""],
        description="What keys begin with whose objects are copied under S3's replication time control: within 15 "
        "minutes, with metrics. All others are copied as they come.",
        examples=[["urgent/"]],
    )
    tier_after_days: int | None = Field(
        0,
        ge=0,
        le=MOST_KEEP_DAYS,
        description="The age at which an object goes to S3 Intelligent-Tiering; 0 is at once.",
    )
    archive_after_days: int | None = Field(
        None,
        ge=90,
        le=730,
        description="Days without access after which Intelligent-Tiering archives an object. Default: never.",
        examples=[90],
    )
    deep_archive_after_days: int | None = Field(
        None,
        ge=180,
        le=730,
        description="Days without access after which it is archived deeply. Default: never.",
        examples=[180],
    )
    keep_versions_days: int = Field(
        30, ge=1, le=MOST_KEEP_DAYS, description="How long what was overwritten or deleted can be had back."
    )
    expire_days: int | None = Field(
        None,
        ge=1,
        le=MOST_KEEP_DAYS,
        description="The age at which an object is deleted. Default: never.",
        examples=[365],
    )
    lock: LockSection | None = Field(
        None,
        description="Object lock, which a bucket has from its first day or never. Default: none.",
        examples=[{"mode": "governance", "days": 30}],
    )
