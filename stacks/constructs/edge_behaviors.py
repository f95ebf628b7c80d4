"""How CloudFront treats requests by their paths: which origin, which cache, which methods, which headers."""

from typing import Any, Final

from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from failover.topology import Names
from topology_document.infrastructure.delivery import BehaviorSection, CdnSection

ORIGIN: Final = "origin"
FALLBACK: Final = "fallback"
EITHER: Final = "origin-or-fallback"
FAILED: Final = (500, 502, 503, 504)
"""The answers after which a read is tried at the other origin."""

READS: Final = ["GET", "HEAD", "OPTIONS"]
ALL: Final = [*READS, "PUT", "PATCH", "POST", "DELETE"]
CACHED: Final = ["GET", "HEAD"]
NOT_CACHED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""CloudFront's own policy CachingDisabled."""

EVERYTHING_BUT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""CloudFront's own policy AllViewerExceptHostHeader: a region's certificate is for the origin's name."""

REFUSAL: Final = "function handler(event) { return { statusCode: 403, statusDescription: 'Forbidden' }; }"
YEAR_SECONDS: Final = 31_536_000


class EdgeBehaviors(Construct):
    """The behaviors of a distribution, with a cache policy for each that keeps something.

    A behavior that may write has one origin: CloudFront would try another one with reads alone, but which region is
    written is the lever's to say, and nobody else's.
    """

    def __init__(self, scope: Construct, id: str, *, names: Names, settings: CdnSection) -> None:
        super().__init__(scope, id)
        self._prefix = f"lifeboat-{names.topology.name}"
        self._headers = self._security_headers()
        self.groups = _groups() if settings.fallback else None
        self.default = cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
            **(self._refused() if settings.only_named else {**self._through(), "allowed_methods": ALL}),
            target_origin_id=ORIGIN,
            cached_methods=CACHED,
        )
        self.named = [
            cloudfront.CfnDistribution.CacheBehaviorProperty(
                **(self._kept(name, behavior) if behavior.ttl_seconds else self._through()),
                path_pattern=pattern,
                target_origin_id=EITHER if settings.fallback and not behavior.writes else ORIGIN,
                allowed_methods=ALL if behavior.writes else READS,
                cached_methods=CACHED,
            )
            for name, behavior in settings.behaviors.items()
            for pattern in behavior.paths
        ]

    def _through(self) -> dict[str, Any]:
        return {**self._common(), "cache_policy_id": NOT_CACHED, "origin_request_policy_id": EVERYTHING_BUT_HOST}

    def _refused(self) -> dict[str, Any]:
        """Answer before anything of the request goes further: an edge is in no residency zone."""
        refuse = cloudfront.CfnFunction(
            self,
            "Refuse",
            name=f"{self._prefix}-refuse",
            auto_publish=True,
            function_code=REFUSAL,
            function_config=cloudfront.CfnFunction.FunctionConfigProperty(
                comment="What no behavior names is refused.", runtime="cloudfront-js-2.0"
            ),
        )
        answering = cloudfront.CfnDistribution.FunctionAssociationProperty(
            event_type="viewer-request", function_arn=refuse.attr_function_arn
        )
        return {
            **self._common(),
            "cache_policy_id": NOT_CACHED,
            "allowed_methods": READS,
            "function_associations": [answering],
        }

    def _kept(self, name: str, behavior: BehaviorSection) -> dict[str, Any]:
        return {**self._common(), "cache_policy_id": self._policy(name, behavior).ref}

    def _common(self) -> dict[str, Any]:
        return {
            "viewer_protocol_policy": "redirect-to-https",
            "compress": True,
            "response_headers_policy_id": self._headers.ref,
        }

    def _policy(self, name: str, behavior: BehaviorSection) -> cloudfront.CfnCachePolicy:
        """Return the policy of a behavior, made once for all of its paths.

        What is not in the key of the cache does not reach the origin: so no answer for one can be kept for all.
        """
        made = self.node.try_find_child(f"Cache-{name}")
        if isinstance(made, cloudfront.CfnCachePolicy):
            return made
        key = cloudfront.CfnCachePolicy.ParametersInCacheKeyAndForwardedToOriginProperty(
            cookies_config=cloudfront.CfnCachePolicy.CookiesConfigProperty(
                cookie_behavior="all" if behavior.personal else "none"
            ),
            headers_config=cloudfront.CfnCachePolicy.HeadersConfigProperty(
                header_behavior="whitelist" if behavior.personal else "none",
                headers=["Authorization"] if behavior.personal else None,
            ),
            query_strings_config=cloudfront.CfnCachePolicy.QueryStringsConfigProperty(query_string_behavior="all"),
            enable_accept_encoding_gzip=True,
            enable_accept_encoding_brotli=True,
        )
        return cloudfront.CfnCachePolicy(
            self,
            f"Cache-{name}",
            cache_policy_config=cloudfront.CfnCachePolicy.CachePolicyConfigProperty(
                name=f"{self._prefix}-{name}",
                min_ttl=0,
                default_ttl=behavior.ttl_seconds,
                max_ttl=behavior.ttl_seconds,
                parameters_in_cache_key_and_forwarded_to_origin=key,
            ),
        )

    def _security_headers(self) -> cloudfront.CfnResponseHeadersPolicy:
        told = cloudfront.CfnResponseHeadersPolicy
        return told(
            self,
            "Headers",
            response_headers_policy_config=told.ResponseHeadersPolicyConfigProperty(
                name=f"{self._prefix}-security",
                security_headers_config=told.SecurityHeadersConfigProperty(
                    strict_transport_security=told.StrictTransportSecurityProperty(
                        access_control_max_age_sec=YEAR_SECONDS, include_subdomains=True, override=True
                    ),
                    content_type_options=told.ContentTypeOptionsProperty(override=True),
                    frame_options=told.FrameOptionsProperty(frame_option="DENY", override=False),
                    referrer_policy=told.ReferrerPolicyProperty(
                        referrer_policy="strict-origin-when-cross-origin", override=False
                    ),
                ),
            ),
        )


def _groups() -> cloudfront.CfnDistribution.OriginGroupsProperty:
    told = cloudfront.CfnDistribution
    group = told.OriginGroupProperty(
        id=EITHER,
        failover_criteria=told.OriginGroupFailoverCriteriaProperty(
            status_codes=told.StatusCodesProperty(items=list(FAILED), quantity=len(FAILED))
        ),
        members=told.OriginGroupMembersProperty(
            items=[told.OriginGroupMemberProperty(origin_id=each) for each in (ORIGIN, FALLBACK)], quantity=2
        ),
    )
    return told.OriginGroupsProperty(items=[group], quantity=1)
