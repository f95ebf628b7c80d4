"""How a control region sees the others: probes, misses, votes."""

from failover.observation.observer import DEEP_HEALTH, Observer
from failover.observation.sight import Finding, Sight, sight_of
from failover.observation.watch import LeaseWatch, Watch

__all__ = ["DEEP_HEALTH", "Finding", "LeaseWatch", "Observer", "Sight", "Watch", "sight_of"]
