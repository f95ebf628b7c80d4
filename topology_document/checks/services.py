"""Checks of services: what they stand on, whom they call, what they read."""

from collections.abc import Iterator
from typing import Final

from topology_document.document import TopologyDocument
from topology_document.findings import Finding, did_you_mean, listed, shown
from topology_document.infrastructure.compute import CapacityKind, is_arm

LEAST_OF_A_CRITICAL: Final = 3
"""One for each zone, so that a zone that is lost takes a third."""

SPOT_POOLS: Final = 3

ASKED: Final = "/health/deep"
"""What observers ask every region (``failover.observation.round``)."""

ONLY_CACHE: Final = "cache"
"""The cache that each region has when the document declares none."""


def critical_on_nodes_that_stay(document: TopologyDocument) -> Iterator[Finding]:
    """AWS takes Spot nodes back at two minutes' notice, many at once: nothing critical stands on them alone."""
    for name, service in document.services.items():
        if service.critical and service.capacity is CapacityKind.SPOT:
            allowed = "on-demand or any for a critical service: Spot nodes may all be taken back at once"
            fix = "write capacity: any, or critical: false"
            yield Finding(("services", name, "capacity"), shown("spot"), allowed, fix)


def spot_nodes_to_stand_on(document: TopologyDocument) -> Iterator[Finding]:
    """Who wants Spot nodes needs some, of several types."""
    spot = document.compute.spot if document.compute else None
    for name, service in document.services.items():
        if spot is None and service.capacity is CapacityKind.SPOT:
            allowed = "on-demand where compute.spot is not there"
            fix = "add compute.spot, or write capacity: on-demand"
            yield Finding(("services", name, "capacity"), shown(service.capacity.value), allowed, fix)
    if spot and len(set(spot.instance_types)) < SPOT_POOLS:
        allowed = f"{SPOT_POOLS} types or more: Spot nodes of one type run out at once"
        fix = "add types of the same size, such as m7g.large, m6g.large, c7g.large"
        yield Finding(("compute", "spot", "instance_types"), shown(list(spot.instance_types)), allowed, fix)
    if spot and spot.most_nodes < spot.nodes:
        fix = f"write most_nodes: {spot.nodes} or more"
        allowed = f"at least nodes, which is {spot.nodes}"
        yield Finding(("compute", "spot", "most_nodes"), str(spot.most_nodes), allowed, fix)


def nodes_of_one_architecture(document: TopologyDocument) -> Iterator[Finding]:
    """An image is built for one architecture, and a node group starts one."""
    if document.compute is None:
        return
    types = document.compute.instance_types
    spot = document.compute.spot.instance_types if document.compute.spot else []
    for path, each in [
        *((("compute", "instance_types"), each) for each in types),
        *((("compute", "spot", "instance_types"), each) for each in spot),
    ]:
        if is_arm(each) is not is_arm(types[0]):
            allowed = f"types of the architecture of {types[0]}, for which the images are built"
            fix = "remove it, or choose one of the same architecture"
            yield Finding(path, shown(each), allowed, fix)


def replicas_in_every_zone(document: TopologyDocument) -> Iterator[Finding]:
    """A critical service has a pod in each zone, and a service has room above its least."""
    for name, service in document.services.items():
        if service.critical and service.least_replicas < LEAST_OF_A_CRITICAL:
            allowed = f"{LEAST_OF_A_CRITICAL} or more for a critical service, one in each zone"
            fix = f"write least_replicas: {LEAST_OF_A_CRITICAL}, or critical: false"
            yield Finding(("services", name, "least_replicas"), str(service.least_replicas), allowed, fix)
        if service.most_replicas < service.least_replicas:
            allowed = f"at least least_replicas, which is {service.least_replicas}"
            fix = f"write most_replicas: {2 * service.least_replicas}"
            yield Finding(("services", name, "most_replicas"), str(service.most_replicas), allowed, fix)


def calls_of_known_services(document: TopologyDocument) -> Iterator[Finding]:
    """What a service names is there."""
    for name, service in document.services.items():
        others = [each for each in document.services if each != name]
        for key, named, known in (
            ("calls", service.calls, others),
            ("databases", service.databases, list(document.databases)),
            ("caches", service.caches, list(document.caches) or [ONLY_CACHE]),
            ("tables", service.tables, list(document.tables)),
            ("buckets", service.buckets, list(document.buckets)),
            ("models", service.models, list(document.models)),
            ("regions", service.regions or [], list(document.regions)),
        ):
            for each in (each for each in named if each not in known):
                fix = did_you_mean(each, known, f"remove {each}")
                yield Finding(("services", name, key), shown(each), f"one of {listed(known) or 'none'}", fix)


def somebody_to_answer_every_call(document: TopologyDocument) -> Iterator[Finding]:
    """A service runs wherever it is called, or has a name by which it is called from there."""
    for name, service in document.services.items():
        wanted = service.regions or list(document.regions)
        for each in (each for each in service.calls if each in document.services):
            called = document.services[each]
            missing = [region for region in wanted if called.regions is not None and region not in called.regions]
            if missing and called.reached_by is None:
                where = listed(missing)
                allowed = f"a service that runs in {where} too, where {name} does, or one that is reached by a route"
                fix = f"add {where} to services.{each}.regions, or write services.{each}.reached_by"
                yield Finding(("services", name, "calls"), shown(each), allowed, fix)


def reached_where_it_runs(document: TopologyDocument) -> Iterator[Finding]:
    """Who is called by a route's name answers a public path in every region that the route may lead to."""
    for name, service in document.services.items():
        if service.reached_by is None:
            continue
        path = ("services", name, "reached_by")
        route = document.routes.get(service.reached_by)
        if route is None:
            fix = did_you_mean(service.reached_by, list(document.routes), "declare the route")
            yield Finding(path, shown(service.reached_by), f"one of the routes: {listed(document.routes)}", fix)
            continue
        here = service.regions or list(document.regions)
        beyond = [each for each in route.regions or document.regions if each not in here]
        if beyond:
            allowed = f"a route that leads only to {listed(here)}, where it runs"
            fix = f"write a route of their own, or add {listed(beyond)} to services.{name}.regions"
            yield Finding(path, shown(service.reached_by), allowed, fix)
        if not service.paths:
            fix = f"write services.{name}.paths: [/{name}]"
            yield Finding(path, shown(service.reached_by), "no route for a service without a public path", fix)


def paths_of_one_service(document: TopologyDocument) -> Iterator[Finding]:
    """A public path leads to one service."""
    taken: dict[str, str] = {}
    for name, service in document.services.items():
        for path in service.paths:
            if path in taken:
                fix = f"remove it here, or at {taken[path]}"
                yield Finding(("services", name, "paths"), shown(path), f"a path that {taken[path]} does not have", fix)
            taken.setdefault(path, name)


def somebody_answers_the_observers(document: TopologyDocument) -> Iterator[Finding]:
    """A region whose entrance leads the observers' question to nobody is taken for lost."""
    public = {name: service for name, service in document.services.items() if service.paths}
    if not public:
        return
    for region in (name for name, each in document.regions.items() if each.site is None):
        here = [each for each in public.values() if each.regions is None or region in each.regions]
        if not any(ASKED.startswith(path) for service in here for path in service.paths):
            name = next(iter(public))
            allowed = f"in {region} somebody who answers {ASKED}, which observers ask, or all take the region for lost"
            fix = f"write services.{name}.paths: [/], or /health"
            yield Finding(("services",), "no service with path / or /health", allowed, fix)
            return
