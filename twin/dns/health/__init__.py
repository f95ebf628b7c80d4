"""Health checks as Route 53 makes them: from outside all regions, by checkers that do not coordinate."""

from twin.dns.health.checkers import HealthCheckers
from twin.dns.health.configuration import CheckType, HealthCheck
from twin.dns.health.probe import Network, Verdict
from twin.dns.health.statuses import HealthChange, Statuses

__all__ = ["CheckType", "HealthChange", "HealthCheck", "HealthCheckers", "Network", "Statuses", "Verdict"]
