"""When a cool-down begins: at the end of its incident, whatever the clock of who ends it says."""

from datetime import datetime, timedelta

from failover.ports import Ports
from failover.topology import Topology


def cooling_from(ports: Ports, topology: Topology) -> datetime:
    """Return the time by this function's own clock, or by the observers' where theirs show that it is far behind.

    A clock that is set back while its executor works would end the cool-down before it began. The observers' time is
    the second newest of their newest votes, so that one wrong clock among them moves nothing; they may be as old as
    ``observation.fresh_seconds``, by which the cool-down is rather too long than too short.
    """
    now, newest = ports.clock.now(), dict[str, datetime]()
    for vote in ports.store.votes():
        newest[vote.observer] = max(vote.observed_at, newest.get(vote.observer, vote.observed_at))
    if len(newest) < 2:
        return now
    fresh = timedelta(seconds=topology.observation.fresh_seconds)
    theirs = sorted(newest.values())[-2]
    return now if now >= theirs - fresh else theirs + fresh
