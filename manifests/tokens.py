"""Who is let in at a cluster's entrance: callers with a token, so many a second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from manifests.manifest import PART, Manifest, manifest
from manifests.mesh import ENTRANCE

if TYPE_CHECKING:
    from manifests.cluster import Cluster
    from topology_document.infrastructure.security import TokensSection

ALWAYS: Final = ("/health/live", "/health/ready")
"""What load balancers and observers ask, who have no token."""

COUNTED: Final = "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"


def manifests(cluster: Cluster) -> Iterator[Manifest]:
    """Yield who issues tokens, what is refused without one, and how much passes; nothing where nothing is said."""
    security = cluster.infrastructure.security
    if security is None or security.tokens is None:
        return
    tokens = security.tokens
    told: dict[str, Any] = {"namespace": cluster.namespace, "labels": {PART: ENTRANCE}}
    entrance = {"selector": {"matchLabels": {PART: ENTRANCE}}}
    issued = {"issuer": tokens.issuer, "audiences": [tokens.audience], "forwardOriginalToken": True}
    yield manifest(
        "security.istio.io/v1/RequestAuthentication",
        "tokens",
        **told,
        spec={**entrance, "jwtRules": [{**issued, "jwksUri": f"{tokens.issuer}/.well-known/jwks.json"}]},
    )
    stranger = {
        "from": [{"source": {"notRequestPrincipals": [f"{tokens.issuer}/*"]}}],
        "to": [{"operation": {"notPaths": [*ALWAYS, *(f"{path}*" for path in tokens.public)]}}],
    }
    yield manifest(
        "security.istio.io/v1/AuthorizationPolicy",
        "strangers",
        **told,
        spec={**entrance, "action": "DENY", "rules": [stranger]},
    )
    yield manifest("networking.istio.io/v1alpha3/EnvoyFilter", "counted", **told, spec=_counted(tokens))


def _counted(tokens: TokensSection) -> dict[str, Any]:
    """Return the filter by which each pod of the entrance counts what passes it."""
    always = {"runtime_key": "local_rate_limit", "default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    manager = {"filterChain": {"filter": {"name": "envoy.filters.network.http_connection_manager"}}}
    filled = {"max_tokens": tokens.burst, "tokens_per_fill": tokens.requests_a_second, "fill_interval": "1s"}
    value = {
        "name": "envoy.filters.http.local_ratelimit",
        "typed_config": {
            "@type": COUNTED,
            "stat_prefix": "entrance",
            "token_bucket": filled,
            "filter_enabled": always,
            "filter_enforced": always,
        },
    }
    return {
        "workloadSelector": {"labels": {PART: ENTRANCE}},
        "configPatches": [
            {
                "applyTo": "HTTP_FILTER",
                "match": {"context": "GATEWAY", "listener": manager},
                "patch": {"operation": "INSERT_BEFORE", "value": value},
            }
        ],
    }
