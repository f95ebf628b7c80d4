"""When a cool-down begins: at the end of its incident, whatever the clock of who ends it says."""

from datetime import datetime, timedelta

from failover.decision import observers_time
from failover.ports import Ports
from failover.topology import Topology


def cooling_from(ports: Ports, topology: Topology) -> datetime:
    """Return the time by this function's own clock, or by the observers' where theirs show that it is behind.

    A clock that is set back while its executor works would end the cool-down before it began. The observers' votes may
    be as old as ``observation.fresh_seconds``, by which the cool-down is rather too long than too short.
    """
    now, theirs = ports.clock.now(), observers_time(ports.store.votes(), topology.policy.observers)
    if theirs is None or now >= theirs:
        return now
    return theirs + timedelta(seconds=topology.observation.fresh_seconds)
