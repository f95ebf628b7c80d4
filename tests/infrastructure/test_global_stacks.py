"""Promises on zone, quorum store, levers, records and replication."""

import dataclasses
import json
from typing import Any

import aws_cdk as cdk
import pytest

from failover.topology import DatasetKind, Names, QuorumPlaces, Route, RoutePolicy, Topology, replicas_of
from stacks.constructs.lever_checks import CHECKER_REGIONS, LeverCheck, checker_regions
from stacks.constructs.route_records import RouteRecords
from stacks.errors import CompositionError
from stacks.product import regional_order
from stacks.quorum_stack import QuorumStack
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.templates import Template, of_type, properties


@pytest.fixture(scope="module")
def template(assembly: Assembly, names: Names) -> Template:
    return assembly.template("global", names.home)


def _checks(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    found = {
        key: each["Properties"]["HealthCheckConfig"]
        for key, each in of_type(template, "AWS::Route53::HealthCheck").items()
    }
    return {key: config for key, config in found.items() if config["Type"] == kind}


def test_every_record_is_a_cname_with_the_routes_ttl_and_its_regions_lever(
    template: Template, topology: Topology, names: Names
) -> None:
    calculated = _checks(template, "CALCULATED")
    records = properties(template, "AWS::Route53::RecordSet")
    assert len(records) == sum(len(route.regions) for route in topology.routes)
    for record in records:
        region = record["SetIdentifier"]
        assert record["Type"] == "CNAME"
        assert record["TTL"] == str(topology.routes[0].ttl_seconds)
        assert record["ResourceRecords"] == [f"{names.origin(region)}."]
        check = record["HealthCheckId"]["Fn::GetAtt"][0]
        children = calculated[check]["ChildHealthChecks"]
        asked = {_child(template, child)["ResourcePath"] for child in children}
        assert asked == {names.lever_path(region)}


def test_every_control_region_has_a_say_in_every_lever(template: Template, topology: Topology, names: Names) -> None:
    calculated = _checks(template, "CALCULATED")
    assert len(calculated) == len(topology.regions)
    for config in calculated.values():
        asked = {_child(template, child)["FullyQualifiedDomainName"] for child in config["ChildHealthChecks"]}
        assert asked == {names.lever(control) for control in topology.control_regions}


def test_one_lever_that_says_evacuated_is_enough(template: Template) -> None:
    for config in _checks(template, "CALCULATED").values():
        assert config["HealthThreshold"] == len(config["ChildHealthChecks"])
        assert not config.get("Inverted")


def test_a_dead_control_region_evacuates_nobody(template: Template, names: Names) -> None:
    for config in _checks(template, "HTTPS_STR_MATCH").values():
        region = config["ResourcePath"].removeprefix("/levers/")
        assert config["Inverted"] is True
        assert config["SearchString"] == names.lever_token(region)
        assert (config["RequestInterval"], config["FailureThreshold"]) == (10, 1)
        assert config["EnableSNI"] is True


def test_checkers_stand_apart_from_the_regions_they_judge(names: Names) -> None:
    chosen = checker_regions(names)
    assert len(set(chosen)) == 3
    assert set(chosen) <= set(CHECKER_REGIONS)
    assert not set(chosen) & {*names.topology.region_names, *names.topology.control_regions}


def test_with_every_checker_region_in_use_there_still_are_three(topology: Topology) -> None:
    used = dataclasses.replace(topology, control_regions=CHECKER_REGIONS)
    assert len(set(checker_regions(Names(used)))) == 3


def test_the_store_is_strongly_consistent_protected_and_without_expiry(assembly: Assembly, names: Names) -> None:
    (table,) = properties(assembly.template("quorum", "eu-central-1"), "AWS::DynamoDB::GlobalTable")
    assert table["TableName"] == names.quorum_table
    assert table["MultiRegionConsistency"] == "STRONG"
    assert {replica["Region"] for replica in table["Replicas"]} == set(names.topology.quorum.replicas)
    assert all(replica["DeletionProtectionEnabled"] for replica in table["Replicas"])
    assert all(
        replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] for replica in table["Replicas"]
    )
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert "TimeToLiveSpecification" not in table
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]


def test_a_witness_stands_in_for_a_third_replica(topology: Topology) -> None:
    places = QuorumPlaces(("eu-central-1", "eu-west-2"), "eu-west-3")
    stack = QuorumStack(cdk.App(), dataclasses.replace(topology, quorum=places))
    (table,) = properties(_synthesised(stack), "AWS::DynamoDB::GlobalTable")
    assert table["GlobalTableWitnesses"] == [{"Region": "eu-west-3"}]
    assert {replica["Region"] for replica in table["Replicas"]} == {"eu-central-1", "eu-west-2"}


def test_objects_go_to_every_region_that_may_hold_them(template: Template, topology: Topology, names: Names) -> None:
    rules = {each["Bucket"]: each for each in properties(template, "Custom::BucketReplication")}
    for region in topology.region_names:
        told = rules[names.bucket(region)]
        assert {to["Id"] for to in told["Destinations"]} == set(topology.region_names) - {region}
        assert told["Role"].endswith(names.replication_role(region))


def test_objects_do_not_leave_their_residency_zone(topology: Topology) -> None:
    first, second, third = topology.regions
    apart = dataclasses.replace(topology, regions=(first, dataclasses.replace(second, zone="EU"), third))
    assert replicas_of(apart, first.name) == (third.name,)
    assert replicas_of(apart, second.name) == ()


def _route(topology: Topology, policy: RoutePolicy, *regions: str) -> list[dict[str, Any]]:
    stack = cdk.Stack()
    names = Names(topology)
    levers = {region: LeverCheck(stack, f"Lever-{region}", names=names, region=region) for region in regions}
    route = Route("app", policy, 20, regions, writes=True)
    RouteRecords(stack, "Route", names=names, route=route, levers=levers)
    return properties(_synthesised(stack), "AWS::Route53::RecordSet")


def test_a_weighted_route_weighs_its_regions_alike(topology: Topology) -> None:
    records = _route(topology, RoutePolicy.WEIGHTED, "us-east-1", "eu-west-1")
    assert len({record["Weight"] for record in records}) == 1


def test_a_failover_route_has_the_first_region_first(topology: Topology) -> None:
    records = _route(topology, RoutePolicy.FAILOVER, "us-east-1", "eu-west-1")
    told = {record["SetIdentifier"]: record["Failover"] for record in records}
    assert told == {"us-east-1": "PRIMARY", "eu-west-1": "SECONDARY"}


@pytest.mark.parametrize(
    ("policy", "regions", "said"),
    [
        (RoutePolicy.FAILOVER, ("us-east-1", "eu-west-1", "ap-southeast-1"), "has 3 regions"),
        (RoutePolicy.MULTIVALUE, ("us-east-1", "eu-west-1"), "choose latency"),
    ],
)
def test_a_route_that_route_53_cannot_answer_is_refused(
    topology: Topology, policy: RoutePolicy, regions: tuple[str, ...], said: str
) -> None:
    with pytest.raises(CompositionError, match=f"routes.app: .*{said}"):
        _route(topology, policy, *regions)


def test_replicas_wait_for_their_source(topology: Topology) -> None:
    assert regional_order(topology) == {
        "us-east-1": set(),
        "eu-west-1": {"us-east-1"},
        "ap-southeast-1": {"us-east-1"},
    }


def test_databases_that_need_each_others_region_first_are_refused(topology: Topology) -> None:
    other = dataclasses.replace(
        topology.databases[0],
        name="ledger",
        kind=DatasetKind.SINGLE,
        born_primary="eu-west-1",
        replicas=("us-east-1",),
    )
    both = dataclasses.replace(topology, databases=(topology.databases[0], other))
    with pytest.raises(CompositionError, match="born in one of them"):
        regional_order(both)


def test_the_order_of_deployment_is_in_the_assembly(assembly: Assembly, names: Names) -> None:
    artifacts = json.loads((assembly.path / "manifest.json").read_text())["artifacts"]

    def waits_for(layer: str, region: str) -> set[str]:
        return set(artifacts[names.stack(layer, region)]["dependencies"])

    assert names.stack("zone", "us-east-1") in waits_for("quorum", "eu-central-1")
    assert names.stack("quorum", "eu-central-1") in waits_for("regional", "us-east-1")
    assert names.stack("regional", "us-east-1") in waits_for("regional", "eu-west-1")
    assert names.stack("regional", "us-east-1") in waits_for("control", "eu-west-1")
    assert names.stack("control", "ap-southeast-1") in waits_for("global", "us-east-1")


def _child(template: Template, reference: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = template["Resources"][reference["Fn::GetAtt"][0]]["Properties"]["HealthCheckConfig"]
    return told


def _synthesised(stack: cdk.Stack) -> Template:
    from aws_cdk.assertions import Template as Synthesised

    return dict(Synthesised.from_stack(stack).to_json())
