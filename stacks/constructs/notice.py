"""What a route's users get when no region of their zone serves: a notice, where they are, in place of another country.

Their data is in that zone and nowhere else, so that no region outside it could serve them, and a notice needs none of
it. It is answered by CloudFront's edges: by a function, without an origin, without a cache and without a log.
"""

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_route53 as route53
from constructs import Construct

from failover.topology import Names, Route
from stacks.acceptance import accept
from stacks.constructs.endpoint_checks import AllOf, AnyOf, EndpointCheck
from stacks.constructs.lever_checks import LeverCheck
from stacks.constructs.notice_page import program
from topology_document.infrastructure.notices import NoticeSection
from topology_document.infrastructure.steering import EndpointChecksSection

SERVING: Final = "serving.origin"
"""Behind a route's name: the name of the regions that answer it while any endpoint does. No route may end so."""


class Notice(Construct):
    """A failover pair at the route's name: the regions' own name ``behind`` it, else the notice.

    No other writer comes by this, so that the endpoints' health may decide, for a name that is written too. Of a route
    of one region the lever counts as well: Route 53 answers a single record though its check is unhealthy.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        route: Route,
        levers: Mapping[str, LeverCheck],
        notice: NoticeSection,
    ) -> None:
        super().__init__(scope, id)
        self.behind = f"{route.name}.{SERVING}.{names.topology.domain}"
        self._names, self._route = names, route
        serving = self._serving(names, route, levers, notice)
        first = self._record("Regions", "regions", self.behind)
        first.failover, first.health_check_id = "PRIMARY", serving.attr_health_check_id
        distribution = self._distribution(names, route, notice)
        last = self._record("Notice", "notice", distribution.distribution_domain_name)
        last.failover = "SECONDARY"

    def _serving(
        self, names: Names, route: Route, levers: Mapping[str, LeverCheck], notice: NoticeSection
    ) -> route53.CfnHealthCheck:
        settings = EndpointChecksSection(interval_seconds=notice.interval_seconds, failures=notice.failures)
        looks = {
            region: EndpointCheck(
                self, f"Endpoint-{region}", names=names, route=route.name, region=region, settings=settings, told=None
            )
            for region in route.regions
        }
        checks = [look.endpoint for look in looks.values()]
        if len(route.regions) > 1:
            return AnyOf(self, "AnyServing", names=names, checks=checks).check
        return AllOf(self, "Serving", names=names, checks=[*levers[route.regions[0]].children, *checks]).check

    def _distribution(self, names: Names, route: Route, notice: NoticeSection) -> cloudfront.Distribution:
        name = names.route(route.name)
        certificate = acm.Certificate(
            self, "Certificate", domain_name=name, validation=acm.CertificateValidation.from_dns()
        )
        page = cloudfront.Function(
            self,
            "Page",
            function_name=f"lifeboat-{names.topology.name}-{route.name}-notice",
            code=cloudfront.FunctionCode.from_inline(program(notice)),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment=f"The notice of {name}",
        )
        distribution = cloudfront.Distribution(
            self,
            "Edges",
            comment=f"The notice of {name}: no origin is ever asked",
            domain_names=[name],
            certificate=certificate,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            default_behavior=cloudfront.BehaviorOptions(
                # CloudFront wants one; the function answers before it would be asked.
                origin=origins.HttpOrigin(names.origin(route.regions[0])),
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                # Whoever comes by HTTP or with a request of another kind reads the notice as well.
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                function_associations=[
                    cloudfront.FunctionAssociation(
                        event_type=cloudfront.FunctionEventType.VIEWER_REQUEST, function=page
                    )
                ],
            ),
        )
        unwritten = "who read the notice of a country is nobody's to know: its log would stand in another one"
        accept(distribution, unwritten, "AwsSolutions-CFR3", "CKV_AWS_86")
        alike = "one answer for everybody, which asks nothing of anybody"
        accept(distribution, alike, "AwsSolutions-CFR1", "AwsSolutions-CFR2", "CKV_AWS_68")
        return distribution

    def _record(self, id: str, identifier: str, value: str) -> route53.CfnRecordSet:
        return route53.CfnRecordSet(
            self,
            f"{id}Record",
            hosted_zone_name=f"{self._names.topology.domain}.",
            name=f"{self._names.route(self._route.name)}.",
            type="CNAME",
            ttl=str(self._route.ttl_seconds),
            set_identifier=identifier,
            resource_records=[f"{value}."],
        )
