"""Two colours of pods behind a region's entrance: a second target group that nobody is led to at first."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

import topology_document
from failover.topology import Names
from manifests import Cluster, manifests_of
from stacks.constructs.compute import Compute
from stacks.constructs.data_key import DataKey
from stacks.constructs.front_door import FrontDoor
from stacks.constructs.network import Network
from stacks.workload_stack import workload_stacks
from tests.infrastructure.areas import by_region
from tests.infrastructure.assembly import ROOT
from tests.infrastructure.templates import of_type, properties
from tests.products import EU, quickstart

REVIEWS = Path(ROOT / "topologies" / "reviews.yaml")


def door(*, coloured: bool) -> dict[str, Any]:
    names = Names(quickstart())
    stack = cdk.Stack(cdk.App(), "Region", env=cdk.Environment(account="111122223333", region=EU))
    key = DataKey(stack, "Key", names=names)
    vpc = Network(stack, "Network", cidr="10.20.0.0/16")
    pods = Compute(stack, "Compute", names=names, region=EU, network=vpc, key=key).connections
    FrontDoor(stack, "Door", names=names, region=EU, network=vpc, pods=pods, bound=True, coloured=coloured)
    return dict(Template.from_stack(stack).to_json())


@pytest.mark.parametrize(("coloured", "groups"), [(True, ["quickstart", "quickstart-green"]), (False, ["quickstart"])])
def test_each_colour_has_a_target_group_that_a_rollout_finds_by_name(*, coloured: bool, groups: list[str]) -> None:
    made = properties(door(coloured=coloured), "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert sorted(each["Name"] for each in made) == groups


def test_nobody_is_led_to_the_second_colour_before_a_rollout() -> None:
    made = door(coloured=True)
    names = {key: each["Properties"]["Name"] for key, each in _groups(made).items()}
    (listener,) = [each for each in properties(made, "AWS::ElasticLoadBalancingV2::Listener") if each["Port"] == 443]
    ((action),) = listener["DefaultActions"]
    weights = {names[each["TargetGroupArn"]["Ref"]]: each["Weight"] for each in action["ForwardConfig"]["TargetGroups"]}
    assert weights == {"quickstart": 1, "quickstart-green": 0}


def test_the_pods_of_both_colours_have_the_same_rights() -> None:
    topology, infrastructure = topology_document.load_whole(REVIEWS)
    for template in by_region(workload_stacks, topology, infrastructure).values():
        bound = properties(template, "AWS::EKS::PodIdentityAssociation")
        roles = {
            space: {each["ServiceAccount"]: str(each["RoleArn"]) for each in bound if each["Namespace"] == space}
            for space in ("reviews", "reviews-green")
        }
        assert roles["reviews"]
        assert roles["reviews"] == roles["reviews-green"]


def test_the_second_colour_stands_in_a_namespace_of_its_own() -> None:
    topology, infrastructure = topology_document.load_whole(REVIEWS)
    spaces = {}
    for green in (False, True):
        made = list(manifests_of(Cluster(topology, infrastructure, EU, green)))
        spaces[green] = {each["metadata"]["namespace"] for each in made if "namespace" in each["metadata"]}
        (bound,) = [each for each in made if each["kind"] == "TargetGroupBinding"]
        assert bound["spec"]["targetGroupName"] == ("reviews-green" if green else "reviews")
    assert "reviews-green" in spaces[True]
    assert "reviews" not in spaces[True]
    assert "reviews-green" not in spaces[False]


def _groups(template: dict[str, Any]) -> dict[str, Any]:
    return of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
