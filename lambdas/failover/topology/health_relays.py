"""Where AWS Health speaks of other regions, and who must hear of it.

A public event goes to the region that it is about and to one backup region: us-west-2 for every region, and
us-east-1 for us-west-2 (AWS Health user guide, "Creating EventBridge rules for AWS Region coverage"). No other
region's rules see it, so that it has to be passed on.
"""

from dataclasses import dataclass
from typing import Final

from failover.topology.model import Topology

BACKUP: Final = "us-west-2"
BACKUP_OF_BACKUP: Final = "us-east-1"


@dataclass(frozen=True, slots=True)
class HealthRelay:
    """A region that passes events about the regions ``about`` on to the control regions ``to``.

    No two relays pass on events about the same region, so that none can come round in a circle.
    """

    region: str
    about: tuple[str, ...]
    to: tuple[str, ...]


def health_relays(topology: Topology) -> tuple[HealthRelay, ...]:
    """Return the relays of a topology; one that would have nobody to tell is left out."""
    others = tuple(region for region in topology.aws_regions if region != BACKUP)
    backups = ((BACKUP, others), (BACKUP_OF_BACKUP, tuple({BACKUP}.intersection(topology.aws_regions))))
    relays = (
        HealthRelay(region, about, tuple(control for control in topology.control_regions if control != region))
        for region, about in backups
    )
    return tuple(relay for relay in relays if relay.about and relay.to)
