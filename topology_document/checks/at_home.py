"""Checks of what data that stays at home needs: hosts of its own, and a notice where it cannot be served."""

from collections.abc import Iterator

from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown


def notices_of_known_routes(document: TopologyDocument) -> Iterator[Finding]:
    """A notice takes the place of a route's regions."""
    for name in document.notices:
        if name not in document.routes:
            fix = did_you_mean(name, document.routes, "name a route")
            yield Finding(("notices", name), shown(name), f"one of the routes: {listed(document.routes)}", fix)
        elif name == "@":
            allowed = "a route below the domain: a notice is answered by CNAME"
            yield Finding(("notices", name), shown(name), allowed, "give the route a name, such as app")


def hosts_of_self_managed_databases(document: TopologyDocument) -> Iterator[Finding]:
    """Hosts are made for servers of one's own alone."""
    for name in document.hosts:
        database = document.databases.get(name)
        if database is None:
            fix = did_you_mean(name, document.databases, "name a database")
            yield Finding(("hosts", name), shown(name), f"one of the databases: {listed(document.databases)}", fix)
        elif database.engine != "postgres":
            allowed = f"a database with engine postgres, and this one has {database.engine}"
            yield Finding(("hosts", name), shown(name), allowed, "remove it, or write engine: postgres")
