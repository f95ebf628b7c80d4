"""How much would be lost if a copy became the writer now."""

from failover.records import DatabaseRecord


def loss_bound_seconds(record: DatabaseRecord, position: int, lease_seconds: float) -> float | None:
    """Bound the acknowledged writes, in seconds of the source's clock, that a copy at ``position`` may lack.

    The source recorded its position with each renewal, by one clock: its own. A copy that has the position of
    renewal *k* lacks at most what was written after it, and writing ended with the lease that the newest
    renewal gave. A fenced source told its last position: a copy that has it lacks nothing.

    Args:
        record: the database's item.
        position: WAL bytes that the copy has received.
        lease_seconds: how long after a renewal the source may have gone on writing.

    Returns:
        Seconds, or ``None`` when the copy is behind all that is remembered: unknown is never zero.
    """
    if record.final is not None and position >= record.final:
        return 0.0
    renewals = record.lease.positions
    had = [each.at for each in renewals if each.lsn <= position]
    if not had:
        return None
    return renewals[-1].at - max(had) + lease_seconds
