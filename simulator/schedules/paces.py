"""How fast a schedule is played: mostly as fast as a drill, so that much happens in little time."""

from dataclasses import dataclass
from typing import Any, Final

from failover.topology import Automation
from rehearsal.form import Timings
from simulator.schedules.lots import Lots

QUICK: Final[dict[str, Any]] = {
    "probe": 2.0,
    "misses": 3,
    "fresh": 10.0,
    "dwell": 3.0,
    "database_dwell": 5.0,
    "flapping_dwell": 15.0,
    "incident_lease": 12.0,
    "lease": 10.0,
    "margin": 1.0,
    "renew": 2.0,
    "ttl": 5.0,
    "bake": 3.0,
}
"""The times of most drills in drills/, which are those of a product in about a third."""

OWN_LEASE_SECONDS: Final = 20.0
"""The longest lease of the topologies that are played."""

OWN_SHARE: Final = 0.08
"""How often a topology is played with its own times, which takes twice as long."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The times of a schedule: from ``quiet_at`` on nothing is broken any more, and after ``quiet_seconds`` it ends.

    The quiet is long enough for an incident that stands orphaned when it begins to be taken over and gone through.
    """

    timings: Timings
    quiet_at: float
    quiet_seconds: float


def pace(lots: Lots) -> Pace:
    """Draw one; how far automation goes, what loss is allowed and how long one waits for people differ as well."""
    said: dict[str, Any] = {}
    if lots.happens(0.15):
        said["automation"] = Automation.APPROVE if lots.happens(0.8) else Automation.OBSERVE
    if lots.happens(0.7):
        said["approval"], said["consent"] = lots.one((10.0, 25.0)), lots.one((10.0, 25.0))
    own = lots.happens(OWN_SHARE)
    if lots.happens(0.3):  # no topology may ask for less than a lease: no smaller loss can be proved
        said["rpo"] = (OWN_LEASE_SECONDS if own else QUICK["lease"]) + lots.one((0.0, 2.0))
    if lots.happens(0.35):
        said["cool_down"] = lots.one((5.0, 20.0, 60.0))
    if own:
        return Pace(Timings.model_construct(**said), lots.between(110, 160), 150.0)
    return Pace(Timings.model_construct(**QUICK, **said), lots.between(55, 90), 75.0)
