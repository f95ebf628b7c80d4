"""Who might become the writer, and why each other copy may not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from failover.decision import Candidate, CapacityView, Quorum, in_order, loss_bound_seconds, quorum_on
from failover.errors import DatabaseUnreachableError, LifeboatError
from failover.ports import CopyState, Ports
from failover.records import Control, DatabaseRecord, Vote
from failover.topology import Topology

VERSIONS_A_MAJOR: Final = 10_000
"""PostgreSQL counts its versions so: 180003 is 18.3."""
_BARE: Final = "no node of its region is in service"


def candidates(
    ports: Ports, topology: Topology, record: DatabaseRecord, control: Control, votes: tuple[Vote, ...]
) -> tuple[Candidate, ...]:
    """Return every copy of one database but the writer's; see ``candidates_of``."""
    return candidates_of(ports, topology, (record,), control, votes)[record.name]


def candidates_of(
    ports: Ports,
    topology: Topology,
    records: Sequence[DatabaseRecord],
    control: Control,
    votes: tuple[Vote, ...],
    *,
    capacity: CapacityView | None = None,
) -> dict[str, tuple[Candidate, ...]]:
    """Return every copy of each database but the writer's: those that may be promoted first, the best first.

    The best is in the writer's own place and within the objective; of others it loses least. Ties go to the order of
    the topology's document, which is the operators' preference. All copies are asked at once, so that a region that
    hangs costs its fixed time once, however many databases it holds.
    """
    now = ports.clock.now()
    closed = {region: _closed(topology, region, control, votes, now) for region in topology.region_names}
    bare = {region for region, room in (capacity or {}).items() if room.ready < 1}
    refused = {
        (record.name, region): _refused(topology, record, region) or closed[region] or (_BARE if region in bare else "")
        for record in records
        for region in topology.database(record.name).regions
        if region != record.writer
    }
    states = ports.agent.describe_all([copy for copy, why in refused.items() if not why])
    found: dict[str, list[Candidate]] = {record.name: [] for record in records}
    by_name = {record.name: record for record in records}
    for copy, why in refused.items():
        name, region = copy
        weighed = Candidate(region, None, why) if why else _weighed(topology, by_name[name], region, states[copy])
        found[name].append(weighed)
    return {name: _ordered(weighed, topology.database(name).rpo_seconds) for name, weighed in found.items()}


def _closed(topology: Topology, region: str, control: Control, votes: tuple[Vote, ...], now: datetime) -> str:
    """Return why nothing may move to a region, as the store knows it; empty when something may."""
    if region in control.evacuated:
        return "evacuated"
    return "down, the observers say" if quorum_on(topology, votes, region, now) is Quorum.DOWN else ""


def _refused(topology: Topology, record: DatabaseRecord, region: str) -> str:
    """Return why this copy is refused before anybody asks it; empty when it is worth asking."""
    database = topology.database(record.name)
    if not database.may_be_in(topology.region(region).zone):
        return f"outside the residency zone {database.zone}"
    if region in record.diverged and record.diverged[region].rejoining:
        return "being rebuilt"
    return ""


def _weighed(topology: Topology, record: DatabaseRecord, region: str, state: CopyState | LifeboatError) -> Candidate:
    if isinstance(state, DatabaseUnreachableError):
        return Candidate(region, None, f"unreachable: {state}", unheard=True)
    if isinstance(state, LifeboatError):  # one copy that is out of order must not stand in the way of another
        return Candidate(region, None, f"{type(state).__name__}: {state}")
    if not state.in_recovery:
        return Candidate(region, None, "no replica any more: somebody promoted it outside Lifeboat")
    theirs, ours = record.lease.version // VERSIONS_A_MAJOR, state.version // VERSIONS_A_MAJOR
    if 0 < ours < theirs:
        return Candidate(region, None, f"runs PostgreSQL {ours}, and the writer ran {theirs}; upgrade it")
    if not _follows_the_writer(record, state):
        # Not refused: when everything else is lost it is the last copy, for an operator who consents to what it lacks.
        return Candidate(region, None, doubt=_since(record, region))
    lease_seconds = max(topology.lease.lease_seconds, record.lease.lasts_seconds)
    loss = loss_bound_seconds(record, state.position, lease_seconds)
    return Candidate(region, loss, beside=topology.are_a_pair(region, record.writer))


def _since(record: DatabaseRecord, region: str) -> str:
    if region in record.diverged:
        return f"it does not follow the writer since epoch {record.diverged[region].epoch}"
    return "it has not received the writer's admission"


def _follows_the_writer(record: DatabaseRecord, state: CopyState) -> bool:
    """Whether the copy has received the admission of the writer's epoch, or that epoch's fence.

    A sibling of the promoted replica goes on following the old source: its positions are of another timeline,
    and however far they are they say nothing of what the new writer has written.
    """
    admitted, fenced = (record.epoch, False), (record.epoch + 1, True)
    return (state.gate_epoch, state.gate_fenced) in (admitted, fenced)


def _ordered(candidates: Sequence[Candidate], rpo_seconds: float) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda each: (bool(each.refused), *in_order(each, rpo_seconds))))
