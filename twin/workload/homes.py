"""Which database the service of a region writes, and which name the users near it ask for."""

from failover.topology import Database, DatasetKind, Route, Topology


def homes(topology: Topology) -> dict[str, Database]:
    """Return each region's database: one with one writer where the region holds a copy, else what is at home there.

    A region that holds none writes to the first, wherever that is written.
    """
    found = {}
    for region in topology.region_names:
        held = [each for each in topology.databases if region in each.regions]
        moving = [each for each in held if each.kind is DatasetKind.SINGLE]
        found[region] = (moving or held or list(topology.databases))[0]
    return found


def asked_for(topology: Topology, region: str) -> Route | None:
    """Return the route that users near a region write by: one that leads into their zone, else the first."""
    zone = topology.region(region).zone
    writing = [route for route in topology.routes if route.writes]
    inside = [route for route in writing if {topology.region(each).zone for each in route.regions} == {zone}]
    return next(iter(inside or writing), None)
