"""What makes Route 53 choose one of a route's records."""

from typing import Any, Final

from aws_cdk import aws_route53 as route53

from failover.topology import Route, RoutePolicy, Topology
from stacks.errors import CompositionError
from topology_document.infrastructure.geography import CONTINENTS, countries
from topology_document.infrastructure.steering import SteeringSection

EQUAL_WEIGHT: Final = 100
MOST_WEIGHT: Final = 255
"""Route 53 takes 0 to 255 (API reference, ``ResourceRecordSet``)."""

PLAIN: Final = SteeringSection()
"""Of a route of which the document says no more than its policy."""


def answers(topology: Topology, route: Route, steering: SteeringSection = PLAIN) -> dict[str, dict[str, Any]]:
    """Return, for each region of a route, the properties by which its record is chosen.

    Raises:
        CompositionError: Route 53 has no such answer for the regions of this route.
    """
    near = {region: _near(topology, region) for region in route.regions}
    match route.policy:
        case RoutePolicy.LATENCY:
            return {region: {"Region": near[region]} for region in route.regions}
        case RoutePolicy.GEOPROXIMITY:
            return {
                region: {"GeoProximityLocation": {"AWSRegion": near[region], "Bias": steering.biases.get(region, 0)}}
                for region in route.regions
            }
        case RoutePolicy.WEIGHTED:
            return {region: {"Weight": weight} for region, weight in first_weights(route, steering).items()}
        case RoutePolicy.FAILOVER:
            return _first_and_second(route)
        case _:
            raise CompositionError(
                f"routes.{route.name}: policy {route.policy} answers no region's name; choose latency, weighted, "
                "failover or geoproximity, or name places in steering"
            )


def places(steering: SteeringSection) -> dict[str, tuple[str, route53.CfnRecordSet.GeoLocationProperty]]:
    """Return, by the identifier of its record, the route that each place leads to, and how Route 53 knows the place."""
    found: dict[str, tuple[str, route53.CfnRecordSet.GeoLocationProperty]] = {}
    for target, named in steering.places.items():
        for place in named:
            for country in countries(place):
                found[country] = (target, route53.CfnRecordSet.GeoLocationProperty(country_code=country))
            if place in CONTINENTS:
                code = CONTINENTS[place]
                found[place] = (target, route53.CfnRecordSet.GeoLocationProperty(continent_code=code))
    if steering.elsewhere is not None:
        anywhere = route53.CfnRecordSet.GeoLocationProperty(country_code="*")
        found["elsewhere"] = (steering.elsewhere, anywhere)
    return found


def first_weights(route: Route, steering: SteeringSection) -> dict[str, int]:
    """Return the weights of the first day: as the regions' capacities are to each other, or all alike."""
    if steering.weights is None:
        return dict.fromkeys(route.regions, EQUAL_WEIGHT)
    capacity = steering.weights.capacity_per_minute
    most = max(capacity.values())
    return {region: max(1, round(MOST_WEIGHT * capacity[region] / most)) for region in route.regions}


def _near(topology: Topology, region: str) -> str:
    """Return the AWS region that a region is, or whose distances stand for a site's."""
    site = topology.site(region)
    return site.near if site else region


def _first_and_second(route: Route) -> dict[str, dict[str, Any]]:
    if len(route.regions) != 2:
        raise CompositionError(
            f"routes.{route.name}: policy failover has {len(route.regions)} regions; Route 53 knows one primary "
            "and one secondary. Name two regions, or choose latency or weighted"
        )
    first, second = route.regions
    return {first: {"Failover": "PRIMARY"}, second: {"Failover": "SECONDARY"}}
