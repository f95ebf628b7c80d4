"""What the templates say of caches and nodes, region by region; no region's template reads another's."""

from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from failover.topology import Cache, CacheTier, Capacity, Names, Topology, caches_of
from stacks.constructs.cache import Cache as CacheConstruct
from stacks.constructs.compute import Compute
from stacks.constructs.data_key import DataKey
from stacks.constructs.network import Network
from stacks.constructs.regional_access import RegionalAccess
from stacks.product import regional_order
from tests.infrastructure.templates import anywhere, listed, properties
from tests.products import AP, EU, US, quickstart

SESSIONS = Cache("sessions", CacheTier.GLOBAL, EU, (US,), "cache.r7g.xlarge")
REGIONS = quickstart().regions
TOPOLOGY = quickstart(
    caches=(SESSIONS, Cache("pages", CacheTier.REGIONAL, US, (EU, AP))),
    regions=(REGIONS[0], type(REGIONS[1])(EU, REGIONS[1].role, "global", "10.20.0.0/16", Capacity(3, 9)), REGIONS[2]),
)
NAMES = Names(TOPOLOGY)
GROUP = "AWS::ElastiCache::ReplicationGroup"
DATASTORE = "AWS::ElastiCache::GlobalReplicationGroup"


@cache
def template(region: str, topology: Topology = TOPOLOGY) -> dict[str, Any]:
    """The caches and the compute of one region, in a stack of their own."""
    app = cdk.App()
    stack = cdk.Stack(app, "Region", env=cdk.Environment(account=topology.account, region=region))
    names = Names(topology)
    key = DataKey(stack, "Key", names=names)
    network = Network(stack, "Network", cidr=topology.region(region).cidr)
    compute = Compute(stack, "Compute", names=names, region=region, network=network, key=key)
    for each in caches_of(topology):
        if region in each.regions:
            CacheConstruct(
                stack,
                each.name,
                names=names,
                cache=each,
                region=region,
                network=network,
                key=key,
                readers=compute.connections,
            )
    return dict(Template.from_stack(stack).to_json())


def group(region: str, cache: str) -> dict[str, Any]:
    (found,) = [
        each for each in properties(template(region), GROUP) if each["ReplicationGroupId"] == NAMES.cache_group(cache)
    ]
    return found


def test_a_global_cache_is_made_where_it_is_born_and_joined_elsewhere_by_its_computed_id() -> None:
    (datastore,) = properties(template(EU), DATASTORE)
    assert datastore["GlobalReplicationGroupIdSuffix"] == "quickstart-sessions"
    assert [(each["ReplicationGroupRegion"], each["Role"]) for each in datastore["Members"]] == [(EU, "PRIMARY")]
    assert properties(template(US), DATASTORE) == []
    assert group(US, "sessions")["GlobalReplicationGroupId"] == "gxeiz-quickstart-sessions"
    assert "GlobalReplicationGroupId" not in group(EU, "sessions")


def test_who_joins_says_nothing_that_the_datastore_says() -> None:
    """ElastiCache refuses to be told engine, node type or encryption by a group that joins."""
    inherited = {"Engine", "EngineVersion", "CacheNodeType", "AtRestEncryptionEnabled", "TransitEncryptionEnabled"}
    assert inherited <= set(group(EU, "sessions"))
    assert not inherited & set(group(US, "sessions"))


def test_a_region_outside_of_a_caches_list_has_no_copy_of_it() -> None:
    assert [each["ReplicationGroupId"] for each in properties(template(AP), GROUP)] == ["quickstart-pages"]


def test_its_password_is_one_secret_with_replicas() -> None:
    made = {each["Name"]: each for each in properties(template(EU), "AWS::SecretsManager::Secret")}
    assert [each["Region"] for each in made[NAMES.cache_secret("sessions")]["ReplicaRegions"]] == [US]
    assert "ReplicaRegions" not in made[NAMES.cache_secret("pages")]
    assert NAMES.cache_secret("sessions") not in {
        each["Name"] for each in properties(template(US), "AWS::SecretsManager::Secret")
    }


def test_every_copy_has_a_password_and_is_spread_over_the_zones() -> None:
    for region in (US, EU):
        found = group(region, "sessions")
        assert found["AuthToken"]
        assert found["AutomaticFailoverEnabled"] and found["MultiAZEnabled"]


def test_without_declared_caches_each_region_has_one_of_its_own() -> None:
    (only,) = properties(template(EU, quickstart()), GROUP)
    assert (only["ReplicationGroupId"], only["CacheNodeType"]) == ("quickstart-cache", "cache.t4g.small")
    assert properties(template(EU, quickstart()), DATASTORE) == []


def test_a_cache_is_deployed_where_it_was_born_before_it_is_joined() -> None:
    assert EU in regional_order(quickstart(caches=(Cache("sessions", CacheTier.GLOBAL, EU, (AP,)),)))[AP]


@pytest.mark.parametrize(("region", "nodes"), [(US, (2, 2, 6)), (EU, (3, 3, 9))])
def test_a_region_begins_with_its_own_nodes_and_may_grow(region: str, nodes: tuple[int, int, int]) -> None:
    (found,) = properties(template(region), "AWS::EKS::Nodegroup")
    scaling = found["ScalingConfig"]
    assert (scaling["MinSize"], scaling["DesiredSize"], scaling["MaxSize"]) == nodes
    assert found["NodegroupName"] == NAMES.node_group


def test_nothing_reads_another_regions_stack() -> None:
    for region in (US, EU):
        keys = {key for key, _ in anywhere(template(region))}
        assert not keys & {"Fn::GetStackOutput", "Fn::ImportValue"}


def allowed(grant: str, topology: Topology = TOPOLOGY) -> dict[str, set[str]]:
    """What a grant of the regional services allows, action to resources."""
    stack = cdk.Stack(cdk.App(), "Rights")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    getattr(RegionalAccess(Names(topology)), grant)(role)
    found: dict[str, set[str]] = {}
    for policy in properties(dict(Template.from_stack(stack).to_json()), "AWS::IAM::Policy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            for action in listed(statement["Action"]):
                found.setdefault(action, set()).update(listed(statement["Resource"]))
    return found


def test_who_moves_a_cache_may_move_the_declared_ones_alone() -> None:
    datastore = "arn:aws:elasticache::111122223333:globalreplicationgroup:gxeiz-quickstart-sessions"
    members = {f"arn:aws:elasticache:{region}:111122223333:replicationgroup:quickstart-sessions" for region in (EU, US)}
    rights = allowed("grant_promote_caches")
    assert rights["elasticache:FailoverGlobalReplicationGroup"] == {datastore, *members}
    assert rights["elasticache:DescribeGlobalReplicationGroups"] == {datastore}
    assert allowed("grant_promote_caches", quickstart()) == {}


def test_who_asks_for_nodes_may_change_the_products_node_groups_alone() -> None:
    groups = {NAMES.node_group_arn(region) for region in (US, EU, AP)}
    assert allowed("grant_scale")["eks:UpdateNodegroupConfig"] == groups


def test_who_looks_at_the_buckets_rules_may_change_nothing() -> None:
    buckets = {f"arn:aws:s3:::{NAMES.bucket(region)}" for region in (US, EU, AP)}
    assert allowed("grant_read_replication") == {"s3:GetReplicationConfiguration": buckets}
