"""Promises on how services speak to each other: known, allowed, and never without end."""

from typing import Any

from stacks.constructs.front_door import ENTRANCE_PORT
from tests.manifests.judged import ASKED, of_region, the
from topology_document.infrastructure.compute import MeshSection

MADE = of_region()


def principals(name: str) -> set[str]:
    (rule,) = the(MADE, "AuthorizationPolicy", name)["spec"]["rules"]
    return {each.rpartition("/")[2] for each in rule["from"][0]["source"]["principals"]}


def peers(policy: dict[str, Any], direction: str) -> set[str]:
    inner = "from" if direction == "ingress" else "to"
    return {
        peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for rule in policy["spec"][direction]
        for peer in rule[inner]
        if "podSelector" in peer
    }


def test_every_connection_is_mutual_tls() -> None:
    assert the(MADE, "PeerAuthentication", "default")["spec"] == {"mtls": {"mode": "STRICT"}}
    rules = [each for each in MADE if each["kind"] == "DestinationRule"]
    assert {each["spec"]["trafficPolicy"]["tls"]["mode"] for each in rules} == {"ISTIO_MUTUAL"}


def test_nothing_is_allowed_but_what_the_document_names() -> None:
    assert the(MADE, "AuthorizationPolicy", "nothing")["spec"] == {}
    assert principals("ranking") == {"api"}
    assert principals("api") == {"entrance"}


def test_packets_pass_as_the_mesh_allows() -> None:
    assert "ingress" not in the(MADE, "NetworkPolicy", "nothing")["spec"]
    ranking, api = (the(MADE, "NetworkPolicy", name) for name in ("ranking", "api"))
    assert peers(ranking, "ingress") == {"api"}
    assert peers(api, "ingress") == {"entrance"}
    assert peers(api, "egress") == {"ranking"}


def test_only_who_has_a_database_reaches_its_port() -> None:
    def ports(name: str) -> set[int]:
        rules = the(MADE, "NetworkPolicy", name)["spec"]["egress"]
        return {port["port"] for rule in rules for port in rule["ports"]}

    assert {5432, 6379} <= ports("api")
    assert not {5432, 6379} & ports("ranking")


def test_a_circuit_opens_as_the_document_says() -> None:
    mesh = MeshSection(
        most_connections=50, most_pending=20, consecutive_errors=3, interval_seconds=7, ejection_seconds=45,
        most_ejected_percent=40, timeout_seconds=4, retries=1,
    )  # fmt: skip
    made = of_region(ASKED.model_copy(update={"mesh": mesh}))
    policy = the(made, "DestinationRule", "api")["spec"]["trafficPolicy"]
    assert policy["connectionPool"]["tcp"]["maxConnections"] == 50
    assert policy["connectionPool"]["http"]["http1MaxPendingRequests"] == 20
    detection = policy["outlierDetection"]
    assert (detection["consecutive5xxErrors"], detection["interval"]) == (3, "7s")
    assert (detection["baseEjectionTime"], detection["maxEjectionPercent"]) == ("45s", 40)
    (route,) = the(made, "VirtualService", "api")["spec"]["http"]
    assert (route["retries"]["attempts"], route["retries"]["perTryTimeout"], route["timeout"]) == (1, "4s", "8s")


def test_a_write_that_may_have_arrived_is_not_sent_again() -> None:
    """What a service answered, even an error, may have been done: only what was never taken is tried again."""
    for each in MADE:
        if each["kind"] == "VirtualService" and each["metadata"]["name"] != "entrance":
            (route,) = each["spec"]["http"]
            assert set(route["retries"]["retryOn"].split(",")) == {"connect-failure", "refused-stream"}


def test_a_failing_zones_requests_go_to_the_others() -> None:
    policy = the(MADE, "DestinationRule", "api")["spec"]["trafficPolicy"]
    assert policy["loadBalancer"]["localityLbSetting"] == {"enabled": True}


def test_the_longest_beginning_of_a_path_wins() -> None:
    routes = the(MADE, "VirtualService", "entrance")["spec"]["http"]
    assert [each["match"][0]["uri"]["prefix"] for each in routes] == ["/thumbnails", "/"]


def test_users_come_in_encrypted_by_the_load_balancers_own_group() -> None:
    binding = the(MADE, "TargetGroupBinding", "entrance")["spec"]
    (server,) = the(MADE, "Gateway", "entrance")["spec"]["servers"]
    assert binding["targetGroupName"] == "quickstart"
    assert server["port"] == {"number": ENTRANCE_PORT, "name": "https", "protocol": "HTTPS"}
    assert binding["serviceRef"]["port"] == ENTRANCE_PORT
    secret = the(MADE, "Certificate", "entrance-certificate")["spec"]["secretName"]
    assert server["tls"]["credentialName"] == secret


def test_passwords_come_from_the_regions_own_secrets_as_often_as_said() -> None:
    (store,) = [each for each in MADE if each["kind"] == "ClusterSecretStore"]
    assert store["spec"]["provider"]["aws"] == {"service": "SecretsManager", "region": "eu-west-1"}
    assert store["spec"]["conditions"] == [{"namespaces": ["quickstart"]}]
    wanted = the(MADE, "ExternalSecret", "api-passwords")["spec"]
    assert wanted["refreshInterval"] == "90s"
    keys = {each["remoteRef"]["key"] for each in wanted["data"]}
    place = "lifeboat/quickstart"
    assert keys == {f"{place}/orders/app_rw", f"{place}/orders/app_ro", f"{place}/cache/cache"}


def test_who_has_no_database_gets_no_password() -> None:
    assert [each for each in MADE if each["kind"] == "ExternalSecret"] == [the(MADE, "ExternalSecret", "api-passwords")]
