"""How a control region sees the others: probes, misses, votes."""

from failover.observation.health import health_of
from failover.observation.observer import Observer
from failover.observation.round import DEEP_HEALTH
from failover.observation.sight import Finding, Sight
from failover.observation.sightings import IncidentWatch, LeaseWatch
from failover.observation.voice import SupersededError
from failover.observation.watch import Watch
from failover.observation.window import Window

__all__ = [
    "DEEP_HEALTH",
    "Finding",
    "IncidentWatch",
    "LeaseWatch",
    "Observer",
    "Sight",
    "SupersededError",
    "Watch",
    "Window",
    "health_of",
]
