"""Who might become the writer, and why each other copy may not."""

from failover.decision import Candidate, Quorum, loss_bound_seconds, quorum_on
from failover.errors import DatabaseUnreachableError, LifeboatError
from failover.ports import CopyState, Ports
from failover.records import Control, DatabaseRecord, Vote
from failover.topology import Topology


def candidates(
    ports: Ports, topology: Topology, record: DatabaseRecord, control: Control, votes: tuple[Vote, ...]
) -> tuple[Candidate, ...]:
    """Return every copy but the writer's, those that may be promoted first, the least loss before the rest.

    Ties go to the order of the topology's document, which is the operators' preference.
    """
    database = topology.database(record.name)
    found = []
    for region in database.regions:
        if region == record.writer:
            continue
        if topology.region(region).zone != database.zone:
            found.append(Candidate(region, None, f"outside the residency zone {database.zone}"))
        elif region in control.evacuated:
            found.append(Candidate(region, None, "evacuated"))
        elif quorum_on(topology, votes, region, ports.clock.now()) is Quorum.DOWN:
            found.append(Candidate(region, None, "down, the observers say"))
        else:
            found.append(_asked(ports, topology, record, region))
    return tuple(sorted(found, key=lambda each: (bool(each.refused), _loss_order(each.loss_seconds))))


def _asked(ports: Ports, topology: Topology, record: DatabaseRecord, region: str) -> Candidate:
    try:
        state = ports.agent.describe(record.name, region)
    except DatabaseUnreachableError as exc:
        return Candidate(region, None, f"unreachable: {exc}")
    except LifeboatError as exc:  # one copy that is out of order must not stand in the way of another
        return Candidate(region, None, f"{type(exc).__name__}: {exc}")
    if not state.in_recovery:
        return Candidate(region, None, "no replica any more: somebody promoted it outside Lifeboat")
    if not _follows_the_writer(record, state):
        return Candidate(region, None)
    lease_seconds = max(topology.lease.lease_seconds, record.lease.lasts_seconds)
    return Candidate(region, loss_bound_seconds(record, state.position, lease_seconds))


def _follows_the_writer(record: DatabaseRecord, state: CopyState) -> bool:
    """Whether the copy has received the admission of the writer's epoch, or that epoch's fence.

    A sibling of the promoted replica goes on following the old source: its positions are of another timeline,
    and however far they are they say nothing of what the new writer has written.
    """
    admitted, fenced = (record.epoch, False), (record.epoch + 1, True)
    return (state.gate_epoch, state.gate_fenced) in (admitted, fenced)


def _loss_order(loss_seconds: float | None) -> float:
    return float("inf") if loss_seconds is None else loss_seconds
