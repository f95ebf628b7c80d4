"""What the observers say of a region together: only fresh votes of seeing observers outside it have a voice."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from failover.records import Health, Vote
from failover.topology import Topology


class Quorum(StrEnum):
    """What the fresh votes of seeing observers outside a region say of it together."""

    UP = "UP"
    DOWN = "DOWN"
    SPLIT = "SPLIT"
    UNKNOWN = "UNKNOWN"


def is_fresh(topology: Topology, vote: Vote, now: datetime) -> bool:
    """Whether a vote is recent and its observer could see when it made it.

    A vote from the future by more than the same bound is as stale as an old one: its clock cannot be believed.
    """
    age = (now - vote.observed_at).total_seconds()
    return bool(vote.seen) and abs(age) <= topology.observation.fresh_seconds


def fresh_votes(topology: Topology, votes: Iterable[Vote], subject: str, now: datetime) -> tuple[Vote, ...]:
    """Return the votes of other regions' observers on the subject that are recent and not blind."""
    return tuple(
        [
            vote
            for vote in votes
            if vote.subject == subject
            and vote.observer != subject
            and vote.health is not Health.UNKNOWN
            and is_fresh(topology, vote, now)
        ]
    )


def observers_time(votes: Iterable[Vote], observers: int) -> datetime | None:
    """Return the newest time that so many observers, two at least, have voted at; None if fewer ever voted.

    One wrong clock among them moves it nowhere. It is as old as their last votes, and so rather behind than ahead.
    """
    newest = dict[str, datetime]()
    for vote in votes:
        newest[vote.observer] = max(vote.observed_at, newest.get(vote.observer, vote.observed_at))
    needed = max(observers, 2)
    return sorted(newest.values())[-needed] if len(newest) >= needed else None


def against(topology: Topology, votes: Iterable[Vote], subject: str, now: datetime) -> tuple[Vote, ...]:
    """Return the fresh votes that say the subject is unhealthy."""
    return tuple(vote for vote in fresh_votes(topology, votes, subject, now) if vote.health is Health.UNHEALTHY)


def quorum_on(topology: Topology, votes: tuple[Vote, ...], subject: str, now: datetime) -> Quorum:
    """Return what the observers say of a region together; fewer voices than the policy asks for say nothing."""
    fresh = fresh_votes(topology, votes, subject, now)
    needed = topology.policy.observers
    down = sum(vote.health is Health.UNHEALTHY for vote in fresh)
    if len(fresh) < needed:
        return Quorum.UNKNOWN
    if down >= needed:
        return Quorum.DOWN
    return Quorum.UP if down == 0 else Quorum.SPLIT


def down_seconds(topology: Topology, votes: tuple[Vote, ...], subject: str, now: datetime) -> float:
    """Return for how long enough observers have agreed that the region is down, each by its own clock."""
    needed = topology.policy.observers
    spans = sorted((vote.unhealthy_seconds for vote in against(topology, votes, subject, now)), reverse=True)
    return spans[needed - 1] if len(spans) >= needed else 0.0


def is_flapping(topology: Topology, votes: tuple[Vote, ...], subject: str, now: datetime) -> bool:
    """Whether enough observers saw the region turn unhealthy too often of late."""
    fresh = fresh_votes(topology, votes, subject, now)
    return sum(vote.flaps >= topology.observation.flaps for vote in fresh) >= topology.policy.observers


def all_dark(topology: Topology, votes: tuple[Vote, ...], subject: str, now: datetime) -> bool:
    """Whether no region at all is seen to serve, so that the fault may as well be the observers' own.

    With quorum against the subject it takes somebody who looked at another region: where the subject's loss leaves
    a single observer, that one cannot be seen by anybody, and its region is not dark for that.
    """
    voices = {region: fresh_votes(topology, votes, region, now) for region in topology.region_names}
    if any(vote.health is Health.HEALTHY for heard in voices.values() for vote in heard):
        return False
    if quorum_on(topology, votes, subject, now) is Quorum.UNKNOWN:
        return True
    return any(heard for region, heard in voices.items() if region != subject)
