"""Caches in tiers: hot in all regions, warm at home and at the neighbour's, cold at home alone (product reviews)."""

from functools import cache
from typing import Any

import pytest
from aws_cdk import Environment, Stack
from aws_cdk.assertions import Template

from failover.topology import CacheTier, Names, caches_of, global_caches
from stacks.caches_stack import caches_stacks
from stacks.constructs.alarm_topic import AlarmTopic
from stacks.constructs.cache import USUAL, Cache
from stacks.constructs.cache_lag import CacheLag
from stacks.constructs.data_key import DataKey
from stacks.constructs.neighbour_copy import NeighbourPlace
from stacks.constructs.network import Network
from stacks.product import regional_order
from tests.infrastructure.kept import app, wanted
from tests.infrastructure.templates import anywhere, of_type, properties
from topology_document.workloads import services_in

US, EU, AP = "us-east-1", "eu-west-1", "ap-southeast-1"
GROUP, DATASTORE = "AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::GlobalReplicationGroup"
TOPOLOGY, INFRASTRUCTURE = wanted("reviews")
NAMES = Names(TOPOLOGY)
PLACES = {"/lifeboat/reviews/caches/security-group", "/lifeboat/reviews/caches/key"}


@cache
def own(region: str) -> dict[str, Any]:
    """What a region's own stack has of caches."""
    stack = Stack(app(), "Region", env=Environment(account=TOPOLOGY.account, region=region))
    key = DataKey(stack, "Key", names=NAMES)
    network = Network(stack, "Network", cidr=TOPOLOGY.region(region).cidr)
    readers = network.closed_security_group(stack, "Pods", "Pods").connections
    NeighbourPlace(stack, "Neighbours", names=NAMES, network=network, key=key, readers=readers)
    for each in caches_of(TOPOLOGY):
        if region != each.born_primary and (each.tier is CacheTier.NEIGHBOUR or region not in each.regions):
            continue
        upkeep = INFRASTRUCTURE.cache_upkeep.get(each.declared, USUAL)
        place: dict[str, Any] = {"network": network, "key": key, "readers": readers}
        Cache(stack, each.name, names=NAMES, cache=each, region=region, upkeep=upkeep, **place)
    return dict(Template.from_stack(stack).to_json())


@cache
def copies() -> dict[str, dict[str, Any]]:
    """What regions have of their neighbours' caches."""
    stacks = list(caches_stacks(app(), TOPOLOGY, INFRASTRUCTURE))
    return {stack.region_name: dict(Template.from_stack(stack).to_json()) for stack in stacks}


def groups(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["ReplicationGroupId"]: each for each in properties(template, GROUP)}


def test_hot_data_is_in_one_datastore_over_all_regions() -> None:
    (hot,) = global_caches(TOPOLOGY)
    assert hot.regions == (US, EU, AP)
    assert "reviews-hot" in groups(own(US))
    for region in (EU, AP):
        assert groups(own(region))["reviews-hot"]["GlobalReplicationGroupId"] == "ldgnf-reviews-hot"


@pytest.mark.parametrize(("owner", "neighbour", "prefix"), [(US, EU, "ldgnf"), (EU, US, "gxeiz"), (AP, EU, "vlqxn")])
def test_warm_data_is_a_regions_own_and_its_nearest_neighbour_has_a_copy(
    owner: str, neighbour: str, prefix: str
) -> None:
    name = f"reviews-warm-{owner}"
    assert name in groups(own(owner))
    suffixes = {each["GlobalReplicationGroupIdSuffix"] for each in properties(own(owner), DATASTORE)}
    assert name in suffixes
    copy = groups(copies()[neighbour])[name]
    assert copy["GlobalReplicationGroupId"] == f"{prefix}-{name}"
    assert {region for region, template in copies().items() if name in groups(template)} == {neighbour}


def test_nobody_moves_warm_data_when_a_region_is_lost() -> None:
    """A region that is lost leaves a copy to read; its neighbour goes on writing its own."""
    assert [each.name for each in global_caches(TOPOLOGY)] == ["hot"]


def test_neighbours_that_have_copies_of_each_other_do_not_wait_for_each_other() -> None:
    assert regional_order(TOPOLOGY)[US] == set()
    assert US in regional_order(TOPOLOGY)[EU]


def test_cold_data_is_in_each_region_by_itself_and_makes_room_for_what_is_asked_for() -> None:
    for region in (US, EU, AP):
        assert "GlobalReplicationGroupId" not in groups(own(region))["reviews-cold"]
        policies = [each["Properties"] for each in properties(own(region), "AWS::ElastiCache::ParameterGroup")]
        assert {"maxmemory-policy": "allkeys-lru"} in policies


@pytest.mark.parametrize("region", [US, EU, AP])
def test_every_copy_of_every_tier_has_a_password_and_stands_in_several_zones(region: str) -> None:
    found = {**groups(own(region)), **groups(copies().get(region, {"Resources": {}}))}
    assert len(found) >= 3
    for each in found.values():
        assert each["AuthToken"]
        assert each["AutomaticFailoverEnabled"] is each["MultiAZEnabled"] is True
        assert each["NumCacheClusters"] == 2
        assert each["KmsKeyId"]


def test_a_regions_password_goes_with_its_copy_to_the_neighbour_and_no_further() -> None:
    secrets = {each["Name"]: each for each in properties(own(US), "AWS::SecretsManager::Secret")}
    assert [each["Region"] for each in secrets[NAMES.cache_secret(f"warm-{US}")]["ReplicaRegions"]] == [EU]
    assert "ReplicaRegions" not in secrets[NAMES.cache_secret("cold")]


def test_people_are_told_of_a_copy_that_is_more_than_five_seconds_behind() -> None:
    for region, template in copies().items():
        held = groups(template)
        alarms = properties(template, "AWS::CloudWatch::Alarm")
        assert len(alarms) == len(held)
        assert {each["Threshold"] for each in alarms} == {5}, region
        watched = {
            dimension["Value"]
            for alarm in alarms
            for metric in alarm["Metrics"]
            if "MetricStat" in metric
            for dimension in metric["MetricStat"]["Metric"]["Dimensions"]
        }
        assert watched == {f"{name}-{number:03}" for name in held for number in (1, 2)}


def test_the_global_tiers_alarm_is_on_the_same_setting() -> None:
    stack = Stack(app(), "Region")
    (hot,) = global_caches(TOPOLOGY)
    upkeep = INFRASTRUCTURE.cache_upkeep["hot"]
    assert upkeep.sync_seconds
    told = AlarmTopic(stack, "Told")
    CacheLag(stack, "Lag", names=NAMES, cache=hot, nodes=upkeep.nodes, sync_seconds=upkeep.sync_seconds, told=told)
    (alarm,) = properties(dict(Template.from_stack(stack).to_json()), "AWS::CloudWatch::Alarm")
    assert alarm["Threshold"] == 5


def test_a_copy_stands_where_its_own_region_says_and_reads_no_other_stack() -> None:
    for template in copies().values():
        assert not {key for key, _ in anywhere(template)} & {"Fn::ImportValue", "Fn::GetStackOutput"}
        told = {each["Default"] for each in template["Parameters"].values() if "SSM" in each["Type"]}
        assert {each for each in told if each.startswith("/lifeboat")} == PLACES
    made = {each["Name"] for each in properties(own(EU), "AWS::SSM::Parameter")}
    assert made == PLACES


def test_a_service_that_names_the_tier_gets_what_its_region_has_of_it() -> None:
    named = {name for name, each in INFRASTRUCTURE.services.items() if "warm" in each.caches}
    assert named
    for name in named:
        here = services_in(TOPOLOGY, INFRASTRUCTURE, EU)[name].caches
        assert set(here) == {"hot", "cold", f"warm-{US}", f"warm-{EU}", f"warm-{AP}"}
        assert set(services_in(TOPOLOGY, INFRASTRUCTURE, AP)[name].caches) == {"hot", "cold", f"warm-{AP}"}


def test_members_are_kept() -> None:
    for template in copies().values():
        assert all(each["DeletionPolicy"] == "RetainExceptOnCreate" for each in of_type(template, GROUP).values())
