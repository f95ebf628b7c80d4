"""Beside a database: keeping a writer's newest changes readable, and keeping what an old writer alone has."""

from collections.abc import Mapping
from contextlib import suppress

from failover.errors import ArchiveIncompleteError, GateRefusedError
from failover.ports import DatabaseCopy
from failover.records import DatabaseRecord
from failover.tails import Archive, TailRequest, TailShelf
from failover.topology import Topology


def archived(copy: DatabaseCopy, shelf: TailShelf, database: str, request: TailRequest) -> Archive:
    """Read a part of what an old writer has beyond the new one's history, and keep it in a file.

    The same request again writes the same file, so that whoever has lost the answer loses nothing. Where nothing is
    left a file is written all the same: an empty one says that somebody has looked.

    Raises:
        GateRefusedError: it is a replica, which never wrote, or its gate is open.
        ArchiveIncompleteError: not all of it can be read, and the request does not allow for that.
    """
    state = copy.describe()
    if state.in_recovery:
        raise GateRefusedError(f"{database}: this copy is in recovery; it has written nothing of its own")
    if state.gate_open:
        raise GateRefusedError(f"{database}: this copy takes writes; what it has is archived when its gate is shut")
    part = copy.read_tail(request.position, request.at)
    if part.gap is not None and not request.gaps_allowed:
        raise ArchiveIncompleteError(
            f"{database}: not all that this copy alone has can be read: {part.gap}. Look at it by hand, or consent to "
            f"keeping what can be read with `lifeboat consent {database} --tail`"
        )
    file = None
    if part.lines or part.rest is None:
        file = shelf.keep(_name(database, request), part.lines)
    return Archive(
        file,
        part.transactions,
        part.rows,
        part.oldest_at,
        part.newest_at,
        part.gap is None,
        part.rest,
        1 if file else 0,
    )


def keep_tails(
    copies: Mapping[str, DatabaseCopy], records: Mapping[str, DatabaseRecord], topology: Topology, here: str
) -> None:
    """Move the slots of the databases that are written here, by their items, on to what every replica has.

    It is done after all leases are renewed and has a second for each: a tail is for the day after, a lease for the
    next seconds. What cannot be done now is done at the next renewal.
    """
    for name, record in records.items():
        with suppress(Exception):
            if record.writer == here:
                copies[name].keep_tail(followers(topology, record))


def followers(topology: Topology, record: DatabaseRecord) -> int:
    """Return how many replicas the writer has, those that are being rebuilt among them."""
    away = sum(not divergence.rejoining for divergence in record.diverged.values())
    return len(topology.database(record.name).regions) - 1 - away


def _name(database: str, request: TailRequest) -> str:
    """Files sort by where they begin; a part that begins within a transaction says after how many changes."""
    begins = request.at.position if request.at else request.position or 0
    skipped = f"-{request.at.skip:09}" if request.at and request.at.skip else ""
    return f"tails/{database}/{request.epoch}-{begins:016X}{skipped}.jsonl"
