"""The clients' history: every acknowledged write is in the last writer's history, or its loss was allowed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from failover.records import LossAllowed
from failover.topology import Topology

Complain = Callable[[str, float, str], None]

NEARLY: Final = 0.05
"""Seconds: a commit becomes durable a little after its place in the log was taken."""


class Timeline(Protocol):
    """One server's own history, which forked from its parent's at a position."""

    @property
    def parent(self) -> "Timeline | None":
        """Whose history it goes on from."""

    @property
    def forked_at(self) -> int:
        """The last position that it has of its parent's."""


class Write(NamedTuple):
    """An acknowledged write, and where it was committed."""

    at: float
    epoch: int
    position: int
    timeline: Timeline
    region: str
    client: str
    number: int


@dataclass(slots=True)
class Admission:
    """A new writer: under which epoch, on which timeline, and what its promotion was allowed to lose.

    ``bound`` is the loss bound in seconds that was recorded with it; ``None`` where it was unknown or not told.
    """

    at: float
    database: str
    incident: str | None
    epoch: int
    timeline: Timeline
    allowed: LossAllowed
    bound: float | None = None


class History:
    """What clients were told, held against what the writers have."""

    def __init__(self, topology: Topology, complain: Complain) -> None:
        self._complain = complain
        self._objectives = {each.name: float(each.rpo_seconds) for each in topology.databases}
        self.writes: dict[str, list[Write]] = {each.name: [] for each in topology.databases}
        self._admissions: dict[str, list[Admission]] = {each.name: [] for each in topology.databases}
        self._taken: dict[str, list[Timeline]] = {each.name: [] for each in topology.databases}

    def admitted(self, admission: Admission) -> None:
        """Another writer was admitted: what it lacks is lost, as far as clients have heard of it by now."""
        self._admissions[admission.database].append(admission)
        self._weigh(admission, self._lost_before(admission))

    def taken_over(self, database: str, timeline: Timeline) -> None:
        """Somebody promoted a copy past Lifeboat, and the engine itself made all others follow it.

        What it lacks is lost by that person's word. Of whoever goes on from there it is asked no more.
        """
        self._taken[database].append(timeline)

    def own(self, database: str, region: str, writer: Timeline, since: float) -> list[Write]:
        """Return what was acknowledged in a region since then, and is not in the writer's history."""
        return [each for each in _missing(self.writes[database], writer) if each.region == region and each.at > since]

    def ended(self, at: float, writers: dict[str, Timeline]) -> None:
        """Judge all of it again, now that every client has heard what became of its writes."""
        for database, writes in self.writes.items():
            for admission in self._admissions[database]:
                self._weigh(admission, self._lost_before(admission))
            given_up = {id(write) for each in self._admissions[database] for write in self._lost_before(each)}
            if len({(each.client, each.number) for each in writes}) < len(writes):
                self._complain("I1", at, f"{database}: a write was acknowledged twice, in two places")
            writer = writers.get(database)
            lacking = self._missing(database, writes, writer) if writer else []
            stray = [each for each in lacking if id(each) not in given_up]
            if stray:
                first = stray[0]
                told = f"{database}: {len(stray)} acknowledged writes are in no history of the writer's, the first of"
                self._complain("I3", at, f"{told} {first.client}, {first.number}, committed in {first.region}")

    def _lost_before(self, admission: Admission) -> list[Write]:
        old = [each for each in self.writes[admission.database] if each.epoch < admission.epoch]
        before = [each for each in self._admissions[admission.database] if each.epoch < admission.epoch]
        lost = self._missing(admission.database, old, admission.timeline)
        if lost and before:  # what an earlier one lost is not this one's loss
            gone = {id(write) for each in before for write in _missing(old, each.timeline) if write.epoch < each.epoch}
            lost = [each for each in lost if id(each) not in gone]
        return lost

    def _missing(self, database: str, writes: Iterable[Write], timeline: Timeline) -> list[Write]:
        """As ``_missing``, less what somebody else has lost."""
        missing = _missing(writes, timeline)
        taken = [each for each in self._taken[database] if each in _limits(timeline)] if missing else []
        gone = {id(write) for each in taken for write in _missing(missing, each)}
        return [each for each in missing if id(each) not in gone]

    def _weigh(self, admission: Admission, lost: list[Write]) -> None:
        if not lost:
            return
        old = (each.at for each in self.writes[admission.database] if each.epoch < admission.epoch)
        seconds = max(old) - min(each.at for each in lost)
        what = f"{admission.database}: {len(lost)} acknowledged writes of the last {seconds:.2f} s are lost"
        objective = self._objectives[admission.database]
        if admission.allowed is LossAllowed.NONE:
            self._complain("I3", admission.at, f"{what} by a planned move")
        elif admission.allowed is LossAllowed.WITHIN_OBJECTIVE and seconds > objective + NEARLY:
            self._complain("I3", admission.at, f"{what} without consent, {objective:g} s were allowed")
        bound = admission.bound
        if bound is not None and (bound == 0.0 or seconds > bound + NEARLY):
            self._complain("I3", admission.at, f"{what}, and its bound said at most {bound:g} s")


def _missing(writes: Iterable[Write], timeline: Timeline) -> list[Write]:
    """Return the writes that are in no history of a timeline's."""
    limits = _limits(timeline)
    return [each for each in writes if each.position > limits.get(each.timeline, -1)]


def _limits(timeline: Timeline) -> dict[Timeline, float]:
    """Return up to which position each timeline's writes are in the history of this one."""
    limits: dict[Timeline, float] = {}
    limit, branch = float("inf"), timeline
    while True:
        limits[branch] = limit
        if branch.parent is None:
            return limits
        limit, branch = min(limit, branch.forked_at), branch.parent
