"""The records of a route whose users come back by and by: two ways of answering, and a share for each."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_route53 as route53
from constructs import Construct

from failover.decision.returning import HOME, SPARED, WHOLE
from failover.topology import Names, Route

BEHIND: Final = "share.origin"
"""Behind a route's name: the names of its two ways. No route may end so."""


class ReturningRecords(Construct):
    """The route's name answers one of two names by weight, each a region under its lever and the other behind it.

    Both ways lead to whichever region is not evacuated, so that no failover ever waits for a weight. In one the
    first region comes first, in the other the second: what the weights share is who comes first for whom.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, route: Route, checks: Mapping[str, route53.CfnHealthCheck]
    ) -> None:
        super().__init__(scope, id)
        self._names, self._ttl = names, str(route.ttl_seconds)
        first, second = route.regions
        for way, order, weight in ((HOME, (first, second), WHOLE), (SPARED, (second, first), 0)):
            behind = f"{route.name}.{way}.{BEHIND}.{names.topology.domain}"
            shared = self._record(way, names.route(route.name), way, behind)
            shared.weight = weight
            for part, region in zip(("PRIMARY", "SECONDARY"), order, strict=True):
                record = self._record(f"{way}-{region}", behind, region, names.origin(region))
                record.failover = part
                record.health_check_id = checks[region].attr_health_check_id

    def _record(self, id: str, name: str, identifier: str, value: str) -> route53.CfnRecordSet:
        return route53.CfnRecordSet(
            self,
            id,
            hosted_zone_name=f"{self._names.topology.domain}.",
            name=f"{name}.",
            type="CNAME",
            ttl=self._ttl,
            set_identifier=identifier,
            resource_records=[f"{value}."],
        )
