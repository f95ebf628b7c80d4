"""Tables that every one of their regions writes: DynamoDB global tables inside one residency zone."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, Strict

from topology_document.section import Section
from topology_document.values import Label, RegionName


class ConflictPolicy(StrEnum):
    """Which of two regions' writes to one thing stays.

    ``arrival``: DynamoDB's own: the one that it stamped last, a whole item at a time. ``timestamp``: the one with
    the later time of the application; each region writes an item of its own and readers take the latest.
    """

    ARRIVAL = "arrival"
    TIMESTAMP = "timestamp"


class TableSection(Section):
    """One table of the product, the same in each of its regions a moment later."""

    born_in: RegionName | None = Field(
        None,
        description="The region whose stack declares the table. Default: the primary region.",
        examples=["us-east-1"],
    )
    replicas: list[RegionName] = Field(
        default_factory=list,
        description="Its other regions, of the same residency zone. Default: none.",
        examples=[["us-west-2"]],
    )
    partition_key: Label = Field(description="The attribute that items are found by, a text.", examples=["message"])
    sort_key: Label | None = Field(
        None, description="The attribute that they are ordered by, a text. Default: none.", examples=["version"]
    )
    conflict: Annotated[ConflictPolicy, Strict(strict=False)] = Field(
        ConflictPolicy.ARRIVAL,
        description="Which of two regions' writes to one thing stays. arrival: what DynamoDB stamped last. "
        "timestamp: what the application stamped last.",
    )
    propagation_seconds: int = Field(
        60, ge=1, le=3600, description="How long a write may take to every region before there is an alarm."
    )
    recovery_days: int = Field(35, ge=1, le=35, description="How far back it can be restored to any second.")
    expires: Label | None = Field(
        None, description="The attribute with the time at which an item may go. Default: none.", examples=["expires"]
    )
    stream: bool = Field(default=True, description="Whether changes can be read as a stream, old and new.")
