"""Promises at a cluster's entrance: nobody without a token but where the document says so, and not without end."""

import topology_document
from manifests import Cluster, manifests_of
from tests.manifests.judged import ASKED, ROOT, mistakes, of_region, the
from topology_document.infrastructure.security import SecuritySection, TokensSection

ISSUER = "https://auth.shop.example"
TOKENS = TokensSection(issuer=ISSUER, audience="shop", public=["/auth"], requests_a_second=30, burst=60)
MADE = of_region(ASKED.model_copy(update={"security": SecuritySection(tokens=TOKENS)}))


def test_an_entrance_of_which_nothing_is_said_lets_everybody_in() -> None:
    assert not [each for each in of_region() if each["kind"] in {"RequestAuthentication", "EnvoyFilter"}]


def test_tokens_are_the_issuers_and_for_the_product() -> None:
    (rule,) = the(MADE, "RequestAuthentication", "tokens")["spec"]["jwtRules"]
    assert (rule["issuer"], rule["audiences"]) == (ISSUER, ["shop"])
    assert rule["jwksUri"] == f"{ISSUER}/.well-known/jwks.json"


def test_strangers_are_refused_but_at_public_paths_and_health() -> None:
    spec = the(MADE, "AuthorizationPolicy", "strangers")["spec"]
    assert spec["action"] == "DENY"
    (rule,) = spec["rules"]
    assert rule["from"] == [{"source": {"notRequestPrincipals": [f"{ISSUER}/*"]}}]
    assert rule["to"] == [{"operation": {"notPaths": ["/health/live", "/health/ready", "/auth*"]}}]


def test_a_pod_lets_through_what_the_document_says() -> None:
    (patch,) = the(MADE, "EnvoyFilter", "counted")["spec"]["configPatches"]
    assert patch["patch"]["value"]["typed_config"]["token_bucket"] == {
        "max_tokens": 60,
        "tokens_per_fill": 30,
        "fill_interval": "1s",
    }


def test_the_published_schemas_take_them() -> None:
    mine = [each for each in MADE if each["metadata"]["name"] in {"tokens", "strangers", "counted"}]
    assert len(mine) == 3
    assert mistakes(mine) == {}


def test_the_platform_for_privacy_asks_for_tokens_at_every_site() -> None:
    topology, infrastructure = topology_document.load_whole(ROOT / "topologies" / "haven.yaml")
    for region in topology.region_names:
        made = list(manifests_of(Cluster(topology, infrastructure, region)))
        (rule,) = the(made, "RequestAuthentication", "tokens")["spec"]["jwtRules"]
        assert rule["issuer"] == "https://auth.haven.example"
