"""What a month costs, by templates small enough to be added up by hand."""

from typing import Any

import pytest

from costs import Estimate, Placed, as_json, estimate
from costs.at_rest import CHECK_SECONDS, CHECKERS, GUARD_LIVES_SECONDS, HEARTBEAT_SECONDS
from costs.prices import PRICES, price, priced_as, sized
from costs.resources import PRICED
from costs.unpriced import BY_USE, FREE
from failover.adapters.aws import telemetry
from stacks.constructs.lever_checks import CHECKERS_A_REGION, INTERVAL_SECONDS, LEAST_CHECKER_REGIONS
from tests.products import AP, EU, US, quickstart
from topology_document.infrastructure.costs import CostsSection, RegionCostSection, UsageSection


def template(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": kind, "Properties": properties}}}


def estimated(*templates: dict[str, Any], region: str = US, costs: CostsSection | None = None) -> Estimate:
    return estimate(quickstart(), [Placed(region, "product-stack", each) for each in templates], costs)


def standing(kind: str, at: str = US, **properties: Any) -> float:
    return estimated(template(kind, **properties), region=at).usd(at, "stands")


def test_a_type_that_nobody_knows_is_named_and_not_taken_for_free() -> None:
    found = estimated(template("AWS::Braket::QuantumTask"), template("AWS::IAM::Role"))
    assert found.unknown == {"AWS::Braket::QuantumTask": 1}
    assert as_json(found)["unknown"] == {"AWS::Braket::QuantumTask": 1}


def test_an_instance_without_a_price_is_named() -> None:
    found = estimated(
        template("AWS::RDS::DBInstance", DBInstanceClass="db.x99.huge", Engine="postgres", AllocatedStorage="20")
    )
    assert list(found.without_price) == ["rds db.x99.huge (product-stack, It)"]


def test_what_is_billed_by_use_is_named() -> None:
    assert estimated(template("AWS::S3::Bucket")).by_use == {"AWS::S3::Bucket": 1}


def test_no_type_is_of_two_minds() -> None:
    assert not set(PRICED) & (FREE | BY_USE)
    assert not FREE & BY_USE


@pytest.mark.parametrize(
    ("kind", "properties", "usd"),
    [
        ("AWS::EKS::Cluster", {}, 73.0),
        ("AWS::EC2::NatGateway", {}, 32.85),
        (
            "AWS::EKS::Nodegroup",
            {"InstanceTypes": ["m7g.large"], "ScalingConfig": {"DesiredSize": 3}},
            3 * (59.568 + 1.6),
        ),
        (
            "AWS::EKS::Nodegroup",
            {"InstanceTypes": ["m7g.2xlarge"], "ScalingConfig": {"DesiredSize": 1}},
            4 * 59.568 + 1.6,
        ),
        (
            "AWS::RDS::DBInstance",
            {"DBInstanceClass": "db.m7g.large", "Engine": "postgres", "MultiAZ": True, "AllocatedStorage": "100"},
            2 * (122.64 + 11.5),
        ),
        ("AWS::ElastiCache::ReplicationGroup", {"CacheNodeType": "cache.r7g.large", "NumCacheClusters": 3}, 383.688),
        (
            "AWS::Route53::HealthCheck",
            {"HealthCheckConfig": {"Type": "HTTPS_STR_MATCH", "RequestInterval": 10}},
            3.5,
        ),
        ("AWS::Route53::HealthCheck", {"HealthCheckConfig": {"Type": "CALCULATED"}}, 0.5),
        ("AWS::CloudWatch::Alarm", {"Period": 10}, 0.3),
        (
            "AWS::CloudWatch::Alarm",
            {"Metrics": [{"MetricStat": {"Period": 60}}, {"MetricStat": {"Period": 60}}, {"Expression": "a/b"}]},
            0.2,
        ),
        ("AWS::SecretsManager::Secret", {"ReplicaRegions": [{"Region": EU}, {"Region": AP}]}, 1.2),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b", "c"]}, 21.9),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Gateway"}, 0),
    ],
)
def test_what_stands_costs_its_list_price(kind: str, properties: dict[str, Any], usd: float) -> None:
    assert standing(kind, **properties) == pytest.approx(usd)


def test_spot_nodes_cost_less_and_their_disks_do_not() -> None:
    nodes: dict[str, Any] = {"InstanceTypes": ["m7g.large"], "ScalingConfig": {"DesiredSize": 1}}
    disk = 20 * price("ebs gp3", US)
    dear, cheap = (
        standing("AWS::EKS::Nodegroup", **nodes),
        standing("AWS::EKS::Nodegroup", **nodes, CapacityType="SPOT"),
    )
    assert (cheap - disk) / (dear - disk) == pytest.approx(0.4)


def test_a_region_has_prices_of_its_own_or_those_of_one_nearby_which_is_said() -> None:
    assert (
        standing("AWS::EC2::NatGateway", AP)
        > standing("AWS::EC2::NatGateway", EU)
        > standing("AWS::EC2::NatGateway", US)
    )
    assert (priced_as("eu-west-3"), priced_as("us-west-2"), priced_as("ap-south-1")) == (EU, US, AP)


def test_every_price_says_where_it_is_from() -> None:
    for key, each in PRICES.items():
        assert each.page.startswith("https://aws.amazon.com/"), key
        assert min(each.usd) > 0, key


def test_a_larger_instance_is_a_multiple_and_an_unknown_one_is_none() -> None:
    assert sized("ec2", "m7g.xlarge") == ("ec2 m7g.large", 2)
    assert sized("ec2", "p9.large") is None


def test_use_is_added_where_the_document_says_it_and_compared_with_its_figure() -> None:
    costs = CostsSection(regions={US: RegionCostSection(monthly_usd=1000, usage=UsageSection(out_gib=100, log_gib=10))})
    found = estimated(costs=costs)
    assert found.usd(US, "used") == pytest.approx(100 * 0.09 + 10 * (0.5 + 0.029))
    assert as_json(found)["regions"][US]["document"] == 1000
    assert found.usd(EU, "used") == 0


class TestOwnShare:
    def test_it_is_what_the_control_plane_does_and_has_and_nothing_of_the_product(self) -> None:
        alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {}}
        own = {"Resources": {"It": alarm}}
        placed = [
            Placed(US, "lifeboat-quickstart-control-us-east-1", own),
            Placed(US, "lifeboat-quickstart-regional-us-east-1", own),
        ]
        found = estimate(quickstart(), placed, None)
        assert found.usd(kind="stands", own=True) == found.usd(kind="stands", own=False) == pytest.approx(0.1)

    def test_the_guard_of_a_regional_stack_and_the_levers_are_its(self) -> None:
        path = {"aws:cdk:path": "lifeboat-quickstart-regional-us-east-1/LeaseKeeping/Silent/Resource"}
        watched = {"Type": "AWS::CloudWatch::Alarm", "Properties": {}, "Metadata": path}
        found = estimate(
            quickstart(), [Placed(US, "lifeboat-quickstart-regional-us-east-1", {"Resources": {"It": watched}})], None
        )
        assert found.usd(kind="stands", own=True) == pytest.approx(0.1)

    def test_it_works_in_every_control_region(self) -> None:
        found = estimated()
        assert {line.region for line in found.lines if line.kind == "works"} >= {US, EU, AP}
        assert 150 < found.usd(kind="works") < 250, "for three regions, at rest"

    def test_the_levers_are_asked_from_as_many_places_and_as_often_as_their_checks_say(self) -> None:
        assert CHECKERS == LEAST_CHECKER_REGIONS * CHECKERS_A_REGION
        assert CHECK_SECONDS == INTERVAL_SECONDS

    def test_a_guard_tells_of_itself_as_often_as_is_reckoned(self) -> None:
        assert telemetry.HEARTBEAT_SECONDS == HEARTBEAT_SECONDS
        assert GUARD_LIVES_SECONDS == 150
