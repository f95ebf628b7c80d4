"""A route's records: one per region, made ahead of time, moved by the lever alone."""

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import aws_route53 as route53
from constructs import Construct

from failover.topology import Names, Route, RoutePolicy
from stacks.constructs.lever_checks import LeverCheck
from stacks.errors import CompositionError

CONTINENTS: Final = {
    "af": "AF",
    "ap": "AS",
    "ca": "NA",
    "eu": "EU",
    "il": "AS",
    "me": "AS",
    "mx": "NA",
    "sa": "SA",
    "us": "NA",
}
"""The continent code of Route 53's geolocation for the first part of a region's name."""

EQUAL_WEIGHT: Final = 100


class RouteRecords(Construct):
    """A CNAME per region to the region's origin, under the region's lever check.

    A CNAME and not an alias, whose TTL to a load balancer is 60 s whatever is wanted; so a route has a
    name below the zone's apex.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, route: Route, levers: Mapping[str, LeverCheck]
    ) -> None:
        super().__init__(scope, id)
        if route.name == "@":
            raise CompositionError(
                f"routes.@: its records would be CNAMEs at {names.topology.domain} itself, which DNS forbids; "
                "name the route, as in app"
            )
        answers = _answers(route)
        for region in route.regions:
            route53.CfnRecordSet(
                self,
                region,
                hosted_zone_name=f"{names.topology.domain}.",
                name=f"{names.route(route.name)}.",
                type="CNAME",
                ttl=str(route.ttl_seconds),
                set_identifier=region,
                health_check_id=levers[region].check.attr_health_check_id,
                resource_records=[f"{names.origin(region)}."],
                **answers[region],
            )


def _answers(route: Route) -> dict[str, dict[str, Any]]:
    """Return, for each region, what makes Route 53 choose its record."""
    regions = route.regions
    match route.policy:
        case RoutePolicy.LATENCY:
            return {region: {"region": region} for region in regions}
        case RoutePolicy.WEIGHTED:
            return {region: {"weight": EQUAL_WEIGHT} for region in regions}
        case RoutePolicy.FAILOVER:
            if len(regions) != 2:
                raise CompositionError(
                    f"routes.{route.name}: policy failover has {len(regions)} regions; Route 53 knows one primary "
                    "and one secondary. Name two regions, or choose latency or weighted"
                )
            return {regions[0]: {"failover": "PRIMARY"}, regions[1]: {"failover": "SECONDARY"}}
        case RoutePolicy.GEOLOCATION:
            return _by_continent(route)
        case RoutePolicy.MULTIVALUE:
            raise CompositionError(
                f"routes.{route.name}: policy multivalue answers addresses, and a load balancer has none of its "
                "own to give; choose latency, weighted, failover or geolocation"
            )


def _by_continent(route: Route) -> dict[str, dict[str, Any]]:
    continents = {region: CONTINENTS[region.split("-")[0]] for region in route.regions}
    first = route.regions[0]
    taken: dict[str, str] = {}
    for region, continent in continents.items():
        if continent in taken:
            raise CompositionError(
                f"routes.{route.name}: policy geolocation: {taken[continent]} and {region} are both in "
                f"{continent}; name one region for each continent, or choose latency"
            )
        taken[continent] = region
    located = {
        region: {"geo_location": route53.CfnRecordSet.GeoLocationProperty(continent_code=continent)}
        for region, continent in continents.items()
    }
    # Whoever is on no named continent is answered too.
    located[first] = {"geo_location": route53.CfnRecordSet.GeoLocationProperty(country_code="*")}
    return located
