"""A route's records, made ahead of time: moved by the lever, and for a name that is only read by its endpoints too."""

from collections.abc import Mapping

from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct

from failover.topology import Names, Route, RoutePolicy
from stacks.constructs.endpoint_checks import AllOf, AnyOf, EndpointCheck
from stacks.constructs.lever_checks import LeverCheck
from stacks.constructs.notice import SERVING, Notice
from stacks.constructs.returning_records import ReturningRecords
from stacks.constructs.route_answers import PLAIN, answers, places
from stacks.errors import CompositionError
from topology_document.infrastructure.notices import NoticeSection
from topology_document.infrastructure.steering import SteeringSection


class RouteRecords(Construct):
    """A CNAME per region to the region's origin, under the region's lever check.

    A CNAME and not an alias, whose TTL to a load balancer is 60 s whatever is wanted; so a route has a
    name below the zone's apex. A route of places has a CNAME for each place instead, to the route of the
    place's residency zone; these never change, so that nobody is answered out of a zone.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        route: Route,
        levers: Mapping[str, LeverCheck],
        steering: SteeringSection | None = None,
        told: sns.ITopic | None = None,
        notice: NoticeSection | None = None,
        by_and_by: bool = False,
    ) -> None:
        super().__init__(scope, id)
        self._names, self._route, self._steering = names, route, steering or PLAIN
        if route.name == "@":
            raise CompositionError(
                f"routes.@: its records would be CNAMEs at {names.topology.domain} itself, which DNS forbids; "
                "name the route, as in app; the domain itself may be a name of delivery.cdn or delivery.accelerator"
            )
        if route.policy is RoutePolicy.GEOLOCATION:
            self._by_place()
            return
        looks = self._looks(told)
        name = self._before_the_last_resort(looks) if self._steering.all_unhealthy else names.route(route.name)
        if notice is not None:
            name = Notice(self, "Notice", names=names, route=route, levers=levers, notice=notice).behind
        checks = {region: self._check(levers[region], looks.get(region), region) for region in route.regions}
        if by_and_by:
            ReturningRecords(self, "Returning", names=names, route=route, checks=checks)
            return
        for region, chosen_by in answers(names.topology, route, self._steering).items():
            record = self._record(region, name, region, names.origin(region), health_check=checks[region])
            for key, value in chosen_by.items():
                record.add_property_override(key, value)

    def _check(self, lever: LeverCheck, look: EndpointCheck | None, region: str) -> route53.CfnHealthCheck:
        if look is None or self._route.writes:
            return lever.check
        # One calculated check over all of them: what Route 53 calculates, it does not calculate again.
        parts = [*lever.children, *look.checks]
        return AllOf(self, f"Serving-{region}", names=self._names, checks=parts).check

    def _by_place(self) -> None:
        for place, (target, location) in places(self._steering).items():
            record = self._record(place, self._names.route(self._route.name), place, self._names.route(target))
            record.geo_location = location

    def _looks(self, told: sns.ITopic | None) -> dict[str, EndpointCheck]:
        settings = self._steering.checks
        if settings is None:
            return {}
        return {
            region: EndpointCheck(
                self,
                f"Endpoint-{region}",
                names=self._names,
                route=self._route.name,
                region=region,
                settings=settings,
                told=told,
            )
            for region in self._route.regions
        }

    def _before_the_last_resort(self, looks: Mapping[str, EndpointCheck]) -> str:
        """Answer the route's name by the regions' while any endpoint serves, and else by the one that is named.

        Returns:
            the name of the regions' records.
        """
        name, behind = (
            self._names.route(self._route.name),
            f"{self._route.name}.{SERVING}.{self._names.topology.domain}",
        )
        any_of = AnyOf(self, "AnyServing", names=self._names, checks=[look.endpoint for look in looks.values()])
        first = self._record("Regions", name, "regions", behind, health_check=any_of.check)
        last = self._record("LastResort", name, "last-resort", self._names.origin(self._steering.all_unhealthy or ""))
        first.failover, last.failover = "PRIMARY", "SECONDARY"
        return behind

    def _record(
        self, id: str, name: str, identifier: str, value: str, *, health_check: route53.CfnHealthCheck | None = None
    ) -> route53.CfnRecordSet:
        return route53.CfnRecordSet(
            self,
            id,
            hosted_zone_name=f"{self._names.topology.domain}.",
            name=f"{name}.",
            type="CNAME",
            ttl=str(self._route.ttl_seconds),
            set_identifier=identifier,
            health_check_id=health_check.attr_health_check_id if health_check else None,
            resource_records=[f"{value}."],
        )
