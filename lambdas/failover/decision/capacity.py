"""Whether the regions that stay could carry everybody: what the compute services said, against the topology."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from failover.topology import Topology


@dataclass(frozen=True, slots=True)
class Room:
    """The nodes of a region that are in service, and as many as there may be: no more, where none are launched."""

    ready: int
    most: int


CapacityView = Mapping[str, Room]
"""What is known, by region; a region that is not in it did not answer."""


def capacity_fits(topology: Topology, subject: str, view: CapacityView | None, staying: Collection[str]) -> bool:
    """Whether the regions that stay have room beside their own nodes for those of all who do not, in their zone.

    Who does not stay is the subject and all that were lost before it. What is not known blocks nothing: a compute
    service that does not answer must not keep a product down, and the incident's own step asks again before the
    traffic moves.
    """
    if view is None or not staying or not set(staying) <= set(view):
        return True
    zone = topology.region(subject).zone
    own = {each.name: each.capacity.needed for each in topology.regions if each.zone == zone}
    lost = sum(nodes for region, nodes in own.items() if region not in staying)
    return sum(max(0, view[region].most - own[region]) for region in staying) >= lost
