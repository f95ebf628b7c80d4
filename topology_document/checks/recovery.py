"""Checks of gradual returns: of routes that have a first and a second region, and nothing else that weighs them."""

from collections.abc import Iterator

from failover.topology import RoutePolicy
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown


def recovery_of_declared_routes(document: TopologyDocument) -> Iterator[Finding]:
    """Users come back by a route."""
    for name in document.recovery:
        if name not in document.routes:
            fix = did_you_mean(name, document.routes, f"add {name} to routes")
            yield Finding(("recovery", name), shown(name), f"one of the routes: {listed(document.routes)}", fix)


def recovery_of_a_first_region(document: TopologyDocument) -> Iterator[Finding]:
    """Only policy failover has a first region that all users are to come back to."""
    for name in document.recovery:
        route, steering = document.routes.get(name), document.steering.get(name)
        if route is not None and route.policy is not RoutePolicy.FAILOVER:
            fix = f"remove it, or write routes.{name}.policy: failover"
            got = f"it on a route of policy {route.policy}"
            yield Finding(("recovery", name), got, "with policy failover only", fix)
        elif name in document.notices or (steering is not None and steering.all_unhealthy is not None):
            allowed = (
                "one of recovery, a notice and steering's all_unhealthy: a name is shared among one set of records"
            )
            yield Finding(
                ("recovery", name), f"more than one for {name}", allowed, f"remove recovery.{name}, or the other"
            )
