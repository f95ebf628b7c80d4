"""The world of a site's processes, put together from what they are told."""

import ssl
from collections.abc import Mapping
from pathlib import Path

from failover.adapters.aws import AwsPromisers
from failover.adapters.postgres import Address, ApplicationRoles, PostgresDatabase
from failover.adapters.sites import AgentServer, FolderShelf, SiteHosts, SiteTelemetry
from failover.adapters.system import SystemClock
from failover.adapters.world import guards_store
from failover.ports import DatabaseCopy
from failover.procedures.guarding import GuardPorts
from failover.procedures.site_desk import SiteDesk
from failover.topology import SiteNames, Topology
from runtime.site.told import SiteEnvironment, logins


def agent(topology: Topology, told: SiteEnvironment) -> AgentServer:
    """Return the server of the site's agent, listening."""
    host, _, port = told.listens.rpartition(":")
    desk = SiteDesk(copies(topology, told), FolderShelf(Path(told.tails), told.site), SiteHosts(topology, told.site))
    return AgentServer(
        (host, int(port)),
        desk,
        certificate=Path(told.certificate),
        key=Path(told.key),
        authority=Path(told.authority),
        asker=SiteNames(topology).asker,
    )


def guard_ports(topology: Topology, told: SiteEnvironment) -> GuardPorts:
    """Return what the site's guard may touch; its heartbeats are heard in the control region that watches over it."""
    clock, near = SystemClock(), copies(topology, told)
    store, promisers = guards_store(topology), AwsPromisers(topology)
    return GuardPorts(told.site, clock, store, promisers, near, SiteTelemetry(topology, told.site, clock))


def copies(topology: Topology, told: SiteEnvironment) -> Mapping[str, DatabaseCopy]:
    """Return the site's copies of its databases.

    Raises:
        ValueError: the topology says that other databases are here than these processes were told.
    """
    held = {each.name for each in topology.databases if told.site in each.regions}
    known = logins(Path(told.logins))
    for what, names in (("endpoints", set(told.endpoints)), (told.logins, set(known))):
        if names != held:
            raise ValueError(f"{what}: got {sorted(names)}; {told.site} holds {sorted(held)}")
    return {name: _copy(name, told.endpoints[name], known[name], told) for name in sorted(held)}


def _copy(name: str, endpoint: str, known: Mapping[str, tuple[str, str]], told: SiteEnvironment) -> PostgresDatabase:
    host, _, port = endpoint.rpartition(":")
    user, password = known["owner"]
    address = Address(host, int(port), user, password, name.replace("-", "_"), tls=_tls(host, told.authority))
    return PostgresDatabase(address, ApplicationRoles(known["app_rw"][1], known["app_ro"][1]))


def _tls(host: str, authority: str) -> ssl.SSLContext | None:
    """Servers of a site show certificates of the sites' authority; on this very machine there is nobody to listen."""
    return None if host.startswith("127.") or host == "localhost" else ssl.create_default_context(cafile=authority)
