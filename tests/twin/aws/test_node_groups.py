"""EKS node groups as they are deployed and resized: the states and errors of the API's model."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.twin.aws.conftest import EU, ROLE, US, Client, DeployStack
from twin.aws import EmulatedAws

pytestmark = pytest.mark.twin

LAUNCH_SECONDS = 3.0
WHERE = {"clusterName": "product", "nodegroupName": "nodes"}


def resources(desired: int = 2, most: int = 6) -> dict[str, Any]:
    network = {"SubnetIds": ["subnet-1", "subnet-2"]}
    cluster = {"Name": "product", "RoleArn": ROLE, "ResourcesVpcConfig": network}
    nodes = {
        "ClusterName": {"Ref": "Cluster"},
        "NodegroupName": "nodes",
        "NodeRole": ROLE,
        "Subnets": ["subnet-1", "subnet-2"],
        "ScalingConfig": {"MinSize": 2, "DesiredSize": desired, "MaxSize": most},
    }
    return {
        "Cluster": {"Type": "AWS::EKS::Cluster", "Properties": cluster},
        "Nodes": {"Type": "AWS::EKS::Nodegroup", "Properties": nodes},
    }


@pytest.fixture
def deployed(aws: EmulatedAws, deploy: DeployStack) -> EmulatedAws:
    aws.node_groups.launch_seconds = LAUNCH_SECONDS
    for region in (US, EU):
        assert deploy(resources(), region)["StackStatus"] == "CREATE_COMPLETE"
    return aws


def group(client: Client, region: str = US) -> dict[str, Any]:
    found: dict[str, Any] = client("eks", region).describe_nodegroup(**WHERE)["nodegroup"]
    return found


def in_service(client: Client, region: str = US) -> int:
    names = [each["name"] for each in group(client, region)["resources"]["autoScalingGroups"]]
    answer = client("autoscaling", region).describe_auto_scaling_groups(AutoScalingGroupNames=names)
    (found,) = answer["AutoScalingGroups"]
    return len([each for each in found["Instances"] if each["LifecycleState"] == "InService"])


def resize(client: Client, desired: int, region: str = US) -> dict[str, Any]:
    answer = client("eks", region).update_nodegroup_config(**WHERE, scalingConfig={"desiredSize": desired})
    update: dict[str, Any] = answer["update"]
    return update


def test_its_nodes_are_those_of_its_template(deployed: EmulatedAws, client: Client) -> None:
    assert in_service(client) == 2
    assert group(client)["status"] == "ACTIVE"


def test_a_change_is_under_way_until_its_nodes_are_in_service(deployed: EmulatedAws, client: Client) -> None:
    update = resize(client, 4)
    assert (update["status"], update["type"]) == ("InProgress", "ConfigUpdate")
    assert group(client)["status"] == "UPDATING"
    assert in_service(client) == 2
    with pytest.raises(ClientError) as error:
        resize(client, 5)
    assert error.value.response["Error"]["Code"] == "ResourceInUseException"
    time.sleep(LAUNCH_SECONDS)
    assert (group(client)["status"], in_service(client)) == ("ACTIVE", 4)
    assert in_service(client, EU) == 2


@pytest.mark.parametrize("desired", [1, 7])
def test_its_bounds_are_kept(deployed: EmulatedAws, client: Client, desired: int) -> None:
    with pytest.raises(ClientError) as error:
        resize(client, desired)
    assert error.value.response["Error"]["Code"] == "InvalidParameterException"


def test_without_capacity_it_is_degraded_and_recovers_when_there_is_some(deployed: EmulatedAws, client: Client) -> None:
    deployed.node_groups.exhaust(US)
    resize(client, 4)
    time.sleep(LAUNCH_SECONDS)
    assert in_service(client) == 2
    found = group(client)
    assert (found["status"], found["health"]["issues"][0]["code"]) == ("DEGRADED", "AsgInstanceLaunchFailures")
    deployed.node_groups.replenish(US)
    assert in_service(client) == 4
    assert group(client)["health"]["issues"] == []


def test_a_deployment_that_does_not_touch_it_leaves_it_as_large_as_it_is(
    deployed: EmulatedAws, client: Client, deploy: DeployStack
) -> None:
    resize(client, 4)
    time.sleep(LAUNCH_SECONDS)
    assert deploy({**resources(), "Other": {"Type": "AWS::SNS::Topic"}})["StackStatus"] == "UPDATE_COMPLETE"
    assert in_service(client) == 4


def test_a_deployment_that_changes_its_size_sets_what_the_template_says(
    deployed: EmulatedAws, client: Client, deploy: DeployStack
) -> None:
    resize(client, 4)
    time.sleep(LAUNCH_SECONDS)
    deploy(resources(desired=3, most=9))
    time.sleep(LAUNCH_SECONDS)
    assert in_service(client) == 3


def test_an_unknown_group_is_not_found(aws: EmulatedAws, client: Client) -> None:
    with pytest.raises(ClientError) as error:
        resize(client, 3)
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"
