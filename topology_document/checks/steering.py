"""Checks of what DNS is told of a route beyond its policy: no answer leads out of a zone, none contradicts another."""

from collections.abc import Iterator

from failover.topology import RoutePolicy
from topology_document.document import TopologyDocument
from topology_document.findings import Finding, Path, did_you_mean, listed, shown
from topology_document.infrastructure.geography import countries
from topology_document.infrastructure.steering import SteeringSection
from topology_document.sections import RouteSection


def steering_of_declared_routes(document: TopologyDocument) -> Iterator[Finding]:
    """Steering is of a route."""
    for name in document.steering:
        if name not in document.routes:
            fix = did_you_mean(name, document.routes, f"add {name} to routes")
            yield Finding(("steering", name), shown(name), f"one of the routes: {listed(document.routes)}", fix)


def steering_that_the_policy_knows(document: TopologyDocument) -> Iterator[Finding]:
    """Places, biases and weights are each of one policy, and geolocation is nothing without places."""
    for name, route in document.routes.items():
        steering = document.steering.get(name)
        if route.policy is RoutePolicy.GEOLOCATION and (steering is None or not steering.places):
            allowed = "geolocation where the route's steering says whose users each zone's route is for"
            yield Finding(
                ("routes", name, "policy"), shown(route.policy), allowed, f"write steering.{name}.places, or latency"
            )
    for name, route, steering in _steered(document):
        asked = {
            "places": (bool(steering.places), RoutePolicy.GEOLOCATION),
            "elsewhere": (steering.elsewhere is not None, RoutePolicy.GEOLOCATION),
            "biases": (bool(steering.biases), RoutePolicy.GEOPROXIMITY),
            "weights": (steering.weights is not None, RoutePolicy.WEIGHTED),
        }
        for key, (is_asked, policy) in asked.items():
            if is_asked and route.policy is not policy:
                got = f"it on a route of policy {route.policy}"
                fix = f"remove {key}, or write routes.{name}.policy: {policy}"
                yield Finding(("steering", name, key), got, f"with policy {policy} only", fix)


def places_of_one_route_each(document: TopologyDocument) -> Iterator[Finding]:
    """Each place leads to one other route, and that route into one residency zone."""
    for name, _, steering in _steered(document):
        taken: dict[str, str] = {}
        for target, places in steering.places.items():
            yield from _leads_into_one_zone(document, name, ("steering", name, "places", target), target)
            for place in places:
                located = countries(place) or (place,)
                twice = next((each for each in located if each in taken), None)
                if twice is not None:
                    said = shown(twice if twice == place else f"{twice}, of {place}")
                    allowed = f"each country once, and it is with {taken[twice]} already"
                    yield Finding(("steering", name, "places", target), said, allowed, "remove one of the two")
                taken = {**dict.fromkeys(located, target), **taken}
        if steering.elsewhere is not None:
            yield from _leads_into_one_zone(document, name, ("steering", name, "elsewhere"), steering.elsewhere)


def regions_of_the_route(document: TopologyDocument) -> Iterator[Finding]:
    """What is said of regions is said of the route's own."""
    for name, route, steering in _steered(document):
        regions = route.regions or list(document.regions)
        said: list[tuple[Path, str]] = [(("steering", name, "biases", region), region) for region in steering.biases]
        if steering.all_unhealthy is not None:
            said.append((("steering", name, "all_unhealthy"), steering.all_unhealthy))
        for path, region in said:
            if region not in regions:
                fix = did_you_mean(region, regions, f"add {region} to routes.{name}.regions")
                yield Finding(path, shown(region), f"one of the route's regions: {listed(regions)}", fix)
        if steering.weights is not None and set(steering.weights.capacity_per_minute) != set(regions):
            path = ("steering", name, "weights", "capacity_per_minute")
            allowed = f"a number for each of the route's regions and no other: {listed(regions)}"
            yield Finding(path, listed(steering.weights.capacity_per_minute), allowed, "name just these")


def weights_within_a_zone(document: TopologyDocument) -> Iterator[Finding]:
    """Weights move users by load, and load is no reason to leave a residency zone."""
    for name, route, steering in _steered(document):
        zones = _zones(document, route)
        if steering.weights is not None and len(zones) > 1:
            allowed = "weights among regions of one residency zone"
            fix = "make a route for each zone, and one with policy geolocation over them"
            yield Finding(("steering", name, "weights"), f"them over the zones {listed(sorted(zones))}", allowed, fix)


def weights_that_can_move(document: TopologyDocument) -> Iterator[Finding]:
    """A step that is smaller than the smallest change would never be made."""
    for name, _, steering in _steered(document):
        weights = steering.weights
        if weights is not None and weights.most_change_percent < weights.least_change_percent:
            path = ("steering", name, "weights", "most_change_percent")
            allowed = f"least_change_percent, {weights.least_change_percent}, or more"
            fix = f"write most_change_percent: {weights.least_change_percent}"
            yield Finding(path, str(weights.most_change_percent), allowed, fix)


def endpoints_move_readers_alone(document: TopologyDocument) -> Iterator[Finding]:
    """A name that is written follows the lever: an endpoint's health may not send writes where no lease is."""
    for name, route, steering in _steered(document):
        if route.writes and steering.checks is not None and steering.checks.slow_ms is not None:
            allowed = "it on a name that is only read: slow answers move no writer"
            slow = ("steering", name, "checks", "slow_ms")
            yield Finding(slow, str(steering.checks.slow_ms), allowed, f"write routes.{name}.writes: false")
        path = ("steering", name, "all_unhealthy")
        if steering.all_unhealthy is None:
            continue
        if route.writes:
            allowed = "it on a name that is only read: one that is written follows the lever alone"
            yield Finding(path, shown(steering.all_unhealthy), allowed, f"write routes.{name}.writes: false")
        elif name in document.notices:
            allowed = "one last resort, and this route has a notice"
            yield Finding(path, shown(steering.all_unhealthy), allowed, f"remove it, or notices.{name}")
        elif steering.checks is None:
            fix = "add checks: {interval_seconds: 30}"
            yield Finding(path, shown(steering.all_unhealthy), "it beside checks, which say what is unhealthy", fix)


def _leads_into_one_zone(
    document: TopologyDocument, name: str, path: tuple[str, ...], target: str
) -> Iterator[Finding]:
    others = [each for each, route in document.routes.items() if route.policy is not RoutePolicy.GEOLOCATION]
    if target not in others:
        fix = did_you_mean(target, others, f"add {target} to routes")
        yield Finding(path, shown(target), f"a route of another policy than {name}'s: {listed(others)}", fix)
        return
    zones = _zones(document, document.routes[target])
    if len(zones) > 1:
        allowed = f"a route whose regions are in one residency zone, and {target} leads to {listed(sorted(zones))}"
        yield Finding(path, shown(target), allowed, f"name the regions of one zone in routes.{target}.regions")


def _steered(document: TopologyDocument) -> Iterator[tuple[str, RouteSection, SteeringSection]]:
    for name, steering in document.steering.items():
        if name in document.routes:
            yield name, document.routes[name], steering


def _zones(document: TopologyDocument, route: RouteSection) -> set[str]:
    return {document.regions[each].zone for each in route.regions or document.regions if each in document.regions}
