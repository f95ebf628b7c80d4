"""Checks of routes: what DNS can answer."""

from collections.abc import Iterator
from typing import Final

from failover.topology import RoutePolicy
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown

APEX: Final = "@"
_ALIAS_SECONDS: Final = 60
"""An alias to a load balancer has this time to live, and the apex of a zone takes no CNAME."""
_TAKEN: Final = ("origin", "lever")


def free_names(document: TopologyDocument) -> Iterator[Finding]:
    """``origin`` and ``lever`` hold the names that observers and health checks use."""
    for name in document.routes:
        if name.rsplit(".", maxsplit=1)[-1] in _TAKEN:
            allowed = f"a name that does not end in {' or '.join(_TAKEN)}: Lifeboat's own names are there"
            yield Finding(("routes", name), shown(name), allowed, "choose another name, such as app")


def apex_has_a_load_balancers_ttl(document: TopologyDocument) -> Iterator[Finding]:
    """The domain itself is an alias to a load balancer, which clients remember for 60 s."""
    apex = document.routes.get(APEX)
    if apex and apex.ttl_seconds < _ALIAS_SECONDS:
        allowed = f"{_ALIAS_SECONDS} or more at the domain itself, where the record is an alias"
        fix = f"write ttl_seconds: {_ALIAS_SECONDS}, or use a name under the domain"
        yield Finding(("routes", APEX, "ttl_seconds"), str(apex.ttl_seconds), allowed, fix)


def routes_to_declared_regions(document: TopologyDocument) -> Iterator[Finding]:
    """A route leads to regions of the product, to each once."""
    for name, route in document.routes.items():
        regions, path = route.regions or [], ("routes", name, "regions")
        for at, region in enumerate(regions):
            if region not in document.regions:
                fix = did_you_mean(region, document.regions, f"add {region} to regions")
                yield Finding(path, shown(region), f"one of the regions: {listed(document.regions)}", fix)
            elif region in regions[:at]:
                yield Finding(path, shown(region), "each region once", f"remove the second {region}")


def policy_that_can_answer(document: TopologyDocument) -> Iterator[Finding]:
    """Route 53 must be able to answer with the policy over the route's regions."""
    for name, route in document.routes.items():
        regions, path = route.regions or list(document.regions), ("routes", name, "policy")
        if route.policy is RoutePolicy.MULTIVALUE:
            allowed = "another policy: Route 53 gives no multivalue answer of CNAME or alias records, which routes are"
            yield Finding(path, shown(route.policy), allowed, "write policy: latency")
        elif route.policy is RoutePolicy.FAILOVER and len(regions) != 2:
            got = f"{shown(route.policy)} over {len(regions)} regions"
            allowed = "exactly two regions with failover, a first and a second"
            yield Finding(path, got, allowed, "list two in regions, or write policy: latency")
