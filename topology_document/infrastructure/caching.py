"""How the copies of a cache are kept: how many nodes, what goes first when they are full, how late a copy may be."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, Strict

from topology_document.section import Section


class Eviction(StrEnum):
    """What Valkey removes when the memory is full (``maxmemory-policy``)."""

    ALLKEYS_LFU = "allkeys-lfu"
    ALLKEYS_LRU = "allkeys-lru"
    NOEVICTION = "noeviction"
    VOLATILE_LFU = "volatile-lfu"
    VOLATILE_LRU = "volatile-lru"
    VOLATILE_TTL = "volatile-ttl"


class CacheUpkeepSection(Section):
    """The settings of one cache, the same in every region."""

    nodes: int = Field(3, ge=2, le=6, description="The nodes of each region's copy, over its zones; one is written.")
    eviction: Annotated[Eviction, Strict(strict=False)] | None = Field(
        None,
        description="What is removed when the memory is full. Default: as ElastiCache does, what expires, by its use.",
        examples=["allkeys-lru"],
    )
    sync_seconds: float | None = Field(
        None,
        gt=0,
        le=3600,
        description="How far a copy in another region may be behind before there is an alarm. Default: no alarm.",
        examples=[5],
    )
