"""One more renewal of a lease: counted, with the writer's position, and with how long its gate may stay open."""

from dataclasses import replace

from failover.ports import CopyState
from failover.records import LeaseRecord, Position

POSITIONS = 30
"""How many renewals are remembered for the loss bound; at 5 s each, two and a half minutes."""


def renewed(lease: LeaseRecord, writer: CopyState, lease_seconds: float) -> LeaseRecord:
    """Return the lease after a renewal that may open the writer's gate for ``lease_seconds`` from its clock on.

    An earlier renewal, of a deployment with a longer lease, may have opened it for longer, and no renewal makes
    that shorter. Both times are the same database's clock, so that they may be compared.
    """
    left_seconds = lease.lasts_seconds
    if lease.positions:
        left_seconds -= writer.clock - lease.positions[-1].at
    return replace(
        lease,
        renewal=lease.renewal + 1,
        positions=(*lease.positions, Position(writer.position, writer.clock))[-POSITIONS:],
        lasts_seconds=max(lease_seconds, left_seconds),
        version=writer.version or lease.version,
    )
