"""Weights and minutes: the memory adapters and those of AWS keep the same promises."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from failover.adapters.aws.steering import AwsRegionMinutes, AwsRouteWeights
from failover.adapters.memory import ManualClock
from failover.adapters.memory.steering import MemoryRouteWeights
from failover.decision.weights import Minute
from failover.errors import RecordsUnreachableError
from failover.ports.steering import RouteWeights, Steering
from failover.topology import Names
from tests.products import EU, US, quickstart
from topology_document.infrastructure.steering import WeightsSection

NAMES = Names(quickstart())
FIRST = {US: 255, EU: 128}
SAID = WeightsSection(
    capacity_per_minute={US: 1000, EU: 500}, namespace="Product", failed="Failed", model_health="ModelHealth"
)
STEERING = Steering.parse("app", SAID.model_dump(mode="json"))


def record(region: str, weight: int, name: str = "app") -> dict[str, Any]:
    return {
        "Name": f"{name}.quickstart.example.",
        "Type": "CNAME",
        "SetIdentifier": region,
        "Weight": weight,
        "TTL": 15,
        "ResourceRecords": [{"Value": f"{region}.origin.quickstart.example."}],
    }


def make_zone() -> str:
    api = boto3.client("route53", "us-east-1")
    made = api.create_hosted_zone(Name="quickstart.example.", CallerReference="one")
    zone = str(made["HostedZone"]["Id"]).split("/")[-1]
    records = [*(record(region, weight) for region, weight in FIRST.items()), record(US, 7, "apple")]
    changes: Any = [{"Action": "CREATE", "ResourceRecordSet": each} for each in records]
    api.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return zone


def on_aws() -> RouteWeights:
    return AwsRouteWeights(NAMES, make_zone())


def in_memory() -> RouteWeights:
    return MemoryRouteWeights({"app": FIRST, "apple": {US: 7}})


@pytest.fixture(params=[on_aws, in_memory], ids=["aws", "memory"])
def weights(request: pytest.FixtureRequest, aws: None) -> RouteWeights:
    make: Callable[[], RouteWeights] = request.param
    return make()


def test_weights_are_read_as_they_are(weights: RouteWeights) -> None:
    assert weights.read("app", (US, EU)) == FIRST


def test_weights_that_are_written_are_read(weights: RouteWeights) -> None:
    weights.write("app", {US: 0, EU: 255})
    assert weights.read("app", (US, EU)) == {US: 0, EU: 255}
    assert weights.read("apple", (US,)) == {US: 7}


def test_a_route_without_records_is_told_apart(weights: RouteWeights) -> None:
    with pytest.raises(RecordsUnreachableError):
        weights.read("none", (US, EU))
    with pytest.raises(RecordsUnreachableError):
        weights.read("app", (US, "ap-southeast-1"))


def test_nothing_but_the_weight_of_a_record_changes(aws: None) -> None:
    zone = make_zone()
    AwsRouteWeights(NAMES, zone).write("app", {US: 3, EU: 4})
    answer = boto3.client("route53", "us-east-1").list_resource_record_sets(HostedZoneId=zone)
    told = {(each["Name"], each.get("SetIdentifier")): each for each in answer["ResourceRecordSets"]}
    assert told["app.quickstart.example.", EU] == record(EU, 4)
    assert told["apple.quickstart.example.", US] == record(US, 7, "apple")


def test_a_region_is_heard_minute_by_minute(aws: None) -> None:
    clock = ManualClock()
    until = clock.now().replace(second=0, microsecond=0)
    api = boto3.client("cloudwatch", US)
    for back, said in ((2, {"Processed": 600, "Failed": 6, "ModelHealth": 0.9}), (1, {"Processed": 300})):
        for metric, value in said.items():
            about: Any = {
                "MetricName": metric,
                "Dimensions": [{"Name": "Region", "Value": US}],
                "Timestamp": until - timedelta(minutes=back),
                "Value": value,
            }
            api.put_metric_data(Namespace="Product", MetricData=[about])
    heard = AwsRegionMinutes(clock).of(STEERING)
    assert heard[US] == (Minute(600, None, 6, 0.9), Minute(300))
    assert heard[EU] == ()
