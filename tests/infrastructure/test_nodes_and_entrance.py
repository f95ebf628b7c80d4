"""Promises on a region's nodes and its entrance, where the document says more than how many nodes there are."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from failover.topology import Names
from stacks.constructs.compute import Compute
from stacks.constructs.data_key import DataKey
from stacks.constructs.front_door import FrontDoor
from stacks.constructs.network import Network
from tests.infrastructure.templates import of_type, properties
from tests.products import EU, quickstart
from topology_document.infrastructure.compute import ComputeSection, SpotSection, is_arm
from topology_document.infrastructure.network import NetworkSection

NAMES = Names(quickstart())
SPOT = SpotSection(instance_types=["m7g.large", "m6g.large", "c7g.large"], nodes=1, most_nodes=9)
ASKED = ComputeSection(instance_types=["m7g.xlarge"], disk_gib=80, spot=SPOT, service_cidr="172.21.0.0/16")


def built(
    compute: ComputeSection | None = ASKED, network: NetworkSection | None = None, *, bound: bool = True
) -> dict[str, Any]:
    stack = cdk.Stack(cdk.App(), "Region", env=cdk.Environment(account="111122223333", region=EU))
    key = DataKey(stack, "Key", names=NAMES)
    vpc = Network(stack, "Network", cidr="10.20.0.0/16")
    cluster = Compute(stack, "Compute", names=NAMES, region=EU, network=vpc, key=key, settings=compute)
    pods, settings = cluster.connections, network or NetworkSection(access_log_days=400)
    FrontDoor(stack, "Door", names=NAMES, region=EU, network=vpc, pods=pods, settings=settings, bound=bound)
    return dict(Template.from_stack(stack).to_json())


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return built()


def group(template: dict[str, Any], capacity: str) -> dict[str, Any]:
    (found,) = [each for each in properties(template, "AWS::EKS::Nodegroup") if each["CapacityType"] == capacity]
    return found


def test_a_takeover_finds_the_group_of_nodes_that_stay(template: dict[str, Any]) -> None:
    """``prepare_capacity`` asks the group of this name for nodes; AWS must not take them back."""
    assert group(template, "ON_DEMAND")["NodegroupName"] == NAMES.node_group
    assert group(template, "SPOT")["NodegroupName"] != NAMES.node_group


def test_spot_nodes_are_of_several_types_and_keep_others_away(template: dict[str, Any]) -> None:
    spot = group(template, "SPOT")
    assert spot["InstanceTypes"] == ["m7g.large", "m6g.large", "c7g.large"]
    assert spot["Taints"] == [{"Key": "capacity", "Value": "spot", "Effect": "NO_SCHEDULE"}]
    sizes = spot["ScalingConfig"]
    assert (sizes["MinSize"], sizes["DesiredSize"], sizes["MaxSize"]) == (1, 1, 9)


def test_nodes_are_in_every_zone(template: dict[str, Any]) -> None:
    for each in properties(template, "AWS::EKS::Nodegroup"):
        zones = {
            json.dumps(template["Resources"][subnet["Ref"]]["Properties"]["AvailabilityZone"])
            for subnet in each["Subnets"]
        }
        assert len(zones) == 3


def test_a_node_has_an_encrypted_disk_and_gives_pods_no_credentials(template: dict[str, Any]) -> None:
    (hardware,) = properties(template, "AWS::EC2::LaunchTemplate")
    data = hardware["LaunchTemplateData"]
    (disk,) = [each["Ebs"] for each in data["BlockDeviceMappings"]]
    assert (disk["VolumeSize"], disk["Encrypted"], disk["VolumeType"]) == (80, True, "gp3")
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["MetadataOptions"]["HttpPutResponseHopLimit"] == 1


def test_a_new_version_waits_for_the_disruption_budgets(template: dict[str, Any]) -> None:
    for each in properties(template, "AWS::EKS::Nodegroup"):
        assert each["ForceUpdateEnabled"] is False
        assert each["UpdateConfig"] == {"MaxUnavailablePercentage": 33}


def test_the_cluster_tells_everything_and_has_addresses_of_its_own(template: dict[str, Any]) -> None:
    (cluster,) = properties(template, "AWS::EKS::Cluster")
    told = {each["Type"] for each in cluster["Logging"]["ClusterLogging"]["EnabledTypes"]}
    assert told == {"api", "audit", "authenticator", "controllerManager", "scheduler"}
    assert cluster["KubernetesNetworkConfig"]["ServiceIpv4Cidr"] == "172.21.0.0/16"
    assert cluster["ResourcesVpcConfig"]["EndpointPublicAccess"] is False


@pytest.mark.parametrize(
    ("named", "arm"),
    [("m7g.large", True), ("c6gn.xlarge", True), ("m7i.large", False), ("c7a.large", False), ("t4g.small", True)],
)
def test_the_image_of_a_node_is_of_its_architecture(named: str, arm: bool) -> None:
    assert is_arm(named) is arm
    (nodes,) = properties(built(ComputeSection(instance_types=[named])), "AWS::EKS::Nodegroup")
    assert nodes["AmiType"] == ("AL2023_ARM_64_STANDARD" if arm else "AL2023_x86_64_STANDARD")


def test_users_may_speak_tls_of_1_3_and_checkers_of_1_2(template: dict[str, Any]) -> None:
    policies = {each.get("SslPolicy") for each in properties(template, "AWS::ElasticLoadBalancingV2::Listener")}
    assert policies == {None, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"}


def test_the_entrance_is_kept_and_told_of(template: dict[str, Any]) -> None:
    (balancer,) = properties(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    attributes = {each["Key"]: each["Value"] for each in balancer["LoadBalancerAttributes"]}
    assert attributes["deletion_protection.enabled"] == "true"
    assert attributes["access_logs.s3.enabled"] == "true"
    (logs,) = properties(template, "AWS::S3::Bucket")
    assert logs["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 400
    assert all(logs["PublicAccessBlockConfiguration"].values())
    assert {each["DeletionPolicy"] for each in of_type(template, "AWS::S3::Bucket").values()} == {
        "RetainExceptOnCreate"
    }


def test_the_firewall_stands_before_it(template: dict[str, Any]) -> None:
    (tie,) = properties(template, "AWS::WAFv2::WebACLAssociation")
    (balancer,) = of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert tie["ResourceArn"] == {"Ref": balancer}


def test_the_way_to_the_mesh_is_encrypted_and_found_by_name(template: dict[str, Any]) -> None:
    (targets,) = properties(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert (targets["Name"], targets["Protocol"], targets["Port"]) == ("quickstart", "HTTPS", 8443)
    assert targets["HealthCheckProtocol"] == "HTTPS"


def test_without_services_the_way_is_what_it_was() -> None:
    (targets,) = properties(built(bound=False), "AWS::ElasticLoadBalancingV2::TargetGroup")
    assert "Name" not in targets
    assert (targets["Protocol"], targets["Port"]) == ("HTTP", 8080)
