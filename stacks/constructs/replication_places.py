"""Where the objects of a region are copied to."""

from failover.topology import Topology


def replicas_of(topology: Topology, region: str) -> tuple[str, ...]:
    """Return every other region of the same residency zone.

    All of them and not the next one only: S3 does not pass on what it has replicated, and the objects must
    be there whichever region the databases move to.
    """
    zone = topology.region(region).zone
    return tuple(other.name for other in topology.regions if other.zone == zone and other.name != region)
