"""The moments of a failover by which its recovery time is divided, found in the history of a play."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from failover.records import Health
from failover.topology import Topology
from rehearsal.facts import Journalled
from rehearsal.history import History, Outcome, VoteChange, Write
from rehearsal.sightings import Sighted, Trace

OPENED: Final = "INCIDENT_OPENED"
STOPPED: Final = ("FENCED", "LEASE_WAITED_OUT")
NO_RETURN: Final = "PROMOTING"
ADMITTED: Final = "ADMITTED"
"""The journal's own words for the moments that matter here."""


@dataclass(frozen=True, slots=True)
class Milestones:
    """Moments in seconds since the play began; ``None`` where it never came.

    ``subject`` is the region that was lost, ``writer`` the one that took over. ``stopped`` is when the old
    writer could write no more for certain, ``moved`` when the name pointed elsewhere for every client group,
    ``served`` when the last of its groups had its first write acknowledged by the new writer.
    """

    subject: str | None = None
    writer: str | None = None
    fault: float | None = None
    detected: float | None = None
    decided: float | None = None
    stopped: float | None = None
    no_return: float | None = None
    admitted: float | None = None
    moved: float | None = None
    served: float | None = None


def milestones(topology: Topology, history: History, trace: Trace) -> Milestones:
    """Return the moments of the first incident of a play; none where no incident was opened."""
    journal = sorted(history.journal, key=lambda each: each.at)
    opened = next((each for each in journal if each.entry.kind == OPENED), None)
    if opened is None:
        return Milestones()
    subject, decided = opened.entry.subject or "", opened.at
    fault = trace.outage_before(decided)
    begun = decided if fault is None else fault
    mine = [each for each in journal if each.entry.incident == opened.entry.incident]
    admitted = _last_of_each_database(mine, (ADMITTED,))
    lost = _groups_of(history.writes, subject, begun) or {each.group for each in history.writes}
    writer = _writer_after(history.writes, subject, begun, lost) if admitted is not None else None
    served = (
        _served_elsewhere(history.writes, subject, begun)
        if admitted is None  # no database was moved
        else _served(history.writes, writer, begun, lost)
    )
    return Milestones(
        subject=subject,
        writer=writer,
        fault=fault,
        detected=_agreed(history.votes, subject, topology.policy.observers, begun, decided),
        decided=decided,
        stopped=_last_of_each_database(mine, STOPPED),
        no_return=_first(mine, NO_RETURN),
        admitted=admitted,
        moved=_moved(trace.answers, subject, begun),
        served=served,
    )


def _first(entries: Sequence[Journalled], kind: str) -> float | None:
    return next((each.at for each in entries if each.entry.kind == kind), None)


def _last_of_each_database(entries: Sequence[Journalled], kinds: Iterable[str]) -> float | None:
    """Return when the last database had its first entry of these kinds: repeats of a step move nothing."""
    firsts: dict[str | None, float] = {}
    for each in entries:
        if each.entry.kind in kinds:
            firsts.setdefault(each.entry.database, each.at)
    return max(firsts.values(), default=None)


def _agreed(votes: Sequence[VoteChange], subject: str, needed: int, since: float, decided: float) -> float | None:
    """Return when as many observers as are needed said UNHEALTHY at the same time, no later than the decision."""
    unhealthy: set[str] = set()
    for vote in sorted(votes, key=lambda each: each.at):
        if vote.subject != subject or vote.at > decided:
            continue
        (unhealthy.add if vote.health is Health.UNHEALTHY else unhealthy.discard)(vote.observer)
        if vote.at >= since and len(unhealthy) >= needed:
            return vote.at
    return None


def _moved(answers: Sequence[Sighted[tuple[str, ...]]], subject: str, since: float) -> float | None:
    """Return when no group's name pointed at the subject any more; ``None`` while one still does."""
    left: dict[str, float | None] = {}
    for sighted in answers:
        if subject in sighted.value:
            left[sighted.of] = None
        elif left.get(sighted.of, since) is None or sighted.of not in left:
            left[sighted.of] = max(since, sighted.at)
    moments = list(left.values())
    known = [each for each in moments if each is not None]
    return max(known) if known and len(known) == len(moments) else None


def _groups_of(writes: Sequence[Write], subject: str, since: float) -> set[str]:
    """Return the client groups that had written in the subject.

    Users of another zone have a writer of their own, whom they never lost.
    """
    there = (each for each in writes if _is_acknowledged(each) and each.committed_in == subject)
    return {each.group for each in there if each.ended_at <= since}


def _writer_after(writes: Sequence[Write], subject: str, since: float, groups: AbstractSet[str]) -> str | None:
    """Return the region in which those groups first wrote in the subject's place: one that they had not written in."""
    theirs = [each for each in sorted(writes, key=lambda write: write.ended_at) if each.group in groups]
    taken = [each for each in theirs if _is_acknowledged(each) and each.committed_in not in (None, subject)]
    lost = any(each.committed_in == subject for each in theirs if _is_acknowledged(each) and each.ended_at <= since)
    before = {each.committed_in for each in taken if lost and each.ended_at <= since}
    after = (each.committed_in for each in taken if each.ended_at > since)
    return next((region for region in after if region not in before), None)


def _is_acknowledged(write: Write) -> bool:
    return write.outcome is Outcome.ACKNOWLEDGED


def _served(writes: Sequence[Write], writer: str | None, since: float, groups: AbstractSet[str]) -> float | None:
    """Return when the slowest of those groups got its first write acknowledged by the new writer."""
    if writer is None:
        return None
    return _slowest(groups, (each for each in writes if each.committed_in == writer and each.ended_at > since))


def _served_elsewhere(writes: Sequence[Write], subject: str, since: float) -> float | None:
    """Return when the slowest of the groups that a region served, and that wrote elsewhere, was served by another."""
    before = [each for each in writes if each.service == subject and each.ended_at <= since]
    elsewhere = (each for each in writes if each.service not in {None, subject} and each.ended_at > since)
    return _slowest({each.group for each in before if _is_acknowledged(each)}, elsewhere)


def _slowest(groups: AbstractSet[str], writes: Iterable[Write]) -> float | None:
    """Return when the last of some groups had its first acknowledged write of these; ``None`` where one has none."""
    firsts: dict[str, float] = {}
    for each in writes:
        if _is_acknowledged(each) and each.group in groups:
            firsts[each.group] = min(firsts.get(each.group, each.ended_at), each.ended_at)
    return max(firsts.values()) if groups and groups == firsts.keys() else None
