"""Checks of the section ``security`` beside the regions and zones of the product."""

from collections.abc import Iterable, Iterator

from topology_document.compilation import control_regions
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown
from topology_document.regions import AWS_REGIONS


def trails_in_control_regions(document: TopologyDocument) -> Iterator[Finding]:
    """A trail is kept in the locked bucket of a control region, and one of them twice is no second one."""
    security = document.security
    trails = (security.audit.trails or []) if security else []
    known = control_regions(document)
    for at, region in enumerate(trails):
        path = ("security", "audit", "trails")
        if region not in known:
            yield _not_one_of(path, region, known, "control regions")
        if region in trails[:at]:
            yield Finding(path, shown(region), "each control region once", f"remove {region} from trails")


def laws_of_known_zones(document: TopologyDocument) -> Iterator[Finding]:
    """A law is that of a residency zone of the product."""
    zones = {region.zone for region in document.regions.values()}
    for zone in document.security.compliance.laws if document.security else ():
        if zone not in zones:
            yield _not_one_of(("security", "compliance", "laws"), zone, sorted(zones), "zones of the regions")


def secured_places(document: TopologyDocument) -> Iterator[Finding]:
    """The report and the enclaves are where the product has stacks for them."""
    security = document.security
    if security is None:
        return
    known = [*dict.fromkeys([*control_regions(document), *(set(document.regions) & set(AWS_REGIONS))])]
    if security.compliance.report_in is not None and security.compliance.report_in not in known:
        path = ("security", "compliance", "report_in")
        yield _not_one_of(path, security.compliance.report_in, known, "regions of the product or control regions")
    if security.enclaves is not None and security.enclaves.region not in known:
        path = ("security", "enclaves", "region")
        yield _not_one_of(path, security.enclaves.region, known, "regions of the product or control regions")


def gateway_of_a_route(document: TopologyDocument) -> Iterator[Finding]:
    """Callers come through the gateway by the name of a route, which leads to regions of AWS."""
    gateway = document.security.gateway if document.security else None
    if gateway is None:
        return
    path = ("security", "gateway", "route")
    if gateway.route not in document.routes:
        yield _not_one_of(path, gateway.route, list(document.routes), "routes")
        return
    regions = document.routes[gateway.route].regions or list(document.regions)
    sites = [region for region in regions if region not in AWS_REGIONS]
    if sites:
        allowed = f"a route to regions of AWS, where API Gateway is; it leads to {listed(sites)}"
        yield Finding(path, shown(gateway.route), allowed, "name another route, or remove gateway")


def _not_one_of(path: tuple[str, ...], got: str, known: Iterable[str], what: str) -> Finding:
    names = list(known)
    fix = did_you_mean(got, names, f"write one of them, or remove {got}")
    return Finding(path, shown(got), f"one of the {what}: {listed(names)}", fix)
