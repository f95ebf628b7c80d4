"""The functions that route users and empty caches, from their environment to what they ask of AWS."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
from answer_balancer.handler import handle as answer_balancer
from invalidate_caches.handler import handle as invalidate_caches
from moto import mock_aws
from steer_routes.handler import handle as steer_routes

from failover.adapters.aws.clients import client
from failover.adapters.aws.edge_caches import AwsEdgeCaches
from failover.errors import CachesNotEmptiedError
from failover.records import Control
from failover.routing_environments import InvalidateCachesEnvironment, SteerRoutesEnvironment
from failover.topology import compiled
from runtime import wiring
from tests.products import EU, US, quickstart
from tests.unit.runtime.functions import context
from topology_document.infrastructure.steering import WeightsSection

SAID = WeightsSection(capacity_per_minute={US: 1000, EU: 500}, namespace="quickstart")
PATHS = {"content_updates": ["/static/*"], "configuration_changes": [], "security_incidents": ["/*"]}
UPDATED = {"id": "e1", "detail-type": "Content Updated", "detail": {}}
MADE = (wiring.topology, wiring.here, wiring.ports, wiring.balancer_lever, wiring.steering, wiring.edge_caches)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    (tmp_path / "topology.json").write_text(json.dumps(compiled(quickstart())), "utf-8")
    monkeypatch.setattr(wiring, "TOPOLOGY_FILE", tmp_path / "topology.json")
    monkeypatch.setenv("AWS_REGION", US)
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Lifeboat")
    for made in (*MADE, client):
        made.cache_clear()
    with mock_aws():
        yield
    for made in (*MADE, client):
        made.cache_clear()


def told(monkeypatch: pytest.MonkeyPatch, environment: Any) -> None:
    for name, value in environment.as_variables().items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(("evacuated", "status"), [(False, 200), (True, 503)])
def test_a_load_balancer_counts_by_the_status(monkeypatch: pytest.MonkeyPatch, evacuated: bool, status: int) -> None:
    monkeypatch.setattr("failover.procedures.balancer.BalancerLever.evacuated", lambda _: evacuated)
    assert answer_balancer({"path": "/lifeboat/lever"}, context())["statusCode"] == status


def test_weights_are_steered_as_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    api = boto3.client("route53", "us-east-1")
    zone = api.create_hosted_zone(Name="quickstart.example.", CallerReference="one")["HostedZone"]["Id"].split("/")[-1]
    steered = {"app": SAID.model_dump(mode="json")}
    environment = SteerRoutesEnvironment(
        quorum_table="lifeboat-quickstart-quorum", quorum_regions=(EU,), zone_id=zone, steered=steered
    )
    told(monkeypatch, environment)
    ports, routes = wiring.steering()
    assert [(each.route, sorted(each.regions), each.weighing.most_change) for each in routes] == [
        ("app", [EU, US], 0.2)
    ]
    monkeypatch.setattr(type(ports.store), "control", lambda _: Control(0))
    done = steer_routes({}, context())
    assert "has no weight for" in done["app"]["frozen"], "there are no records, so nothing is done, and nothing fails"


def test_caches_are_emptied_as_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[tuple[list[str], str]] = []

    def empty(_self: AwsEdgeCaches, paths: Sequence[str], reference: str) -> str:
        orders.append((list(paths), reference))
        return "order"

    told(monkeypatch, InvalidateCachesEnvironment(distribution="E1", paths=PATHS))
    monkeypatch.setattr(AwsEdgeCaches, "empty", empty)
    assert invalidate_caches(UPDATED, context())["order"] == "order"
    assert orders == [(["/static/*"], "e1")]


def test_an_order_reaches_cloudfront_and_a_fault_of_it_is_tried_again() -> None:
    api = boto3.client("cloudfront", "us-east-1")
    custom = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    origin = {"Id": "o", "DomainName": "o.example", "CustomOriginConfig": custom}
    config: Any = {
        "CallerReference": "one",
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "redirect-to-https"},
        "Comment": "",
        "Enabled": True,
    }
    made = api.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    order = AwsEdgeCaches(made).empty(["/static/*"], "e1")
    kept = api.get_invalidation(DistributionId=made, Id=order)["Invalidation"]["InvalidationBatch"]
    assert (kept["Paths"]["Items"], kept["CallerReference"]) == (["/static/*"], "e1")
    with pytest.raises(CachesNotEmptiedError, match="/static"):
        AwsEdgeCaches("none").empty(["/static/*"], "e2")
