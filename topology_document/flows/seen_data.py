"""What goes from region to region because somebody looks at it, and the users, who go where names lead them."""

from collections.abc import Iterator

from failover.topology import RoutePolicy
from topology_document import compilation
from topology_document.document import TopologyDocument
from topology_document.findings import Path
from topology_document.flows.flow import Flow, FlowKind, Place, Product
from topology_document.infrastructure.compute import ServiceSection
from topology_document.infrastructure.delivery import AcceleratorSection
from topology_document.infrastructure.geography import countries
from topology_document.infrastructure.network import Reach, TransitSection
from topology_document.infrastructure.observability import LogsSection, PrometheusSection
from topology_document.infrastructure.security import AuditSection, ComplianceSection
from topology_document.infrastructure.steering import SteeringSection
from topology_document.sections import QuorumStoreSection, RouteSection


def of_document(document: TopologyDocument, path: Path, product: Product) -> Iterator[Flow]:
    """Each region's own bucket is copied to those of its zone, and its health is told to the control regions."""
    for zone in dict.fromkeys(region.zone for region in document.regions.values()):
        for source in product.inside(zone):
            for target in product.inside(zone):
                if source != target:
                    ends = source, target
                    yield product.flow(FlowKind.OBJECTS, "its own bucket", ("regions",), ends, personal=True)
    for source in document.regions:
        for target in compilation.control_regions(document):
            if source != target:
                ends = source, target
                yield product.flow(FlowKind.CONTROL, "its health", (*path, "control_regions"), ends, personal=False)


def of_quorum(store: QuorumStoreSection, path: Path, product: Product) -> Iterator[Flow]:
    """The store knows which region writes what, and nothing of what is written."""
    for source in product.regions:
        for target in filter(None, (*store.replicas, store.witness)):
            if source != target:
                ends = source, target
                yield product.flow(FlowKind.CONTROL, "the quorum store", path, ends, personal=False)


def of_route(route: RouteSection, path: Path, product: Product) -> Iterator[Flow]:
    """Where a name is answered by regions of several zones, the users of each may be led to any of them.

    By geolocation they are led by where they are, which the route's steering says. Users are of a zone where ``zones``
    says so.
    """
    if route.policy is RoutePolicy.GEOLOCATION:
        return
    regions = route.regions or product.regions
    for zone in dict.fromkeys(product.place(each).zone for each in regions):
        if zone is not None:
            yield from _users(zone, regions, path, product)


def of_steering(steering: SteeringSection, path: Path, product: Product) -> Iterator[Flow]:
    """Countries whose zone is declared are led to a route that is answered there."""
    homes = {
        country: zone
        for zone, declared in product.document.zones.items()
        for place in declared.users
        for country in countries(place) or (place,)
    }
    for name, places in steering.places.items():
        target = product.document.routes.get(name)
        located = [country for place in places for country in countries(place) or (place,)]
        for zone in dict.fromkeys(homes[country] for country in located if country in homes):
            regions = (target.regions or product.regions) if target is not None else []
            yield from _users(zone, regions, (*path, "places", name), product)


def of_service(service: ServiceSection, path: Path, product: Product) -> Iterator[Flow]:
    """Where a service does not run its callers ask it by a route's name; elsewhere they ask it in their own region."""
    route = product.document.routes.get(service.reached_by or "")
    if route is None:
        return
    callers = [each for each in product.document.services.values() if path[-1] in each.calls]
    for source in product.regions:
        calls = any(each.regions is None or source in each.regions for each in callers)
        if calls and service.regions is not None and source not in service.regions:
            for target in route.regions or product.regions:
                ends = source, target
                told = (*path, "reached_by")
                yield product.flow(FlowKind.CALLS, path[-1], told, ends, personal=service.personal_data)


def of_accelerator(_: AcceleratorSection, path: Path, product: Product) -> Iterator[Flow]:
    """An accelerator leads everybody to the nearest region."""
    for zone in dict.fromkeys(region.zone for region in product.document.regions.values()):
        yield from _users(zone, product.regions, path, product)


def of_logs(logs: LogsSection, path: Path, product: Product) -> Iterator[Flow]:
    """Logs hold what users did; each zone's are gathered in one region."""
    for zone, target in logs.gathered_in.items():
        for source in product.inside(zone):
            if source != target:
                where = (*path, "gathered_in", zone)
                yield product.flow(FlowKind.LOGS, "logs", where, (source, target), personal=True)


def of_prometheus(prometheus: PrometheusSection, path: Path, product: Product) -> Iterator[Flow]:
    """What is federated are sums over a region."""
    yield from _to_one(FlowKind.METRICS, "prometheus", (*path, "federated_in"), prometheus.federated_in, product)


def of_audit(audit: AuditSection, path: Path, product: Product) -> Iterator[Flow]:
    """A trail holds calls of AWS's APIs by operators and functions, of every region."""
    for trail in audit.trails or []:
        yield from _to_one(FlowKind.AUDIT, "trail", (*path, "trails"), trail, product)


def of_compliance(compliance: ComplianceSection, path: Path, product: Product) -> Iterator[Flow]:
    """A report says which rules a region's settings keep."""
    yield from _to_one(FlowKind.AUDIT, "compliance", (*path, "report_in"), compliance.report_in, product)


def of_transit(transit: TransitSection, path: Path, product: Product) -> Iterator[Flow]:
    """A way between networks; what may take it, the flows above say."""
    for source in transit.asns:
        for target in transit.asns:
            one_zone = product.place(source).zone == product.place(target).zone
            if source != target and (one_zone or transit.reach is Reach.EVERYWHERE):
                yield product.flow(FlowKind.PACKETS, "transit", (*path, "reach"), (source, target), personal=False)


def _users(zone: str, regions: list[str], path: Path, product: Product) -> Iterator[Flow]:
    declared = product.document.zones.get(zone)
    lawful = (zone, *declared.served_in) if declared is not None else None
    for region in regions:
        where = path if path[0] != "routes" else (*path, "regions")
        yield Flow(FlowKind.USERS, path[-1], where, Place("users", zone), product.place(region), lawful)


def _to_one(kind: FlowKind, what: str, path: Path, target: str | None, product: Product) -> Iterator[Flow]:
    if target is not None:
        for source in product.regions:
            if source != target:
                yield product.flow(kind, what, path, (source, target), personal=False)
