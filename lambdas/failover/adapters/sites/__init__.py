"""Sites outside AWS: their agents as control regions ask them, and what answers there."""

from failover.adapters.sites.asking import SiteAgents
from failover.adapters.sites.hosts import SiteHosts
from failover.adapters.sites.serving import AgentServer
from failover.adapters.sites.shelf import FolderShelf
from failover.adapters.sites.telemetry import SiteTelemetry

__all__ = ["AgentServer", "FolderShelf", "SiteAgents", "SiteHosts", "SiteTelemetry"]
