"""All that a decision may look at, read in one go and then held still."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from failover.records import Consent, Control, DatabaseRecord, Health, Vote
from failover.topology import Topology


class Quorum(StrEnum):
    """What the fresh votes of seeing observers outside a region say of it together."""

    UP = "UP"
    DOWN = "DOWN"
    SPLIT = "SPLIT"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A copy that might become the writer.

    ``loss_seconds`` bounds what would be lost, ``None`` when it is not known. ``refused`` says why this copy
    may not be promoted at all, empty when it may.
    """

    region: str
    loss_seconds: float | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of the store and of the candidates, for one region under suspicion.

    ``candidates`` maps each database that the subject writes to its copies, best first.
    """

    topology: Topology
    subject: str
    here: str
    control: Control
    databases: tuple[DatabaseRecord, ...]
    votes: tuple[Vote, ...]
    candidates: dict[str, tuple[Candidate, ...]]
    consents: tuple[Consent, ...] = ()

    @property
    def written_here(self) -> tuple[str, ...]:
        """The databases whose writer is the subject."""
        return tuple(record.name for record in self.databases if record.writer == self.subject)


def fresh_votes(topology: Topology, votes: tuple[Vote, ...], subject: str, now: datetime) -> tuple[Vote, ...]:
    """Return the votes of other regions' observers on the subject that are recent and not blind.

    A vote from the future by more than the same bound is as stale as an old one: its clock cannot be believed.
    """
    limit = topology.observation.fresh_seconds
    return tuple(
        vote
        for vote in votes
        if vote.subject == subject
        and vote.observer != subject
        and vote.health is not Health.UNKNOWN
        and vote.seen
        and abs((now - vote.observed_at).total_seconds()) <= limit
    )


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
    spans = sorted(
        (
            vote.unhealthy_seconds
            for vote in fresh_votes(topology, votes, subject, now)
            if vote.health is Health.UNHEALTHY
        ),
        reverse=True,
    )
    return spans[needed - 1] if len(spans) >= needed else 0.0
