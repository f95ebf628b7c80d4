"""How much of a region is at fault: all of it, or databases alone while the application lives."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from failover.decision.voices import against
from failover.records import Vote
from failover.topology import DatasetKind, Topology

_DATABASE: Final = "database_"
SYMPTOMS: Final = frozenset({"errors", "slow"})
"""Faults that a dead database makes by itself: beside one they say nothing of the application."""


class Trouble(StrEnum):
    """What is at fault, as far as enough observers agree.

    ``REGION``: more than databases, or a copy of one in a region that writes none, where moving the traffic helps.
    ``DATABASE``: databases that the region writes, and nothing else. ``STAYS``: databases for which no other copy
    can be promoted: data that never leaves home, or a replica in a region that writes others. ``APART``: only
    copies that are known not to follow their writer, and wait for a failback. ``UNCLEAR``: each observer names
    another one.
    """

    REGION = "REGION"
    DATABASE = "DATABASE"
    STAYS = "STAYS"
    APART = "APART"
    UNCLEAR = "UNCLEAR"


@dataclass(frozen=True, slots=True)
class Extent:
    """The trouble, and the databases that would move for it."""

    trouble: Trouble
    moving: tuple[str, ...]


def extent_of(
    topology: Topology,
    votes: Iterable[Vote],
    subject: str,
    written: tuple[str, ...],
    now: datetime,
    *,
    apart: tuple[str, ...] = (),
) -> Extent:
    """Return how much of the subject is at fault, by as many observers as the policy asks for.

    Who says that the whole region is down says it of each of its databases too. ``database_write`` without a
    name means all that the subject writes, or every one where it writes none. Databases move with all that are
    declared together with them. ``apart`` are the databases whose copy there has diverged: a writer that was moved
    away refuses writes, and its region is none the worse for it as long as its users are served from elsewhere.
    """
    names = tuple(each.name for each in topology.databases)
    needed, unnamed = topology.policy.observers, written or names
    speaking = against(topology, votes, subject, now)
    voices = [_named(vote, unnamed) for vote in speaking]
    if len(voices) < needed or sum(named is None for named in voices) >= needed:
        return Extent(Trouble.REGION, written)
    agreed = [name for name in names if sum(named is None or name in named for named in voices) >= needed]
    if not agreed:
        return Extent(Trouble.UNCLEAR, ())
    if set(agreed) <= set(apart):
        suffering = sum(bool(SYMPTOMS & {*vote.faults, *vote.degraded}) for vote in speaking)
        return Extent(Trouble.REGION, written) if suffering >= needed else Extent(Trouble.APART, ())
    ill = [name for name in agreed if name in written]
    if ill:
        return Extent(Trouble.DATABASE, tuple(name for name in topology.moves_with(ill) if name in written))
    at_home = all(topology.database(name).kind is not DatasetKind.SINGLE for name in agreed)
    return Extent(Trouble.STAYS if written or at_home else Trouble.REGION, ())


def _named(vote: Vote, unnamed: tuple[str, ...]) -> frozenset[str] | None:
    """Return the databases that a vote blames alone, or ``None`` where it blames the whole region."""
    blamed = [fault for fault in vote.faults if fault.startswith(_DATABASE)]
    if not blamed or not set(vote.faults) <= {*blamed, *SYMPTOMS}:
        return None
    named = {name for _, colon, name in (fault.partition(":") for fault in blamed) if colon}
    if any(":" not in fault for fault in blamed):
        named.update(unnamed)
    return frozenset(named)
