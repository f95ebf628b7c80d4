"""Backups: what can be had back, from when, where its copies are, and what proves it."""

from typing import Annotated

from pydantic import Field, Strict

from topology_document.infrastructure.objects import LockMode
from topology_document.section import Section
from topology_document.values import RegionName, TimeOfDay, Weekday


class VaultLockSection(Section):
    """What keeps a backup from being removed before its time."""

    mode: Annotated[LockMode, Strict(strict=False)] = Field(
        description="governance: a person with the right may take it off. compliance: nobody may, after the grace.",
        examples=["governance"],
    )
    least_days: int = Field(ge=1, le=36500, description="No backup can be removed sooner.", examples=[7])
    most_days: int = Field(36500, ge=1, le=36500, description="No backup may be kept longer.")
    grace_days: int = Field(
        14, ge=3, le=365, description="With compliance: the days in which the lock can still be taken off."
    )


class RestoreTestSection(Section):
    """The weekly proof that a backup can be restored."""

    weekday: Annotated[Weekday, Strict(strict=False)] = Field(
        description="When it begins, in UTC.", examples=["sunday"]
    )
    at: TimeOfDay = Field(description="Hours and minutes in UTC, in quotes.", examples=["05:00"])
    look_back_days: int = Field(7, ge=1, le=365, description="A backup of these days is drawn by lot.")
    keep_hours: int = Field(4, ge=1, le=168, description="How long what was restored can be looked at.")


class BackupsSection(Section):
    """Daily backups of everything that the product's stacks keep."""

    daily_at: TimeOfDay = Field(
        "01:00",
        description="When the first region's daily backup begins, in UTC; each further one's comes two hours later.",
    )
    keep_days: int = Field(35, ge=1, le=36500, description="How long a daily backup is kept.")
    cold_after_days: int | None = Field(
        None,
        ge=1,
        le=36500,
        description="The age at which it goes to cold storage, where its kind can. Default: never.",
        examples=[30],
    )
    objects_days: int = Field(35, ge=1, le=35, description="How far back buckets can be restored to any second.")
    copies: dict[RegionName, RegionName] = Field(
        default_factory=dict,
        description="Where each region's backups are copied to: a region of its residency zone. Default: nowhere.",
        examples=[{"us-east-1": "eu-west-1"}],
    )
    copies_keep_days: int = Field(35, ge=1, le=36500, description="How long a copy is kept.")
    lock: VaultLockSection | None = Field(
        None,
        description="What keeps backups from being removed before their time. Default: nothing but rights.",
        examples=[{"mode": "governance", "least_days": 7}],
    )
    restore_test: RestoreTestSection | None = Field(
        None,
        description="The weekly proof that a backup can be restored. Default: none.",
        examples=[{"weekday": "sunday", "at": "05:00"}],
    )
